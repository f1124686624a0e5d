import { orient2d } from 'robust-predicates';
import { describe, expect, it } from 'vitest';
import { compileArea } from '../../../server/filter/covers.ts';
import type { Ring } from '../../../server/filter/predicate.ts';
import { randomNumbers } from '../layer-fixture.ts';

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

  it('is nothing without polygons', () => {
    expect(compileArea([])(0, 0)).toBe(false);
  });

  it('is made once for the same polygons', () => {
    const polygons = [[SQUARE]];
    expect(compileArea(polygons)).toBe(compileArea(polygons));
    expect(compileArea([[SQUARE]])).not.toBe(compileArea(polygons));
  });

  it.each([
    ['coarse numbers, so that much lies on borders', 8],
    ['fine numbers', 2 ** 40],
  ])('answers as a test of every edge does: %s', (_, steps) => {
    const random = randomNumbers(steps);
    const number = (from: number, size: number) => from + (Math.round(random() * steps) / steps) * size;
    let inside = 0;
    for (let round = 0; round < 60; round++) {
      const polygons = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
        const [x, y] = [number(113, 0.2), number(23, 0.2)];
        const count = 3 + Math.floor(random() * (round % 10 === 0 ? 600 : 30));
        const star = (size: number): Ring => {
          const ring = Array.from({ length: count }, (__, corner) => {
            const angle = (corner / count) * 2 * Math.PI;
            const radius = number(size / 4, size);
            const at = (centre: number, by: number) =>
              centre + (steps < 100 ? Math.round(by * radius * 100) / 100 : by * radius);
            return [at(x, Math.cos(angle)), at(y, Math.sin(angle))] as const;
          });
          return [...ring, ring[0] as readonly [number, number]];
        };
        return random() < 0.5 ? [star(0.1)] : [star(0.1), star(0.02)];
      });
      const covers = compileArea(polygons);
      const corners = polygons.flat(2);
      for (let n = 0; n < 400; n++) {
        const [a, b] = [corners[n % corners.length], corners[(n + 1) % corners.length]];
        const [lon, lat] =
          n % 4 === 0
            ? [a?.[0] ?? 0, a?.[1] ?? 0]
            : n % 4 === 1
              ? [((a?.[0] ?? 0) + (b?.[0] ?? 0)) / 2, ((a?.[1] ?? 0) + (b?.[1] ?? 0)) / 2]
              : [number(112.9, 0.5), number(22.9, 0.5)];
        const expected = polygons.some((rings) => isInPolygon(rings, lon, lat));
        if (expected) inside++;
        expect(covers(lon, lat), `${lon} ${lat} ${JSON.stringify(polygons)}`).toBe(expected);
      }
    }
    expect(inside).toBeGreaterThan(5000);
  });

  it('tests a million points against a border of 40,000 positions in a moment', () => {
    const random = randomNumbers(5);
    const ring = Array.from({ length: 40_000 }, (_, n) => {
      const angle = (n / 40_000) * 2 * Math.PI;
      const radius = 0.05 + 0.01 * Math.sin(angle * 200) + 0.0001 * random();
      return [113.1 + radius * Math.cos(angle), 23 + radius * Math.sin(angle)] as const;
    });
    const covers = compileArea([[[...ring, ring[0] as readonly [number, number]]]]);
    const started = performance.now();
    let inside = 0;
    for (let n = 0; n < 1_000_000; n++) if (covers(113.03 + random() * 0.14, 22.93 + random() * 0.14)) inside++;
    expect(inside / 1e6).toBeCloseTo((Math.PI * 0.05 ** 2 * 1.02) / 0.14 ** 2, 1);
    // A test of every edge takes minutes. Here it is about 100 ms, on a machine that others use, too.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

/** Every edge of every ring, as a second opinion. */
function isInPolygon([shell, ...holes]: readonly Ring[], lon: number, lat: number): boolean {
  return locate(shell ?? [], lon, lat) >= 0 && !holes.some((hole) => locate(hole, lon, lat) > 0);
}

/** 1 inside, 0 on the border, -1 outside: by the winding number. */
function locate(ring: Ring, lon: number, lat: number): number {
  let winding = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]] as [readonly [number, number], readonly [number, number]];
    const side = orient2d(ax, ay, bx, by, lon, lat);
    const isBeside =
      lon >= Math.min(ax, bx) && lon <= Math.max(ax, bx) && lat >= Math.min(ay, by) && lat <= Math.max(ay, by);
    if (side === 0 && isBeside) return 0;
    if (ay <= lat && by > lat && side < 0) winding++;
    if (ay > lat && by <= lat && side > 0) winding--;
  }
  // Rings of the test may cross themselves where numbers are coarse: odd is inside, as for a ray.
  return Math.abs(winding) % 2 === 1 ? 1 : -1;
}
