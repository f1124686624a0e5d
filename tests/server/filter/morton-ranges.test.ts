import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mortonRanges } from '../../../server/filter/morton-ranges.ts';
import type { Bbox } from '../../../server/filter/predicate.ts';
import { mortonKey } from '../../../server/tiles/tile.ts';
import { worldPixel } from '../layer-fixture.ts';

function keyOf(lon: number, lat: number): number {
  const [mx, my] = worldPixel([lon, lat]);
  const last = 2 ** 30 - 1;
  return mortonKey(Math.min(last, Math.max(0, mx)) >>> 8, Math.min(last, Math.max(0, my)) >>> 8);
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** From a metre to the whole world. */
const box = fc
  .tuple(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: -5, max: 2.6, noNaN: true }),
    fc.double({ min: -5, max: 2.6, noNaN: true }),
  )
  .map(([west, south, width, height]): Bbox => {
    return [west, south, Math.min(180, west + 10 ** width), Math.min(90, south + 10 ** height)];
  });

describe('mortonRanges', () => {
  it('hold every point of the box, borders included', () => {
    fc.assert(
      fc.property(box, share, share, fc.integer({ min: 4, max: 32 }), (bbox, x, y, most) => {
        const [west, south, east, north] = bbox;
        const ranges = mortonRanges(bbox, most);
        expect(ranges.length).toBeGreaterThan(0);
        expect(ranges.length).toBeLessThanOrEqual(most);
        for (const [lon, lat] of [
          [Math.min(east, west + (east - west) * x), Math.min(north, south + (north - south) * y)],
          [west, south],
          [east, north],
        ] as const) {
          const key = keyOf(lon, lat);
          expect(ranges.filter(({ low, high }) => key >= low && key < high)).toHaveLength(1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('ascend and do not touch', () => {
    fc.assert(
      fc.property(box, (bbox) => {
        const ranges = mortonRanges(bbox);
        for (const { low, high } of ranges) expect(low).toBeLessThan(high);
        for (let i = 1; i < ranges.length; i++) expect(ranges[i]?.low).toBeGreaterThan(ranges[i - 1]?.high ?? Infinity);
      }),
    );
  });

  it('are little more than the box', () => {
    // A kilometre of the district, 0.0095 by 0.009 degrees: 107 by 107 tiles of zoom 22.
    const keys = mortonRanges([113.1, 23.02, 113.1095, 23.029]).reduce((sum, { low, high }) => sum + high - low, 0);
    expect(keys).toBeGreaterThan(107 * 107);
    expect(keys).toBeLessThan(107 * 107 * 3);
    expect(mortonRanges([-180, -90, 180, 90])).toEqual([{ low: 0, high: 4 ** 22 }]);
  });
});
