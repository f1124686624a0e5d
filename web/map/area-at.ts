import type { FeatureCollection, Geometry, Position } from 'geojson';
import { geometryBounds } from './area-center.ts';

type Areas = FeatureCollection<Geometry, Record<string, unknown>>;

/** Boxes of the areas, reckoned once: hundreds of places are looked up among the same ones. */
const boxesOf = new WeakMap<Areas, ([number, number, number, number] | null)[]>();

function isInRing(ring: readonly Position[], lng: number, lat: number): boolean {
  let isInside = false;
  ring.forEach(([x = 0, y = 0], index) => {
    const [px = 0, py = 0] = ring[index - 1] ?? ring.at(-1) ?? [];
    if (y > lat !== py > lat && lng < ((px - x) * (lat - y)) / (py - y) + x) isInside = !isInside;
  });
  return isInside;
}

/** In the outline and in none of the holes. */
function isInPolygon(rings: readonly (readonly Position[])[], lng: number, lat: number): boolean {
  return rings.filter((ring) => isInRing(ring, lng, lat)).length % 2 === 1;
}

/** The area that a place lies in; null where there is none. */
export function areaAt(areas: Areas | undefined, lng: number, lat: number): Areas['features'][number] | null {
  if (areas === undefined) return null;
  const boxes = boxesOf.get(areas) ?? areas.features.map(({ geometry }) => geometryBounds(geometry));
  boxesOf.set(areas, boxes);
  const index = areas.features.findIndex(({ geometry }, at) => {
    const [west, south, east, north] = boxes[at] ?? [];
    if (west === undefined || lng < west || lng > east! || lat < south! || lat > north!) return false;
    if (geometry.type === 'Polygon') return isInPolygon(geometry.coordinates, lng, lat);
    return geometry.type === 'MultiPolygon' && geometry.coordinates.some((rings) => isInPolygon(rings, lng, lat));
  });
  return areas.features[index] ?? null;
}
