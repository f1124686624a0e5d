import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../../server/app.ts';
import { countSince, inHeldOrder } from '../../../../web/features/incident-queue/held-order.ts';

const incident = (id: number, stage = 'collected') => ({ id, stage }) as unknown as Incident;

describe('a list that is held', () => {
  const held = [incident(3), incident(1), incident(2)];
  const now = new Map([incident(1, 'handling'), incident(2), incident(4), incident(5)].map((each) => [each.id, each]));

  it('keeps its order, says what is gone, and shows the rest as it is now', () => {
    expect(inHeldOrder(held, now).map(({ incident: { id, stage }, isGone }) => [id, stage, isGone])).toEqual([
      [3, 'collected', true],
      [1, 'handling', false],
      [2, 'collected', false],
    ]);
  });

  it('counts what came since', () => {
    expect(countSince(held, now.values())).toBe(2);
    expect(countSince(held, held)).toBe(0);
  });
});
