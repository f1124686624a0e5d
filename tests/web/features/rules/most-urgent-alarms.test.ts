import { expect, it } from 'vitest';
import { mostUrgentAlarms } from '../../../../web/features/rules/most-urgent-alarms.ts';

it('shows what nobody has acknowledged first, then by severity, then the newest', () => {
  const alarms = [
    { id: 1, severity: 1, acknowledgedAt: '2026-11-28T00:00:00Z' },
    { id: 2, severity: 3, acknowledgedAt: null },
    { id: 3, severity: 2, acknowledgedAt: null },
    { id: 4, severity: 3, acknowledgedAt: null },
  ];
  expect(mostUrgentAlarms(alarms, 9).map(({ id }) => id)).toEqual([3, 4, 2, 1]);
  expect(mostUrgentAlarms(alarms, 2).map(({ id }) => id)).toEqual([3, 4]);
});
