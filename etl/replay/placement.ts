import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson';

/** A micro-grid: its rings and their extent, EPSG:4326. */
interface Cell {
  rings: readonly Position[][];
  bbox: Bbox;
}
type Bbox = [minLon: number, minLat: number, maxLon: number, maxLat: number];

export interface Placed {
  lon: number;
  lat: number;
  /** The place fell outside the district and was moved into the nearest micro-grid. */
  moved: boolean;
}

/** Reads the micro-grids of the district from the API. */
export async function fetchCells(
  url: string,
  headers: Record<string, string>,
): Promise<Feature<Polygon | MultiPolygon>[]> {
  const cells: Feature<Polygon | MultiPolygon>[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = new URL('/api/layers/governance_grid/features', url);
    page.searchParams.set('limit', '500');
    if (cursor !== undefined) page.searchParams.set('cursor', cursor);
    const response = await fetch(page, { headers });
    if (!response.ok) throw new Error(`micro-grids of ${page.href}: ${response.status} ${await response.text()}`);
    const body = (await response.json()) as FeatureCollection<Polygon | MultiPolygon> & { next?: string | null };
    cells.push(...body.features);
    cursor = body.next ?? undefined;
  }
  return cells;
}

/**
 * Puts places of another city onto the district: the extent of the source is stretched over the extent of the
 * district (affine, north stays north); what then lies outside the district moves to a place inside the nearest
 * micro-grid. When most of the source lies in the district already nothing is stretched.
 */
export class Placement {
  readonly #cells: readonly Cell[];
  readonly #from: Bbox;
  readonly #to: Bbox;
  /** True when places are stretched. */
  readonly isMapped: boolean;

  constructor(features: readonly Feature<Polygon | MultiPolygon>[], source: readonly { lon: number; lat: number }[]) {
    this.#cells = features.flatMap(cellsOf);
    if (this.#cells.length === 0) throw new Error('the district has no micro-grids: load governance_grid first');
    this.#to = bboxOf(
      this.#cells.flatMap(
        ({ bbox }) =>
          [
            [bbox[0], bbox[1]],
            [bbox[2], bbox[3]],
          ] as [number, number][],
      ),
    );
    this.#from = bboxOf(source.map(({ lon, lat }) => [lon, lat]));
    const inside = source.filter(({ lon, lat }) => contains(this.#to, lon, lat)).length;
    this.isMapped = inside < source.length / 2;
  }

  /** `seed` decides where in the nearest micro-grid a place outside goes: the same seed, the same place. */
  place(lon: number, lat: number, seed: number): Placed {
    const [x, y] = this.isMapped
      ? [
          stretch(lon, this.#from[0], this.#from[2], this.#to[0], this.#to[2]),
          stretch(lat, this.#from[1], this.#from[3], this.#to[1], this.#to[3]),
        ]
      : [lon, lat];
    const at = { lon: round(x), lat: round(y) };
    if (this.#cells.some((cell) => covers(cell, at.lon, at.lat))) return { ...at, moved: false };
    return { ...pointIn(this.#nearest(x, y), seed), moved: true };
  }

  /** A place for what has a name only: the same name leads to the same micro-grid, `seed` to a place in it. */
  placeNamed(name: number, seed: number): Placed {
    const cell = this.#cells[Math.floor(name * this.#cells.length) % this.#cells.length] as Cell;
    return { ...pointIn(cell, seed), moved: false };
  }

  #nearest(x: number, y: number): Cell {
    let best = this.#cells[0] as Cell;
    let least = Number.POSITIVE_INFINITY;
    for (const cell of this.#cells) {
      if (distanceToBbox(cell.bbox, x, y) >= least) continue;
      const distance = distanceToRing(cell.rings[0] ?? [], x, y);
      if (distance < least) [best, least] = [cell, distance];
    }
    return best;
  }
}

/** The polygons of a micro-grid: one, unless it has parts. */
function cellsOf({ geometry }: Feature<Polygon | MultiPolygon>): Cell[] {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons.map((rings) => ({ rings, bbox: bboxOf((rings[0] ?? []) as [number, number][]) }));
}

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;

function stretch(value: number, from: number, to: number, min: number, max: number): number {
  return to > from ? min + ((value - from) / (to - from)) * (max - min) : (min + max) / 2;
}

function bboxOf(points: readonly [number, number][]): Bbox {
  const bbox: Bbox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    bbox[0] = Math.min(bbox[0], x);
    bbox[1] = Math.min(bbox[1], y);
    bbox[2] = Math.max(bbox[2], x);
    bbox[3] = Math.max(bbox[3], y);
  }
  return bbox;
}

function contains([minX, minY, maxX, maxY]: Bbox, x: number, y: number): boolean {
  return x >= minX && x <= maxX && y >= minY && y <= maxY;
}

function covers({ rings, bbox }: Cell, x: number, y: number): boolean {
  if (!contains(bbox, x, y)) return false;
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax = 0, ay = 0] = ring[i] as Position;
      const [bx = 0, by = 0] = ring[j] as Position;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

function distanceToBbox([minX, minY, maxX, maxY]: Bbox, x: number, y: number): number {
  return Math.hypot(Math.max(minX - x, 0, x - maxX), Math.max(minY - y, 0, y - maxY));
}

function distanceToRing(ring: readonly Position[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] as Position;
    const [bx = 0, by = 0] = ring[i] as Position;
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
    least = Math.min(least, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
  }
  return least;
}

/** A place inside a cell: the first of a fixed sequence of points of its extent that it covers. */
function pointIn(cell: Cell, seed: number): { lon: number; lat: number } {
  const [minX, minY, maxX, maxY] = cell.bbox;
  for (let i = 1; i <= 10_000; i++) {
    // Steps of the R2 sequence spread evenly over the unit square.
    const lon = round(minX + ((seed + i * 0.7548776662466927) % 1) * (maxX - minX));
    const lat = round(minY + ((seed + i * 0.5698402909980532) % 1) * (maxY - minY));
    if (covers(cell, lon, lat)) return { lon, lat };
  }
  throw new Error(`a micro-grid at ${cell.bbox.join(', ')} has no inside`);
}
