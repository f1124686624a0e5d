import type { IncidentReceipt } from '../contract/incidents.ts';
import type { StoredIncident } from './store.ts';
import type { CheckedIncident } from './validate.ts';

/** What a reporting system is told of an incident that is stored. */
export function receiptOf({
  stored,
  incident,
}: {
  stored: StoredIncident;
  incident: CheckedIncident;
}): IncidentReceipt {
  return { id: stored.id, key: incident.key, isNew: stored.isNew, grid: stored.grid };
}
