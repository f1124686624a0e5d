import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suppress } from '../../../server/aggregate/suppress.ts';

describe('suppress', () => {
  it('withholds nothing for k = 1', () => {
    expect(suppress([1, 2, 3], 1, 1)).toEqual({
      counts: [1, 2, 3],
      total: 7,
      unlocated: 1,
      suppressed: { k: 1, groups: 0, count: 0 },
    });
  });

  it('withholds the next smallest with a single small group', () => {
    expect(suppress([100, 2, 30], 0, 5)).toEqual({
      counts: [100, null, null],
      total: 132,
      unlocated: 0,
      suppressed: { k: 5, groups: 2, count: 32 },
    });
  });

  it('treats the rows without a place as a group', () => {
    expect(suppress([100, 30], 3, 5)).toMatchObject({ counts: [100, null], unlocated: null, total: 133 });
    expect(suppress([100, 3], 50, 5)).toMatchObject({ counts: [100, null], unlocated: null });
  });

  it('withholds the total when all there is is small', () => {
    expect(suppress([2], 1, 5)).toEqual({
      counts: [null],
      total: null,
      unlocated: null,
      suppressed: { k: 5, groups: 2, count: null },
    });
    expect(suppress([], 0, 5)).toMatchObject({ total: 0, suppressed: { groups: 0, count: 0 } });
  });

  it('adds up, shows nothing small, and leaves nothing small to subtract', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (counts, unlocated, k) => {
          const shown = suppress(counts, unlocated, k);
          for (const count of [...shown.counts, shown.unlocated]) {
            if (count !== null && count !== 0) expect(count).toBeGreaterThanOrEqual(k);
          }
          const { total } = shown;
          if (total === null) {
            expect(counts.reduce((a, b) => a + b, unlocated)).toBeLessThan(k);
            expect([...shown.counts, shown.unlocated].every((count) => count === null || count === 0)).toBe(true);
            return;
          }
          const visible = shown.counts.reduce((sum: number, count) => sum + (count ?? 0), shown.unlocated ?? 0);
          expect(visible + (shown.suppressed.count ?? NaN)).toBe(total);
          // What anybody can compute of the withheld groups is their sum: it is nothing, or not small, or not of one group.
          const rest = total - visible;
          if (rest > 0) {
            expect(rest).toBeGreaterThanOrEqual(k);
            expect(shown.suppressed.groups).toBeGreaterThan(1);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
