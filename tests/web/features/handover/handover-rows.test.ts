import { expect, it } from 'vitest';
import type { Incident, IncidentSnapshot } from '../../../../server/app.ts';
import { handoverRows } from '../../../../web/features/handover/handover-rows.ts';
import { fromSnapshot } from '../../../../web/situation.ts';

const NOW = Date.parse('2026-11-28T08:00:00+08:00');
const incident = (id: number, severity: number, dueInMs = 60_000, parent: number | null = null) =>
  ({
    id,
    severity,
    parent,
    state: 'open',
    grid: '440604012018W001',
    dueAt: new Date(NOW + dueInMs).toISOString(),
  }) as unknown as Incident;

it('hands over what is red, orange or late, once, most urgent first, and counts what has no room', () => {
  const grave = Array.from({ length: 25 }, (_, index) => incident(100 + index, 2));
  const incidents = [incident(1, 0), incident(2, 0, -5), incident(3, 1), incident(4, 1, 60_000, 3), ...grave];
  const situation = fromSnapshot(
    {
      incidents,
      cells: { codes: [], open: [], overdue: [] },
      openTotal: 28,
      overdueTotal: 1,
      createdToday: 0,
      closedToday: 0,
      cursor: 'x.1',
    } as unknown as IncidentSnapshot,
    NOW,
  );
  const { rows, more } = handoverRows(situation);
  expect(rows.slice(0, 3).map(({ id }) => id)).toEqual([3, 2, 124]);
  expect(rows).toHaveLength(20);
  expect(more).toBe(7);
});
