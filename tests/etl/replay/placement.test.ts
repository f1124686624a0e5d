import type { Feature, Polygon } from 'geojson';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Placement } from '../../../etl/replay/placement.ts';
import { buildMesh } from '../../../server/db/mesh.ts';

/** An L of three squares of 0.1 degree: the north-east one is missing. */
const squares = (
  [
    [113, 23],
    [113.1, 23],
    [113, 23.1],
  ] as const
).map(([x, y], i): Feature<Polygon> => ({
  type: 'Feature',
  id: i,
  properties: {},
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [x, y],
        [x + 0.1, y],
        [x + 0.1, y + 0.1],
        [x, y + 0.1],
        [x, y],
      ],
    ],
  },
}));
const mesh = buildMesh(squares.map(({ geometry }, i) => ({ code: `${i}`, rings: geometry.coordinates })));
const extent = [
  { lon: -122.4, lat: 47.4 },
  { lon: -122.2, lat: 47.8 },
];

test('the extent of the source becomes the extent of the district', () => {
  const placement = new Placement(squares, extent);
  expect(placement.isMapped).toBe(true);
  expect(placement.place(-122.35, 47.5, 0)).toEqual({ lon: 113.05, lat: 23.05, moved: false });
  // North stays north, east stays east.
  expect(placement.place(-122.25, 47.5, 0)).toEqual({ lon: 113.15, lat: 23.05, moved: false });
  expect(placement.place(-122.35, 47.7, 0)).toEqual({ lon: 113.05, lat: 23.15, moved: false });
});

test('every place of the source comes to lie in a micro-grid, the same one each time', () => {
  const placement = new Placement(squares, extent);
  const lon = fc.double({ min: -122.4, max: -122.2, noNaN: true });
  const lat = fc.double({ min: 47.4, max: 47.8, noNaN: true });
  fc.assert(
    fc.property(lon, lat, fc.double({ min: 0, max: 1, noNaN: true }), (lon, lat, seed) => {
      const placed = placement.place(lon, lat, seed);
      expect(mesh.locate(placed.lon, placed.lat)).toBeGreaterThanOrEqual(0);
      expect(placement.place(lon, lat, seed)).toEqual(placed);
    }),
  );
});

test('what falls outside goes into the nearest micro-grid, not onto its edge', () => {
  const placement = new Placement(squares, extent);
  const placed = placement.place(-122.21, 47.61, 0.3);
  expect(placed.moved).toBe(true);
  expect(mesh.codes[mesh.locate(placed.lon, placed.lat)]).toBe('1');
});

test('places of the district itself stay where they are', () => {
  const placement = new Placement(squares, [
    { lon: 113.01, lat: 23.01 },
    { lon: 113.12, lat: 23.05 },
    { lon: 0, lat: 0 },
  ]);
  expect(placement.isMapped).toBe(false);
  expect(placement.place(113.0123456789, 23.01, 0)).toEqual({ lon: 113.012346, lat: 23.01, moved: false });
});

test('without micro-grids nothing is placed', () => {
  expect(() => new Placement([], extent)).toThrow('no micro-grids');
});
