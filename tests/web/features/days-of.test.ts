import { expect, it } from 'vitest';
import { daysOf } from '../../../web/features/indicators/days-of.ts';

it('periods end today, months and years begin on their first day', () => {
  expect(daysOf('today', '2026-03-01')).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  expect(daysOf('week', '2026-03-01')).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(daysOf('month', '2026-03-31')).toEqual({ from: '2026-03-01', to: '2026-03-31' });
  expect(daysOf('lastmonth', '2028-03-15')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(daysOf('lastmonth', '2026-01-31')).toEqual({ from: '2025-12-01', to: '2025-12-31' });
  expect(daysOf('year', '2026-11-27')).toEqual({ from: '2026-01-01', to: '2026-11-27' });
});
