import type { Incident } from '../contract/incidents.ts';
import { isoTime } from '../iso-time.ts';
import type { FirstClocks } from '../workflow/first-clocks.ts';
import { FIRST_STAGE } from '../workflow/machine.ts';
import type { CheckedIncident } from './validate.ts';

/**
 * What the live log tells of an incident that has just been stored, without its beginning, `{"id":…,`, which the database
 * adds. The same, to the letter, as `app.incident_json` would write: writing it there costs several times as much.
 */
export function newBody(incident: CheckedIncident, clocks: FirstClocks): string {
  const { key, source, category, title, severity, lon, lat, grid, community, town } = incident;
  const body: Omit<Incident, 'id'> = {
    key,
    source,
    category: category.code,
    categoryTitle: category.title,
    title,
    severity,
    lon,
    lat,
    grid,
    community,
    town,
    state: 'open',
    stage: FIRST_STAGE,
    version: 0,
    department: null,
    assignee: null,
    parent: null,
    reports: 1,
    occurredAt: isoTime(incident.occurredAt),
    receivedAt: isoTime(incident.receivedAt),
    warnAt: isoTime(clocks.warnAt),
    dueAt: isoTime(incident.dueAt),
    stageWarnAt: clocks.stageWarnAt === null ? null : isoTime(clocks.stageWarnAt),
    stageDueAt: clocks.stageDueAt === null ? null : isoTime(clocks.stageDueAt),
    closedAt: null,
  };
  return JSON.stringify(body).slice(1);
}
