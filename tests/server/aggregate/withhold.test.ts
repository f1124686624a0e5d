import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Groups } from '../../../server/aggregate/aggregate-query.ts';
import { withhold } from '../../../server/aggregate/withhold.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';

function groups(counts: number[], values: number[] | null, outside = 0, outsidePart = 0): Groups {
  const overall = values === null ? null : values.reduce((sum, value) => sum + value, outsidePart);
  return { keys: [counts.map((_, index) => index)], counts, values, outside, outsidePart, overall };
}

const share = { kind: 'share', of: EVERYTHING } as const;
const sum = { kind: 'sum', field: { name: 'x', type: 'int' } } as const;

describe('withhold', () => {
  it('withholds the value with the count', () => {
    expect(withhold(groups([100, 2, 30], [500, 9, 60]), sum, 5)).toEqual({
      counts: [100, null, null],
      values: [500, null, null],
      total: 132,
      totalValue: 569,
      outside: 0,
      suppressed: { k: 5, groups: 2, count: 32 },
    });
    expect(withhold(groups([2, 1], [9, 1]), sum, 5)).toMatchObject({
      total: null,
      totalValue: null,
      values: [null, null],
    });
  });

  it('tells the part of all rows only of counts that are shown', () => {
    expect(withhold(groups([75, 25], null), { kind: 'share', of: null }, 1)).toMatchObject({
      values: [0.75, 0.25],
      totalValue: null,
    });
    expect(withhold(groups([75, 3, 22], null), { kind: 'share', of: null }, 5).values).toEqual([0.75, null, null]);
    expect(withhold(groups([], null), { kind: 'share', of: null }, 5).values).toEqual([]);
  });

  it('withholds a share that tells of few who satisfy it, or of few who do not', () => {
    const shown = withhold(groups([100, 100, 100, 100, 100], [40, 2, 97, 70, 41]), share, 5);
    // 2 who do and 3 who do not are few; with each goes the next smallest of its side, 40 and 30.
    expect(shown.values).toEqual([null, null, null, null, 0.41]);
    expect(shown.counts).toEqual([null, null, null, null, 100]);
    expect(shown).toMatchObject({ total: 500, totalValue: 0.5, suppressed: { groups: 4, count: 400 } });
    // All or nobody tells of nobody else.
    expect(withhold(groups([100, 50], [100, 0]), share, 5).values).toEqual([1, 0]);
    expect(withhold(groups([], []), share, 5)).toMatchObject({ total: 0, totalValue: null });
  });

  it('leaves nothing small of either part to subtract, whatever is asked', () => {
    const group = fc.tuple(fc.nat(30), fc.nat(30)).filter(([yes, no]) => yes + no > 0);
    fc.assert(
      fc.property(fc.array(group, { maxLength: 8 }), group, fc.constantFrom(1, 5, 10), (all, out, k) => {
        const found = groups(
          all.map(([yes, no]) => yes + no),
          all.map(([yes]) => yes),
          out[0] + out[1],
          out[0],
        );
        const shown = withhold(found, share, k);
        const parts = [...all, out];
        const isShown = [...shown.counts, shown.outside].map((count) => count !== null);
        parts.forEach(([yes, no], index) => {
          if (!isShown[index]) return;
          for (const part of [yes, no]) expect(part === 0 || part >= k).toBe(true);
        });
        if (shown.total === null) return;
        expect(shown.total).toBe(parts.reduce((sum, [yes, no]) => sum + yes + no, 0));
        const hidden = parts.filter((_, index) => !isShown[index]);
        for (const side of [0, 1] as const) {
          const left = hidden.reduce((sum, part) => sum + part[side], 0);
          expect(left === 0 || left >= k).toBe(true);
        }
        expect(shown.suppressed.count).toBe(hidden.reduce((sum, [yes, no]) => sum + yes + no, 0));
        expect(shown.suppressed.groups).toBe(hidden.length);
      }),
      { numRuns: 3000 },
    );
  });
});
