import { findCategory, type Category } from '../../server/incidents/categories.ts';
import type { CheckedIncident } from '../../server/incidents/validate.ts';

let made = 0;
/** Part of every key made here, so that test files that share a database do not share incidents. */
const run = Math.random().toString(36).slice(2, 10);

/** A checked incident with a key of its own. */
export function makeIncident(changes: Partial<CheckedIncident> = {}): CheckedIncident {
  made += 1;
  const now = Date.now();
  return {
    key: `${run}-${made}`,
    source: `test-${run}`,
    category: findCategory('06010') as Category,
    title: `暴露垃圾 ${made}`,
    severity: made % 5,
    lon: 113.05,
    lat: 23.05,
    grid: '440604012018W001',
    community: '440604012018',
    town: '440604012000',
    occurredAt: now - 1000,
    receivedAt: now,
    dueAt: now + 3_600_000,
    ...changes,
  };
}

export function makeIncidents(count: number, changes: Partial<CheckedIncident> = {}): CheckedIncident[] {
  return Array.from({ length: count }, () => makeIncident(changes));
}
