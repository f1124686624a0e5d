import { z } from 'zod';
import type { Incident } from '../contract/incidents.ts';
import type { LiveEvent } from '../contract/live.ts';
import type { Wants } from './contract.ts';

/** Something that somebody may want to be told of. */
export interface Fact {
  kind: 'incident' | 'closed' | 'overdue' | 'alarm';
  /** The same cause is told once. */
  cause: string;
  /** ISO 8601. */
  at: string;
  restricted: boolean;
  severity: number;
  town: string | null;
  category: string | null;
  stage: string | null;
  /** Only for who subscribed before it came in: a change of something old, not news of it. */
  receivedAt: string | null;
  incident: Incident | null;
  /** Of an alarm. */
  title: { zh: string; en: string } | null;
}

/** What is read of alarms, whichever part of the service raises them. */
const Alarm = z.object({
  id: z.number(),
  title: z.object({ zh: z.string(), en: z.string() }),
  severity: z.number().int().min(0).max(4),
  town: z.string().nullish(),
  raisedAt: z.string(),
});

/** As `app.incident.restricted`. */
const RESTRICTED = /^Z0[1-5]/;

export function factOfIncident(
  incident: Incident,
  kind: Exclude<Fact['kind'], 'alarm'>,
  cause: string,
  at: string,
): Fact {
  return {
    kind,
    cause,
    at,
    restricted: RESTRICTED.test(incident.category),
    severity: incident.severity,
    town: incident.town,
    category: incident.category,
    stage: incident.stage,
    receivedAt: null,
    incident,
    title: null,
  };
}

/** What an entry of the live log tells; nothing for most of them. */
export function factOf(event: LiveEvent | { type: string; committedAt: number; alarm?: unknown }): Fact | undefined {
  const at = new Date(event.committedAt).toISOString();
  if ('incident' in event) {
    const { incident, type } = event;
    // Reports of something known are counted there, not told again; they end with it, too.
    if (incident.parent !== null) return undefined;
    if (type === 'incident.closed') {
      return factOfIncident(incident, 'closed', `closed:${incident.id}:${incident.closedAt}`, at);
    }
    if (incident.state === 'closed') return undefined;
    const fact = factOfIncident(incident, 'incident', `incident:${incident.id}`, at);
    return type === 'incident.created' ? fact : { ...fact, receivedAt: incident.receivedAt };
  }
  if (event.type !== 'alarm.raised') return undefined;
  const alarm = Alarm.safeParse('alarm' in event ? event.alarm : undefined);
  if (!alarm.success) return undefined;
  const { id, title, severity, town = null, raisedAt } = alarm.data;
  return {
    kind: 'alarm',
    cause: `alarm:${id}`,
    at: raisedAt,
    // Alarms are for staff, whatever they are about.
    restricted: true,
    severity,
    town,
    category: null,
    stage: null,
    receivedAt: null,
    incident: null,
    title,
  };
}

/** Whether somebody wants to be told of it. What has no category or stage is not wanted by one. */
export function isWanted(wants: Wants, fact: Fact): boolean {
  return (
    wants.kinds.includes(fact.kind) &&
    (wants.severities?.includes(fact.severity) ?? true) &&
    (wants.towns?.includes(fact.town ?? '') ?? true) &&
    (wants.categories?.some((start) => fact.category?.startsWith(start)) ?? true) &&
    (wants.stages?.includes(fact.stage ?? '') ?? true)
  );
}
