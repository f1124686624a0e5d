import type { FeatureCollection } from 'geojson';
import { expect, test } from 'vitest';
import { bordersOf } from '../../../web/map/borders-of.ts';

const areas: FeatureCollection = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: {},
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
            [0, 0],
          ],
        ],
      },
    },
    // Beside it, walked around the other way, with a hole.
    {
      type: 'Feature',
      properties: {},
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [1, 0],
              [1, 1],
              [2, 1],
              [2, 0],
              [1, 0],
            ],
            [
              [1.2, 0.2],
              [1.4, 0.2],
              [1.4, 0.4],
              [1.2, 0.2],
            ],
          ],
        ],
      },
    },
    { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [5, 5] } },
  ],
};

test('a border that two areas share is drawn once, and none is left out', () => {
  const { length, from, to } = bordersOf(areas);
  expect(length).toBe(4 + 3 + 3);
  expect(from).toHaveLength(2 * length);
  const lines = Array.from({ length }, (_, i) =>
    [from.slice(2 * i, 2 * i + 2).join(), to.slice(2 * i, 2 * i + 2).join()].toSorted().join(' '),
  );
  expect(new Set(lines).size).toBe(length);
  expect(lines.filter((line) => line === '1,0 1,1')).toHaveLength(1);
  expect(lines).toContain('1.2,0.2 1.4,0.4');
});

test('the borders of an answer are computed once', () => {
  expect(bordersOf(areas)).toBe(bordersOf(areas));
});
