import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../../server/app.ts';
import { ATTENTION_MS, redArrivals } from '../../../../web/features/attention/red-arrivals.ts';

const incident = (id: number, severity: number, parent: number | null = null) =>
  ({ id, severity, parent }) as unknown as Incident;
const openOf = (...incidents: Incident[]) => new Map(incidents.map((each) => [each.id, each]));

const idsOf = (arrivals: ReturnType<typeof redArrivals>) => arrivals.map(({ incident: { id } }) => id);

describe('red arrivals', () => {
  const all = [incident(4, 1, 3), incident(3, 1), incident(2, 2), incident(1, 1)];
  const open = openOf(...all);

  it('are the red ones only, each once, and no reports of another', () => {
    const first = redArrivals([], all, open, new Set(), 0);
    expect(first.map(({ incident: { id } }) => id)).toEqual([3, 1]);
    expect(redArrivals(first, all, open, new Set(), 10)).toEqual(first);
  });

  it('end when they are looked at, closed, or a minute old', () => {
    const first = redArrivals([], all, open, new Set(), 0);
    expect(idsOf(redArrivals(first, [], open, new Set([3]), 1))).toEqual([1]);
    expect(idsOf(redArrivals(first, [], openOf(incident(3, 1)), new Set(), 1))).toEqual([3]);
    expect(redArrivals(first, [], open, new Set(), ATTENTION_MS)).toEqual([]);
  });
});
