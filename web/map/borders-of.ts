import type { FeatureCollection, Geometry } from 'geojson';

/** Lines between areas, as deck.gl takes them: `[lng, lat, lng, lat …]` of where each begins, and of where it ends. */
export interface Borders {
  length: number;
  from: Float64Array;
  to: Float64Array;
}

type Point = readonly [x: number, y: number];

const METRES_PER_DEGREE = 111_320;

const knownLines = new WeakMap<FeatureCollection, Point[][]>();
const known = new WeakMap<FeatureCollection, Map<number, Borders>>();

/**
 * Every line around areas once, with no corner left out that is more than `tolerance` metres beside its line. Neighbours share
 * their border, and still do when it has fewer corners. Computed once for an answer: drawn twice, with all corners, the
 * outlines of 921 micro-grids take most of a frame where a processor draws.
 */
export function bordersOf(areas: FeatureCollection, tolerance = 0): Borders {
  const ofAreas = known.get(areas) ?? new Map<number, Borders>();
  known.set(areas, ofAreas);
  const before = ofAreas.get(tolerance);
  if (before) return before;
  const lines = knownLines.get(areas) ?? linesOf(areas);
  knownLines.set(areas, lines);
  const from: number[] = [];
  const to: number[] = [];
  for (const line of lines) {
    const corners = tolerance === 0 ? line : simplified(line, tolerance);
    for (let index = 1; index < corners.length; index++) {
      from.push(...(corners[index - 1] as Point));
      to.push(...(corners[index] as Point));
    }
  }
  const borders = { length: from.length / 2, from: Float64Array.from(from), to: Float64Array.from(to) };
  ofAreas.set(tolerance, borders);
  return borders;
}

function ringsOf(geometry: Geometry): number[][][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

interface Corner {
  point: Point;
  /** The corners that a line leads to from here. */
  next: Set<Corner>;
}

/** The borders, each from one corner where several meet to the next; one that meets no other goes round to its beginning. */
function linesOf(areas: FeatureCollection): Point[][] {
  const corners = new Map<string, Corner>();
  const cornerAt = ([x = 0, y = 0]: readonly number[]): Corner => {
    const key = `${x},${y}`;
    const corner = corners.get(key) ?? { point: [x, y], next: new Set() };
    corners.set(key, corner);
    return corner;
  };
  for (const { geometry } of areas.features) {
    for (const ring of ringsOf(geometry)) {
      for (let index = 1; index < ring.length; index++) {
        const [a, b] = [cornerAt(ring[index - 1] ?? []), cornerAt(ring[index] ?? [])];
        if (a === b) continue;
        a.next.add(b);
        b.next.add(a);
      }
    }
  }
  const lines: Point[][] = [];
  /** Follows the line from a corner to where others meet it, and takes it away. */
  const follow = (start: Corner, second: Corner, meetings: ReadonlySet<Corner>): void => {
    const line = [start.point];
    let [at, next]: [Corner, Corner | undefined] = [start, second];
    while (next !== undefined) {
      at.next.delete(next);
      next.next.delete(at);
      line.push(next.point);
      at = next;
      next = meetings.has(at) ? undefined : [...at.next][0];
    }
    lines.push(line);
  };
  const meetings = new Set([...corners.values()].filter(({ next }) => next.size !== 2));
  for (const corner of meetings) for (const next of corner.next) follow(corner, next, meetings);
  for (const corner of corners.values()) for (const next of corner.next) follow(corner, next, meetings);
  return lines;
}

/** The line without the corners that are at most `tolerance` metres beside it (Douglas and Peucker). Its ends stay. */
function simplified(line: readonly Point[], tolerance: number): Point[] {
  const wide = METRES_PER_DEGREE * Math.cos(((line[0]?.[1] ?? 0) * Math.PI) / 180);
  const isKept = new Uint8Array(line.length);
  isKept[0] = 1;
  isKept[line.length - 1] = 1;
  const parts: [first: number, last: number][] = [[0, line.length - 1]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [first, last] = part;
    const [ax, ay] = line[first] as Point;
    const [bx, by] = line[last] as Point;
    const [dx, dy] = [(bx - ax) * wide, (by - ay) * METRES_PER_DEGREE];
    const long = Math.hypot(dx, dy);
    let [farthest, distance] = [-1, tolerance];
    for (let index = first + 1; index < last; index++) {
      const [x, y] = line[index] as Point;
      const [px, py] = [(x - ax) * wide, (y - ay) * METRES_PER_DEGREE];
      const beside = long === 0 ? Math.hypot(px, py) : Math.abs(px * dy - py * dx) / long;
      if (beside > distance) [farthest, distance] = [index, beside];
    }
    if (farthest < 0) continue;
    isKept[farthest] = 1;
    parts.push([first, farthest], [farthest, last]);
  }
  return line.filter((_, index) => isKept[index] === 1);
}
