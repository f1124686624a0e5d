import type { Geometry as GeoJson } from 'geojson';
import { describe, expect, test } from 'vitest';
import { readShape } from '../../../etl/checks/shape.ts';
import type { Geometry } from '../../../layers/define.ts';

const same = (x: number, y: number): [number, number] => [x, y];
function outcome(type: string, coordinates: unknown, kind: Geometry): string {
  const result = readShape({ type, coordinates } as GeoJson, kind, same);
  if ('code' in result) return result.code;
  return result.geometry === null ? 'empty' : `${result.geometry.kind}, ${result.closed} closed`;
}
const ring = [
  [0, 0],
  [0, 1],
  [1, 1],
  [0, 0],
];

describe('shapes', () => {
  test.each([
    ['Point', [1, 2], 'point', 'point, 0 closed'],
    ['Point', [], 'point', 'empty'],
    ['Point', [1, null], 'point', 'BAD_COORDINATES'],
    ['MultiPoint', [[1, 2]], 'point', 'point, 0 closed'],
    [
      'MultiPoint',
      [
        [1, 2],
        [3, 4],
      ],
      'point',
      'WRONG_GEOMETRY_KIND',
    ],
    [
      'LineString',
      [
        [0, 0],
        [1, 1],
      ],
      'point',
      'WRONG_GEOMETRY_KIND',
    ],
    [
      'LineString',
      [
        [0, 0],
        [1, 1],
      ],
      'line',
      'line, 0 closed',
    ],
    [
      'LineString',
      [
        [1, 1],
        [1, 1],
      ],
      'line',
      'BAD_GEOMETRY',
    ],
    ['LineString', [[1, 1]], 'line', 'BAD_GEOMETRY'],
    [
      'MultiLineString',
      [
        [
          [0, 0],
          [1, 1],
        ],
        [],
      ],
      'line',
      'line, 0 closed',
    ],
    ['Polygon', [ring], 'polygon', 'polygon, 0 closed'],
    ['Polygon', [ring.slice(0, 3)], 'polygon', 'polygon, 1 closed'],
    [
      'Polygon',
      [
        [
          [0, 0],
          [1, 1],
          [0, 0],
        ],
      ],
      'polygon',
      'BAD_GEOMETRY',
    ],
    [
      'Polygon',
      [
        [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ],
      'polygon',
      'BAD_GEOMETRY',
    ],
    [
      'Polygon',
      [
        ring,
        [
          [0.1, 0.2],
          [0.1, 0.2],
          [0.1, 0.2],
        ],
      ],
      'polygon',
      'polygon, 0 closed',
    ],
    [
      'Polygon',
      [
        [
          [0, 0],
          [0, Number.NaN],
          [1, 1],
          [0, 0],
        ],
      ],
      'polygon',
      'BAD_GEOMETRY',
    ],
    ['Polygon', [], 'polygon', 'empty'],
    ['MultiPolygon', [[ring], [ring]], 'polygon', 'polygon, 0 closed'],
  ] as [string, unknown, Geometry, string][])('%s %j as %s: %s', (type, coordinates, kind, expected) => {
    expect(outcome(type, coordinates, kind)).toBe(expected);
  });
});
