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

/** Centroid of the largest ring of a polygon, EPSG:4326; null for other geometries. Good enough for a name. */
export function areaMiddle(geometry: Geometry): { lng: number; lat: number } | null {
  const rings =
    geometry.type === 'Polygon'
      ? [geometry.coordinates[0]]
      : geometry.type === 'MultiPolygon'
        ? geometry.coordinates.map((part) => part[0])
        : [];
  let best: { area: number; lng: number; lat: number } | null = null;
  for (const ring of rings) {
    const [origin] = ring ?? [];
    if (!ring || !origin) continue;
    // Sums relative to the first corner: degrees squared would lose the small differences.
    const [x0 = 0, y0 = 0] = origin;
    let [area, x, y] = [0, 0, 0];
    ring.forEach(([bx = 0, by = 0], index) => {
      const [ax = 0, ay = 0] = ring[index - 1] ?? ring.at(-1) ?? [];
      const cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
      area += cross / 2;
      x += ((ax - x0 + bx - x0) * cross) / 6;
      y += ((ay - y0 + by - y0) * cross) / 6;
    });
    if (area !== 0 && (best === null || Math.abs(area) > best.area)) {
      best = { area: Math.abs(area), lng: x0 + x / area, lat: y0 + y / area };
    }
  }
  return best && { lng: best.lng, lat: best.lat };
}

/** The box around a geometry of any kind, `[west, south, east, north]`; null when it has no position. */
export function geometryBounds(geometry: Geometry): [number, number, number, number] | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [lng, lat] = part as unknown[];
    if (typeof lng !== 'number' || typeof lat !== 'number') part.forEach(visit);
    else {
      box[0] = Math.min(box[0], lng);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lng);
      box[3] = Math.max(box[3], lat);
    }
  };
  if (geometry.type === 'GeometryCollection') {
    for (const part of geometry.geometries) {
      const [west, south, east, north] = geometryBounds(part) ?? [];
      visit([
        [west, south],
        [east, north],
      ]);
    }
  } else visit(geometry.coordinates);
  return box[0] <= box[2] ? box : null;
}
