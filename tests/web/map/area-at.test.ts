import type { FeatureCollection, Geometry } from 'geojson';
import { expect, it } from 'vitest';
import { areaAt } from '../../../web/map/area-at.ts';

const ring = (from: number, to: number) => [
  [from, from],
  [to, from],
  [to, to],
  [from, to],
  [from, from],
];
const areas: FeatureCollection<Geometry, Record<string, unknown>> = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { id: 'frame' },
      geometry: { type: 'Polygon', coordinates: [ring(0, 10), ring(4, 6)] },
    },
    {
      type: 'Feature',
      properties: { id: 'parts' },
      geometry: { type: 'MultiPolygon', coordinates: [[ring(4, 5)], [ring(20, 30)]] },
    },
  ],
};

it.each([
  [1, 1, 'frame'],
  [4.5, 4.5, 'parts'],
  [5.5, 5.5, undefined],
  [25, 21, 'parts'],
  [15, 15, undefined],
  [-1, 5, undefined],
])('%d, %d lies in %s', (lng, lat, id) => {
  expect(areaAt(areas, lng, lat)?.properties['id']).toBe(id);
});
