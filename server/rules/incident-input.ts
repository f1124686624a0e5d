import type { Incident } from '../contract/incidents.ts';
import type { LiveEvent } from '../contract/live.ts';
import type { IncidentFacts, IncidentInput } from './event.ts';

function factsOf(incident: Incident): IncidentFacts {
  const { id, category, source, title, severity, state, stage, department, reports, lon, lat } = incident;
  const { grid, community, town, stageDueAt } = incident;
  return {
    id,
    category,
    source,
    title,
    severity,
    state,
    // Entries from before the workflow have neither.
    stage: stage ?? 'collected',
    department: department ?? null,
    reports: reports ?? 1,
    lon,
    lat,
    grid,
    community,
    town,
    stageDueAt: stageDueAt ? Date.parse(stageDueAt) : null,
  };
}

const MOVES: Record<string, IncidentInput['move']> = {
  'incident.created': 'created',
  'incident.updated': 'updated',
  'incident.closed': 'closed',
  'incident.reopened': 'reopened',
};

/**
 * Entries of the log as rules take them, in its order; time does not go back from one to the next, nor behind `now`. Entries
 * about anything but incidents are left out.
 */
export function toIncidentInputs(events: readonly LiveEvent[], now: number): IncidentInput[] {
  let at = now;
  const inputs: IncidentInput[] = [];
  for (const event of events) {
    const move = MOVES[event.type];
    if (move === undefined || !('incident' in event)) continue;
    at = Math.max(at, event.committedAt);
    inputs.push({ kind: 'incident', at, move, incident: factsOf(event.incident) });
  }
  return inputs;
}
