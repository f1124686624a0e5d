import type { Context } from './context.ts';
import { parkAt } from './land-use.ts';
import { createNoise } from './noise.ts';
import { type Point, boundsOf, toBoard } from './plane.ts';
import { Canvas } from './rasters/canvas.ts';

/** Metres between two posts of the surface. */
const POST = 10;
/** The few hills of the plain: tops in metres above the ground around them. */
const HILLS: { at: Point; height: number; radius: number }[] = [
  { at: toBoard(113.0312, 23.0235), height: 52, radius: 190 },
  { at: toBoard(113.0945, 23.0045), height: 34, radius: 170 },
  { at: toBoard(113.1128, 23.0098), height: 6, radius: 150 },
  { at: toBoard(113.1155, 23.0435), height: 5, radius: 160 },
  { at: toBoard(113.0862, 23.0002), height: 22, radius: 150 },
  { at: toBoard(113.114, 23.0305), height: 7, radius: 130 },
  { at: toBoard(112.9965, 22.975), height: 18, radius: 160 },
  { at: toBoard(113.0085, 23.018), height: 12, radius: 140 },
];

/** Heights in metres above the 1985 datum on a lattice of posts. */
export interface Elevation {
  left: number;
  bottom: number;
  columns: number;
  rows: number;
  post: number;
  heights: Float32Array;
  /** True inside the district's outline, to the nearest post. */
  covers(at: Point): boolean;
  /** Between posts by straight lines; the edge goes on outside. */
  at(x: number, y: number): number;
}

const surfaces = new WeakMap<Context, Elevation>();

/**
 * The ground of the district: a plain of one to three metres, raised villages, hills in a few parks, dikes along the
 * rivers, and beds and ponds below. The same for every seed.
 */
export function elevationOf(context: Context): Elevation {
  const known = surfaces.get(context);
  if (known) return known;
  const made = makeElevation(context);
  surfaces.set(context, made);
  return made;
}

function makeElevation(context: Context): Elevation {
  const { blocks, land } = context.district;
  const [minX, minY, maxX, maxY] = boundsOf(blocks.flatMap((block) => block.ring));
  const left = minX - 40;
  const bottom = minY - 40;
  const columns = Math.ceil((maxX + 40 - left) / POST);
  const rows = Math.ceil((maxY + 40 - bottom) / POST);
  const paint = (rings: readonly (readonly Point[])[]): Uint8Array => {
    const canvas = new Canvas(columns, rows, null);
    for (const ring of rings)
      canvas.paint([ring.map(([x, y]): Point => [(x - left) / POST + 0.5, (y - bottom) / POST + 0.5])], [1, 1, 1]);
    return canvas.pixels;
  };
  const isRiver = (i: number): boolean => (land.watercourses[blocks[i]?.water ?? -1]?.width ?? 0) > 60;
  const rivers = paint(blocks.flatMap((block, i) => (isRiver(i) ? [block.ring] : [])));
  const creeks = paint(blocks.flatMap((block, i) => (block.water >= 0 && !isRiver(i) ? [block.ring] : [])));
  const ponds = paint(context.ponds.map((pond) => pond.outline));
  const outline = (context.district.district.rings[0] ?? []).map((p) => toBoard(p[0], p[1]));
  const inside = paint([outline]);
  const fromRiver = distances(rivers, columns, rows);
  const swell = createNoise('elevation swell', 2600);
  const roll = createNoise('elevation roll', 620);
  const rugged = createNoise('elevation slopes', 210);
  const heights = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    const y = bottom + j * POST;
    for (let i = 0; i < columns; i++) {
      const x = left + i * POST;
      const k = j * columns + i;
      let height = 1.9 + 0.75 * swell(x, y) + 0.35 * roll(x, y);
      // Land behind the dikes of the south-west lies lower than the old town in the north-east.
      height += Math.max(-0.7, Math.min(0.9, (x + 1.3 * y) / 9000));
      const away = (fromRiver[k] as number) * POST;
      // A dike of five metres' rise, its crown 30 m from the water's edge.
      if (away > 0 && away < 75) height += 4.6 * Math.exp(-(((away - 30) / 17) ** 2));
      if (rivers[k * 4 + 3] !== 0) height = -3.2 + 0.8 * roll(x, y);
      else if (creeks[k * 4 + 3] !== 0) height = -0.9;
      else if (ponds[k * 4 + 3] !== 0) height -= 1.6;
      heights[k] = height;
    }
  }
  const raise = (at: Point, height: number, radius: number): void => {
    const reach = radius * 1.8;
    for (let j = Math.max(0, Math.ceil((at[1] - reach - bottom) / POST)); j < rows; j++) {
      const y = bottom + j * POST;
      if (y > at[1] + reach) break;
      for (let i = Math.max(0, Math.ceil((at[0] - reach - left) / POST)); i < columns; i++) {
        const x = left + i * POST;
        if (x > at[0] + reach) break;
        const k = j * columns + i;
        if (rivers[k * 4 + 3] !== 0 || creeks[k * 4 + 3] !== 0) continue;
        // Slopes are uneven: a ridge here, a hollow there.
        const d = (Math.hypot(x - at[0], y - at[1]) / radius) * (1 + 0.38 * rugged(x, y));
        if (d >= 1.8) continue;
        const shape = (1 - (d / 1.8) ** 2) ** 3;
        heights[k] = (heights[k] as number) + height * shape * (1 + 0.25 * roll(x * 3, y * 3));
      }
    }
  };
  for (const village of land.villages) raise(village.at, 0.9, village.radius);
  for (const hill of HILLS) {
    // A hill on a map of streets would be hard to believe: it stands where a park or its neighbourhood is.
    const isPark = parkAt(hill.at[0], hill.at[1]) !== null;
    raise(hill.at, isPark ? hill.height : hill.height * 0.8, hill.radius);
  }
  return {
    left,
    bottom,
    columns,
    rows,
    post: POST,
    heights,
    covers: ([x, y]) => {
      const k = Math.round((y - bottom) / POST) * columns + Math.round((x - left) / POST);
      return (inside[k * 4 + 3] ?? 0) !== 0;
    },
    at: (x, y) => {
      const u = Math.max(0, Math.min(columns - 1.001, (x - left) / POST));
      const v = Math.max(0, Math.min(rows - 1.001, (y - bottom) / POST));
      const i = Math.floor(u);
      const j = Math.floor(v);
      const s = u - i;
      const t = v - j;
      const k = j * columns + i;
      const low = (heights[k] as number) * (1 - s) + (heights[k + 1] as number) * s;
      const high = (heights[k + columns] as number) * (1 - s) + (heights[k + columns + 1] as number) * s;
      return low * (1 - t) + high * t;
    },
  };
}

/** Distance to the nearest painted cell in cells, by two sweeps with steps of 1 and 1.4. */
function distances(mask: Uint8Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows).fill(1e6);
  for (let k = 0; k < out.length; k++) if (mask[k * 4 + 3] !== 0) out[k] = 0;
  const relax = (k: number, other: number, step: number): void => {
    const through = (out[other] as number) + step;
    if (through < (out[k] as number)) out[k] = through;
  };
  for (let j = 1; j < rows; j++) {
    for (let i = 1; i < columns - 1; i++) {
      const k = j * columns + i;
      relax(k, k - 1, 1);
      relax(k, k - columns, 1);
      relax(k, k - columns - 1, Math.SQRT2);
      relax(k, k - columns + 1, Math.SQRT2);
    }
  }
  for (let j = rows - 2; j >= 0; j--) {
    for (let i = columns - 2; i > 0; i--) {
      const k = j * columns + i;
      relax(k, k + 1, 1);
      relax(k, k + columns, 1);
      relax(k, k + columns + 1, Math.SQRT2);
      relax(k, k + columns - 1, Math.SQRT2);
    }
  }
  return out;
}
