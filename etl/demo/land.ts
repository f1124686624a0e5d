import { createNoise } from './noise.ts';
import { type Point, innerPoint, isInside, resample, ringArea, smooth } from './plane.ts';
import { type RoadClass, containing, readGeography } from './geography/sources.ts';
import { type Watercourse, drawWatercourses } from './geography/watercourses.ts';
import { type LabelledLine, PlanarMap } from './planar/planar-map.ts';
import { type Random, createRandom } from './random.ts';

export interface Street {
  class: RoadClass;
  /** Known for arterials; streets made by the generator are named later. */
  name: string | null;
}

/** The ground: one planar map whose faces are street blocks and pieces of water. */
export interface Land {
  map: PlanarMap;
  geography: ReturnType<typeof readGeography>;
  watercourses: Watercourse[];
  /** Labels from 0 on are streets; the negative ones say what else an edge is. */
  streets: Street[];
  /** Faces inside the district. */
  faces: number[];
  /** Per face: index of its watercourse, or -1 for dry land. */
  water: Int32Array;
  /** Per face: index in `geography.towns`. */
  town: Int32Array;
  villages: { at: Point; radius: number }[];
}

export const OUTLINE = -1;
export const BANK = -2;
export const MIDSTREAM = -3;
export const WATER_CUT = -4;

/** Where the old town's middle lies, and how far its small streets reach (metres). */
export const OLD_TOWN = { at: [4360, 4650] as Point, radius: 1500 };

/** 0 outside the pond country of the south-west, 1 in its midst. */
export function pondness(x: number, y: number): number {
  const south = Math.max(0, Math.min(1, (-2300 - y + 0.15 * (x + 5000)) / 1500));
  return south * Math.max(0, Math.min(1, (-1500 - x) / 900));
}

/**
 * The land is the same for every seed: the city is given, only who lives in it is drawn. Faces are split along the
 * directions of their own sides, so streets run with the arterials and rivers around them.
 */
export function drawLand(): Land {
  const geography = readGeography();
  const random = createRandom(440604, 'land');
  const outline = resample(smooth(geography.outline, 3, true), 70);
  const watercourses = drawWatercourses(geography.rivers, outline);
  const streets: Street[] = [];
  const lines: LabelledLine[] = [{ points: [...outline, outline[0] as Point], label: OUTLINE }];
  for (const river of watercourses) {
    lines.push({ points: river.left, label: BANK }, { points: river.right, label: BANK });
    if (river.width > 60) lines.push({ points: river.centre, label: MIDSTREAM });
  }
  for (const road of geography.roads) {
    lines.push({
      points: smooth(
        road.points.map((p) => toBoardPoint(p)),
        2,
      ),
      label: streets.length,
    });
    streets.push({ class: road.class, name: road.name });
  }
  const map = PlanarMap.fromLines(lines, 4);
  // Where lines nearly coincide they leave slivers no map should have.
  for (let f = 1; f < map.start.length; f++) if (ringArea(map.ring(f)) < 60) map.dissolve(f);
  const towns = geography.towns.map((town) => town.ring);
  const water: number[] = [];
  const town: number[] = [];
  const inside: boolean[] = [];
  for (let f = 0; f < map.start.length; f++) {
    if (f === 0 || (map.start[f] as number) < 0) {
      inside.push(false);
      water.push(-1);
      town.push(-1);
      continue;
    }
    const at = innerPoint(map.ring(f));
    inside.push(isInside(outline, at[0], at[1]));
    water.push(watercourses.findIndex((river) => isInside(river.ribbon, at[0], at[1])));
    // Before any cut: the faces between arterials and rivers are what the towns' lines follow.
    town.push(containing(towns, at[0], at[1]));
  }
  const villages = placeVillages(geography, watercourses, towns, outline);
  const noise = createNoise('block size', 900);
  const target = (x: number, y: number): number => {
    const town = geography.towns[containing(towns, x, y)]?.name;
    for (const village of villages) {
      const d = Math.hypot(x - village.at[0], y - village.at[1]);
      if (d < village.radius) return 5200;
      if (d < village.radius * 1.5) return 11000;
    }
    const old = Math.hypot(x - OLD_TOWN.at[0], y - OLD_TOWN.at[1]);
    const vary = 1 + 0.45 * noise(x, y);
    if (old < OLD_TOWN.radius) return 6500 * vary;
    if (town === '祖庙街道') return 13000 * vary;
    if (town === '石湾镇街道') return 19000 * vary;
    if (town === '张槎街道') return 22000 * vary;
    return pondness(x, y) > 0.4 ? 95000 * vary : 42000 * vary;
  };
  const pending: number[] = [];
  for (let f = 1; f < inside.length; f++) if (inside[f]) pending.push(f);
  for (let f = pending.pop(); f !== undefined; f = pending.pop()) {
    const created = divide(map, f, (water[f] as number) >= 0, target, streets, random);
    if (created < 0) continue;
    inside[created] = true;
    water[created] = water[f] as number;
    town[created] = town[f] as number;
    pending.push(f, created);
  }
  bend(map);
  const faces: number[] = [];
  for (let f = 1; f < map.start.length; f++) if (inside[f]) faces.push(f);
  return {
    map,
    geography,
    watercourses,
    streets,
    faces,
    water: Int32Array.from(water),
    town: Int32Array.from(town),
    villages,
  };
}

function toBoardPoint(p: readonly [number, number]): Point {
  return [(p[0] - 113.07) * 102_530, (p[1] - 22.99) * 110_756];
}

/** Village cores on a shaken lattice, on dry land outside the inner city. */
function placeVillages(
  geography: Land['geography'],
  watercourses: readonly Watercourse[],
  towns: readonly Point[][],
  outline: readonly Point[],
): Land['villages'] {
  const random = createRandom(440604, 'villages');
  const villages: Land['villages'] = [];
  const isDry = (x: number, y: number, margin: number): boolean =>
    watercourses.every((river) => river.centre.every((p) => Math.hypot(p[0] - x, p[1] - y) > river.width / 2 + margin));
  for (const [name, at] of geography.anchors) {
    if (!name.endsWith('村') || geography.towns[containing(towns, at[0], at[1])]?.name === '祖庙街道') continue;
    villages.push({
      at: [at[0] + random.between(-150, 150), at[1] + random.between(-150, 150)],
      radius: random.between(170, 290),
    });
  }
  for (let attempt = 0; attempt < 4000 && villages.length < 95; attempt++) {
    const x = random.between(-10_500, 9500);
    const y = random.between(-7600, 8200);
    if (!isInside(outline, x, y) || geography.towns[containing(towns, x, y)]?.name === '祖庙街道') continue;
    if (villages.some((v) => Math.hypot(v.at[0] - x, v.at[1] - y) < 750) || !isDry(x, y, 120)) continue;
    villages.push({ at: [x, y], radius: random.between(110, 230) });
  }
  return villages;
}

/** Direction of most of a ring's sides, modulo a quarter turn, weighted by length. */
export function grain(ring: readonly Point[]): number {
  let c = 0;
  let s = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j] as Point;
    const b = ring[i] as Point;
    const dx = b[0] - a[0];
    const dy = b[1] - a[1];
    const angle = 4 * Math.atan2(dy, dx);
    const weight = Math.hypot(dx, dy);
    c += weight * Math.cos(angle);
    s += weight * Math.sin(angle);
  }
  return Math.atan2(s, c) / 4;
}

/** Extent of a ring along and across a direction: `[minU, minV, maxU, maxV]`. */
export function extentAlong(ring: readonly Point[], angle: number): [number, number, number, number] {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    const u = x * cos + y * sin;
    const v = y * cos - x * sin;
    box[0] = Math.min(box[0], u);
    box[1] = Math.min(box[1], v);
    box[2] = Math.max(box[2], u);
    box[3] = Math.max(box[3], v);
  }
  return box;
}

/** Cuts a face that is larger than wanted across its longer extent. Returns the new face or -1. */
function divide(
  map: PlanarMap,
  face: number,
  isWater: boolean,
  target: (x: number, y: number) => number,
  streets: Street[],
  random: Random,
): number {
  const ring = map.ring(face);
  const area = ringArea(ring);
  const inner = innerPoint(ring);
  const goal = isWater ? 90_000 : target(inner[0], inner[1]);
  if (area < goal * random.between(1.15, 1.9)) return -1;
  const base = grain(ring);
  const [minU, minV, maxU, maxV] = extentAlong(ring, base);
  const isLongAlongU = maxU - minU > (maxV - minV) * random.between(0.9, 1.15);
  const short = isLongAlongU ? maxV - minV : maxU - minU;
  for (let attempt = 0; attempt < 5; attempt++) {
    const share = 0.5 + random.between(-0.13, 0.13) * (attempt + 1) * 0.6;
    const u = isLongAlongU ? minU + (maxU - minU) * share : (minU + maxU) / 2;
    const v = isLongAlongU ? (minV + maxV) / 2 : minV + (maxV - minV) * share;
    const cos = Math.cos(base);
    const sin = Math.sin(base);
    let through: Point = [u * cos - v * sin, u * sin + v * cos];
    if (!isInside(ring, through[0], through[1])) through = inner;
    const tilt = area < 60_000 ? 0.07 : 0.03;
    const angle = base + (isLongAlongU ? Math.PI / 2 : 0) + random.between(-tilt, tilt);
    const label = isWater ? WATER_CUT : streets.length;
    const created = map.cut(face, through, angle, label, Math.min(22, short * 0.12));
    if (created < 0) continue;
    if (!isWater) streets.push({ class: classFor(area, goal), name: null });
    return created;
  }
  return -1;
}

/** The first cuts of a large face make the wider streets. */
function classFor(area: number, goal: number): RoadClass {
  if (area > 700_000) return 'secondary';
  if (area > 180_000 && goal > 9000) return 'tertiary';
  if (goal < 9000 && area < 40_000) return 'lane';
  return 'residential';
}

/** Puts vertices on long edges, then bends the whole plane a little: streets curve, and stay shared. */
function bend(map: PlanarMap): void {
  const count = map.origin.length;
  for (let e = 0; e < count; e += 2) {
    if ((map.face[e] as number) < 0) continue;
    const a = map.point(map.origin[e] as number);
    const b = map.point(map.origin[e + 1] as number);
    const pieces = Math.floor(Math.hypot(b[0] - a[0], b[1] - a[1]) / 75);
    let h = e;
    for (let k = 1; k <= pieces; k++) {
      const t = k / (pieces + 1);
      map.splitEdge(h, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t);
      h = map.next[h] as number;
    }
  }
  for (let v = 0; v < map.xs.length; v++) {
    const [x, y] = bendPoint(map.point(v));
    map.xs[v] = x;
    map.ys[v] = y;
  }
}

const BENDS = [
  { dx: createNoise('bend x', 1500), dy: createNoise('bend y', 1500), size: 95 },
  { dx: createNoise('bend x2', 420), dy: createNoise('bend y2', 420), size: 20 },
  { dx: createNoise('bend x3', 130), dy: createNoise('bend y3', 130), size: 4 },
];

/** Where a hand-drawn point lies on the bent map: everything drawn by hand must go through this once. */
export function bendPoint([x, y]: Point): Point {
  let bentX = x;
  let bentY = y;
  for (const { dx, dy, size } of BENDS) {
    bentX += size * dx(x, y);
    bentY += size * dy(x, y);
  }
  return [bentX, bentY];
}
