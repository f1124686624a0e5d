import type { Geometry } from 'geojson';
import { describe, expect, test } from 'vitest';
import { readShape } from '../../../etl/checks/shape.ts';
import { toWgs84, type ToWgs84 } from '../../../etl/crs/transform.ts';
import type { StoredGeometry } from '../../../etl/encode/geometry.ts';
import { deliveredPlace, firstPosition } from '../../../etl/steps/place.ts';

function point(x: number, y: number, crs = 'EPSG:4326', isDistrict = true) {
  const transform = toWgs84(crs);
  const [lon, lat] = transform(x, y);
  return deliveredPlace({ kind: 'point', lon, lat }, { x, y, transform }, null, isDistrict);
}

/** Of a shape as the loader reads it, or of what came where it could not be read. */
function shape(source: Geometry, transform: ToWgs84 = (x, y) => [x, y]) {
  const read = readShape(source, 'polygon', transform);
  const stored: StoredGeometry | null = 'code' in read ? null : read.geometry;
  const [x, y] = firstPosition(source) ?? [Number.NaN, Number.NaN];
  return deliveredPlace(stored, { x, y, transform }, source, true);
}

describe('where a refused row lies', () => {
  test('a point far away lies where it says', () => {
    expect(point(114.1, 22.5)).toEqual({ lon: 114.1, lat: 22.5 });
    expect(point(-60, -80)).toEqual({ lon: -60, lat: -80 });
  });

  test('a point with exchanged axes lies where the district would have it, in degrees and in metres', () => {
    expect(point(23.02, 113.11)).toEqual({ lon: 113.11, lat: 23.02 });
    const [easting, northing] = [406_500, 2_546_000];
    const straight = point(easting, northing, 'EPSG:4547');
    expect(straight!.lon).toBeGreaterThan(113);
    expect(point(northing, easting, 'EPSG:4547')).toEqual(straight);
    // Anywhere on earth nothing says that axes are exchanged.
    expect(point(23.02, 63.11, 'EPSG:4326', false)).toEqual({ lon: 23.02, lat: 63.11 });
  });

  test('what is no place on earth has none, and 0, 0 stands for none', () => {
    expect(point(0, 0)).toBeNull();
    expect(point(500, 500)).toBeNull();
    expect(point(Number.NaN, 23)).toBeNull();
    expect(point(1e12, 1e12, 'EPSG:4547')).toBeNull();
    // The library for this one throws at what is no number.
    expect(deliveredPlace(null, { x: 113, y: 23, transform: toWgs84('BD-09') }, null, true)).toBeNull();
  });

  test('a shape that cannot be read lies at its first corner, if it has one', () => {
    expect(shape({ type: 'Point', coordinates: [113.1, 23] })).toEqual({ lon: 113.1, lat: 23 });
    expect(shape({ type: 'LineString', coordinates: [] })).toBeNull();
    expect(shape({ type: 'GeometryCollection', geometries: [] })).toBeNull();
    expect(
      shape({
        type: 'Polygon',
        coordinates: [
          [
            [113.1, 23],
            [113.1, 23],
          ],
        ],
      }),
    ).toEqual({ lon: 113.1, lat: 23 });
    // Written by programs of all kinds.
    for (const coordinates of ['113,23', null, [['113', '23']], [[[]]], 5])
      expect(shape({ type: 'Polygon', coordinates } as unknown as Geometry)).toBeNull();
  });

  test('a shape far away lies in its middle', () => {
    const square = [
      [100, 20],
      [100.2, 20],
      [100.2, 20.2],
      [100, 20.2],
      [100, 20],
    ];
    const at = shape({ type: 'Polygon', coordinates: [square] })!;
    expect(at.lon).toBeCloseTo(100.1, 6);
    expect(at.lat).toBeCloseTo(20.1, 3);
  });
});
