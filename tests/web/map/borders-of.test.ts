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
  expect(bordersOf(areas, 4)).toBe(bordersOf(areas, 4));
  expect(bordersOf(areas, 4)).not.toBe(bordersOf(areas));
});

const square = (coordinates: number[][]) => ({
  type: 'Feature' as const,
  properties: {},
  geometry: { type: 'Polygon' as const, coordinates: [coordinates] },
});

/** Two squares of some 100 m side by side; their common border has a corner that is `beside` metres east of its line. */
function bent(beside: number): FeatureCollection {
  const [x, y, side] = [113, 23, 0.001];
  const corner = [x + side + beside / (111_320 * Math.cos((23 * Math.PI) / 180)), y + side / 2];
  return {
    type: 'FeatureCollection',
    features: [
      square([[x, y], [x + side, y], corner, [x + side, y + side], [x, y + side], [x, y]]),
      square([[x + side, y], [x + 2 * side, y], [x + 2 * side, y + side], [x + side, y + side], corner, [x + side, y]]),
    ],
  };
}

test('a corner that nobody would see is left out of both sides; where borders meet, they still do', () => {
  expect(bordersOf(bent(3)).length).toBe(8);
  expect(bordersOf(bent(3), 4).length).toBe(7);
  expect(bordersOf(bent(5), 4).length).toBe(8);
  const { from, to } = bordersOf(bent(3), 4);
  const lines = Array.from({ length: 7 }, (_, i) =>
    [from.slice(2 * i, 2 * i + 2).join(), to.slice(2 * i, 2 * i + 2).join()].toSorted().join(' '),
  );
  expect(lines).toContain('113.001,23 113.001,23.001');
});

test('an island that touches nobody keeps its shape', () => {
  const ring = Array.from({ length: 25 }, (_, i) => [
    113 + 0.01 * Math.cos((i * Math.PI) / 12),
    23 + 0.01 * Math.sin((i * Math.PI) / 12),
  ]);
  ring[24] = ring[0] as number[];
  const island: FeatureCollection = {
    type: 'FeatureCollection',
    features: [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }],
  };
  expect(bordersOf(island, 1).length).toBe(24);
  expect(bordersOf(island, 100).length).toBeGreaterThan(6);
});
