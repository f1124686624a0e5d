import type { FeatureCollection, Geometry, Position } from 'geojson';

type Area = FeatureCollection<Geometry, Record<string, unknown>>['features'][number];

/** Middle of the bounding box of the areas chosen, EPSG:4326; null when there are none. Enough to move a camera to. */
export function areaCenter(
  areas: FeatureCollection<Geometry, Record<string, unknown>> | undefined,
  isChosen: (area: Area) => boolean,
): { lng: number; lat: number } | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (position: Position) => {
    const [lng = NaN, lat = NaN] = position;
    west = Math.min(west, lng);
    east = Math.max(east, lng);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  };
  for (const area of areas?.features ?? []) {
    if (!isChosen(area)) continue;
    const { geometry } = area;
    if (geometry.type === 'Polygon') geometry.coordinates[0]?.forEach(visit);
    else if (geometry.type === 'MultiPolygon') geometry.coordinates.forEach((part) => part[0]?.forEach(visit));
  }
  return west <= east ? { lng: (west + east) / 2, lat: (south + north) / 2 } : null;
}
