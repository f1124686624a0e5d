import type { IncidentBatchReceipt, IncidentReceipt } from '../contract/incidents.ts';
import type { IntakeResult } from './intake.ts';
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

/** What a reporting system is told of a batch; those that were refused are left to the caller. */
export function batchReceiptOf(results: readonly IntakeResult[]): IncidentBatchReceipt {
  const receipt: IncidentBatchReceipt = { accepted: 0, duplicates: 0, receipts: [], rejected: [] };
  for (const result of results) {
    if (result.rejection) continue;
    receipt[result.stored.isNew ? 'accepted' : 'duplicates'] += 1;
    receipt.receipts.push(receiptOf(result));
  }
  return receipt;
}
