import { describe, expect, it } from 'vitest';
import { compileArea, findCrossing } from '../../../server/filter/polygon.ts';

const SQUARE = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
] as const;
const HOLE = [
  [1, 1],
  [3, 1],
  [3, 3],
  [1, 3],
  [1, 1],
] as const;

describe('compileArea', () => {
  it.each([true, false])('covers the inside and the border, not the hole (reversed: %s)', (reversed) => {
    const turn = <T>(ring: readonly T[]) => (reversed ? ring.toReversed() : ring);
    const covers = compileArea([[turn(SQUARE), turn(HOLE)]]);
    for (const [lon, lat] of [
      [0.5, 2],
      [0, 0],
      [4, 4],
      [0, 2],
      [2, 0],
      [2, 4],
      [4, 2],
      [1, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      expect(covers(lon, lat), `${lon} ${lat}`).toBe(true);
    }
    for (const [lon, lat] of [
      [2, 2],
      [-1, 0],
      [5, 4],
      [5, 0],
      [-1, 4],
      [2, -0.1],
      [1.5, 2.9],
    ] as const) {
      expect(covers(lon, lat), `${lon} ${lat}`).toBe(false);
    }
    expect(covers(NaN, NaN)).toBe(false);
  });

  it('is exact beside a slanting border', () => {
    const covers = compileArea([
      [
        [
          [0, 0],
          [3, 1],
          [0, 1],
          [0, 0],
        ],
      ],
    ]);
    // The middle of the border from (0,0) to (3,1), and its two neighbours among the numbers.
    expect(covers(1.5, 0.5)).toBe(true);
    expect(covers(1.5, 0.5 + 2 ** -53)).toBe(true);
    expect(covers(1.5, 0.5 - 2 ** -54)).toBe(false);
  });
});

describe('findCrossing', () => {
  it('allows rings that touch', () => {
    expect(
      findCrossing([
        SQUARE,
        [
          [0, 0],
          [2, 1],
          [1, 2],
          [0, 0],
        ],
      ]),
    ).toBeNull();
  });
  it('finds a bow-tie, and a hole that leaves its shell', () => {
    expect(
      findCrossing([
        [
          [0, 0],
          [4, 4],
          [4, 0],
          [0, 4],
          [0, 0],
        ],
      ]),
    ).not.toBeNull();
    expect(
      findCrossing([
        SQUARE,
        [
          [1, 1],
          [5, 1],
          [1, 2],
          [1, 1],
        ],
      ]),
    ).not.toBeNull();
  });
});
