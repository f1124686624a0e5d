import { orient2d } from 'robust-predicates';
import type { Ring } from './predicate.ts';

type Polygons = readonly (readonly Ring[])[];
type Covers = (lon: number, lat: number) => boolean;

/**
 * The edges of polygons, in rows (bands of latitude) and cells. A cell that no edge enters lies wholly inside or outside;
 * in the others the edges of the row decide.
 */
interface Index {
  west: number;
  south: number;
  east: number;
  north: number;
  columns: number;
  rows: number;
  /** Cells per degree. */
  perLon: number;
  perLat: number;
  /** By cell, row by row. */
  states: Uint8Array;
  /** By row: which edges have a part in it, `edges[starts[row]]` up to `edges[starts[row + 1]]`. */
  starts: Uint32Array;
  edges: Uint32Array;
  /** Ends of edges: ax, ay, bx, by. */
  ends: Float64Array;
  /** By edge, the number of its polygon × 2, + 1 in a hole; each ring has another number in `ringOf`. */
  partOf: Uint32Array;
  ringOf: Uint32Array;
}

const OUTSIDE = 0;
const INSIDE = 1;
const BORDER = 2;

/** Cells are widened by so many degrees (a hundredth of a millimetre) against rounding, and never as small as that. */
const MARGIN = 1e-10;
const SMALLEST_CELL = 1e-7;
const MOST_ROWS = 1024;

const known = new WeakMap<Polygons, Covers>();

/**
 * A test for "the point lies in one of these polygons, borders included", as `ST_Covers` answers it: exact, by the robust
 * sign of each turn. Degrees in; made once for the same list of polygons, and called for every row.
 */
export function compileArea(polygons: Polygons): Covers {
  let covers = known.get(polygons);
  if (covers === undefined) {
    covers = compile(polygons);
    known.set(polygons, covers);
  }
  return covers;
}

function compile(polygons: Polygons): Covers {
  const index = makeIndex(polygons);
  const { west, south, east, north, columns, rows, perLon, perLat, states } = index;
  fillStates(index);
  return (lon, lat) => {
    if (!(lon >= west && lon <= east && lat >= south && lat <= north)) return false;
    const row = cellOf(lat, south, perLat, rows);
    const state = states[row * columns + cellOf(lon, west, perLon, columns)];
    return state === BORDER ? isCovered(index, row, lon, lat) : state === INSIDE;
  };
}

/** Rises with the coordinate, rounding or not: what lies between two places is in their cells or between these. */
function cellOf(coordinate: number, start: number, perDegree: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((coordinate - start) * perDegree)));
}

function makeIndex(polygons: Polygons): Index {
  let count = 0;
  for (const rings of polygons) for (const ring of rings) count += ring.length - 1;
  const ends = new Float64Array(count * 4);
  const partOf = new Uint32Array(count);
  const ringOf = new Uint32Array(count);
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  let edge = 0;
  let ringNumber = 0;
  for (const [number, rings] of polygons.entries()) {
    for (const [position, ring] of rings.entries()) {
      for (let i = 1; i < ring.length; i++) {
        const [ax, ay] = ring[i - 1] as readonly [number, number];
        const [bx, by] = ring[i] as readonly [number, number];
        ends.set([ax, ay, bx, by], edge * 4);
        partOf[edge] = number * 2 + (position === 0 ? 0 : 1);
        ringOf[edge++] = ringNumber;
        if (position > 0) continue;
        [west, east] = [Math.min(west, bx), Math.max(east, bx)];
        [south, north] = [Math.min(south, by), Math.max(north, by)];
      }
      ringNumber++;
    }
  }
  // About as many rows and columns as edges of a round shape have neighbours to tell apart.
  const wanted = Math.min(MOST_ROWS, Math.max(16, 4 * Math.ceil(Math.sqrt(count))));
  const columns = Math.max(1, Math.min(wanted, Math.floor((east - west) / SMALLEST_CELL)));
  const rows = Math.max(1, Math.min(wanted, Math.floor((north - south) / SMALLEST_CELL)));
  const perLon = columns / Math.max(east - west, SMALLEST_CELL);
  const perLat = rows / Math.max(north - south, SMALLEST_CELL);

  const starts = new Uint32Array(rows + 1);
  const first = (i: number): number =>
    cellOf(Math.min(ends[i * 4 + 1] as number, ends[i * 4 + 3] as number), south, perLat, rows);
  const last = (i: number): number =>
    cellOf(Math.max(ends[i * 4 + 1] as number, ends[i * 4 + 3] as number), south, perLat, rows);
  for (let i = 0; i < count; i++) for (let row = first(i); row <= last(i); row++) (starts[row + 1] as number)++;
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const next = starts.slice();
  const edges = new Uint32Array(starts[rows] as number);
  // In the order of the edges, so that each row has those of a ring together.
  for (let i = 0; i < count; i++) for (let row = first(i); row <= last(i); row++) edges[(next[row] as number)++] = i;
  const states = new Uint8Array(columns * rows);
  return { west, south, east, north, columns, rows, perLon, perLat, states, starts, edges, ends, partOf, ringOf };
}

/** Marks the cells that edges enter; each run of others in a row is inside or outside as any place in it. */
function fillStates(index: Index): void {
  const { west, south, columns, rows, perLon, perLat, states, starts, edges, ends } = index;
  for (let row = 0; row < rows; row++) {
    const low = south + row / perLat - MARGIN;
    const high = south + (row + 1) / perLat + MARGIN;
    const offset = row * columns;
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
      const edge = (edges[at] as number) * 4;
      const [ax, ay] = [ends[edge] as number, ends[edge + 1] as number];
      const [bx, by] = [ends[edge + 2] as number, ends[edge + 3] as number];
      // The part of the edge in this row. The outermost rows hold what rounding put beyond them.
      const from = row === 0 ? -Infinity : low;
      const to = row === rows - 1 ? Infinity : high;
      const [x0, x1] = ay === by ? [ax, bx] : [atLat(ax, ay, bx, by, from), atLat(ax, ay, bx, by, to)];
      const start = cellOf(Math.min(x0, x1) - MARGIN, west, perLon, columns);
      const end = cellOf(Math.max(x0, x1) + MARGIN, west, perLon, columns);
      states.fill(BORDER, offset + start, offset + end + 1);
    }
    let run = -1;
    for (let column = 0; column < columns; column++) {
      if (states[offset + column] === BORDER) {
        run = -1;
        continue;
      }
      if (run < 0) {
        const [lon, lat] = [west + (column + 0.5) / perLon, south + (row + 0.5) / perLat];
        run = isCovered(index, row, lon, lat) ? INSIDE : OUTSIDE;
      }
      states[offset + column] = run;
    }
  }
}

/** Longitude of an edge where it has a latitude, or at the end nearest to it. */
function atLat(ax: number, ay: number, bx: number, by: number, lat: number): number {
  if (lat <= Math.min(ay, by)) return ay < by ? ax : bx;
  if (lat >= Math.max(ay, by)) return ay > by ? ax : bx;
  return ax + ((lat - ay) / (by - ay)) * (bx - ax);
}

/** Whether a polygon covers the point, by the edges of its row: all that a ray to the east can meet. */
function isCovered({ starts, edges, ends, partOf, ringOf }: Index, row: number, lon: number, lat: number): boolean {
  const end = starts[row + 1] as number;
  let at = starts[row] as number;
  while (at < end) {
    const polygon = (partOf[edges[at] as number] as number) >>> 1;
    let isInShell = false;
    let isInHole = false;
    while (at < end && (partOf[edges[at] as number] as number) >>> 1 === polygon) {
      const isHole = ((partOf[edges[at] as number] as number) & 1) === 1;
      const ring = ringOf[edges[at] as number];
      let isInside = false;
      let isOnBorder = false;
      for (; at < end && ringOf[edges[at] as number] === ring; at++) {
        if (isOnBorder) continue;
        const edge = (edges[at] as number) * 4;
        const [ax, ay] = [ends[edge] as number, ends[edge + 1] as number];
        const [bx, by] = [ends[edge + 2] as number, ends[edge + 3] as number];
        if (ay > lat === by > lat) {
          // No crossing of the ray; the point may still lie on a horizontal edge or on a vertex.
          if (ay === lat && by === lat) isOnBorder = lon >= Math.min(ax, bx) && lon <= Math.max(ax, bx);
          else isOnBorder = (ay === lat && ax === lon) || (by === lat && bx === lon);
          continue;
        }
        if (lon > Math.max(ax, bx)) continue;
        const side = orient2d(ax, ay, bx, by, lon, lat);
        if (side === 0) isOnBorder = true;
        else if (side < 0 === by > ay) isInside = !isInside;
      }
      if (!isHole) isInShell = isInside || isOnBorder;
      else if (isInside && !isOnBorder) isInHole = true;
    }
    if (isInShell && !isInHole) return true;
  }
  return false;
}
