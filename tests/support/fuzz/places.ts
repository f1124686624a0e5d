import * as fc from 'fast-check';

/** Places and times around the district. */
/** Whole steps: a random double is most often next to nothing. */
const between = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1_000_000 }).map((step) => least + ((most - least) * step) / 1_000_000);
/** Mostly within micro-grids. */
export const lon = between(113.03, 113.13);
export const lat = between(22.97, 23.04);
export const box = fc
  .tuple(lon, lat, lon, lat)
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);
export const number = fc.oneof(fc.integer({ min: -5, max: 500 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
export const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
export const crs = fc
  .constantFrom(4326, 4490, 3857, 4526, 4547, 4491, 4513, 4554, 4502, 9999)
  .map((code) => `http://www.opengis.net/def/crs/EPSG/0/${code}`);
