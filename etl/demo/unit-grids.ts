import { type Context, pad } from './context.ts';
import type { Block } from './district.ts';
import { WATER_CUT, extentAlong, grain } from './land.ts';
import { createLocator } from './places.ts';
import type { PlanarMap } from './planar/planar-map.ts';
import { type Point, isInside, ringArea } from './plane.ts';

/** A 单元网格 of about 10 000 square metres, a block or a piece of one. */
export interface UnitGrid {
  /** 6 digits of the county, 3 of the town, 3 of the community, 3 in sequence. */
  id: string;
  block: Block;
  /** Outer ring and holes on the board. */
  rings: Point[][];
  area: number;
}

interface UnitGrids {
  list: UnitGrid[];
  /** Index of the unit grid a point lies in, or -1. */
  locate(at: Point): number;
}

/** Rivers, ponds and fields are patrolled less closely. */
const GOAL: Partial<Record<Block['use'], number>> = { water: 22_000, pond: 16_000, farm: 14_000 };
const USUAL = 9_400;
/** A piece is cut again from this many goals on. */
const TOO_LARGE = 1.5;
const SHARES = [0.5, 0.48, 0.52, 0.46, 0.54, 0.43, 0.57, 0.4, 0.6, 0.37, 0.63, 0.34, 0.66];

const known = new WeakMap<Context, UnitGrids>();

/** Drawn once for a context. Borders follow streets, banks and ways between buildings, and never leave a community. */
export function unitGridsOf(context: Context): UnitGrids {
  const found = known.get(context);
  if (found) return found;
  const list = drawUnitGrids(context);
  const made = { list, locate: createLocator(list.map((unit) => unit.rings[0] as Point[])) };
  known.set(context, made);
  return made;
}

function drawUnitGrids(context: Context): UnitGrid[] {
  const { land, blocks, communities } = context.district;
  const map = land.map.copy();
  const outlines = new Map<number, (readonly Point[])[]>();
  for (const building of context.buildings) {
    const list = outlines.get(building.block);
    if (list) list.push(building.outline);
    else outlines.set(building.block, [building.outline]);
  }
  const faces: { face: number; block: Block }[] = [];
  land.faces.forEach((first, index) => {
    const block = blocks[index] as Block;
    const goal = GOAL[block.use] ?? USUAL;
    const pending = [first];
    for (let face = pending.pop(); face !== undefined; face = pending.pop()) {
      const created = divide(map, face, goal, outlines.get(index) ?? []);
      if (created < 0) faces.push({ face, block });
      else pending.push(face, created);
    }
  });
  // Rings are read when all cuts are made: a cut puts a corner on its neighbour's side too.
  const units = faces.map(({ face, block }) => {
    const rings = map.faceRings(face);
    return { id: '', block, rings, area: rings.reduce((sum, ring) => sum + ringArea(ring), 0) };
  });
  const counts = new Map<number, number>();
  return units
    .map((unit) => ({ unit, at: (unit.rings[0] as Point[])[0] as Point }))
    .toSorted((p, q) => Math.floor(-p.at[1] / 100) - Math.floor(-q.at[1] / 100) || p.at[0] - q.at[0])
    .map(({ unit }) => {
      const { community } = unit.block;
      const n = (counts.get(community) ?? 0) + 1;
      counts.set(community, n);
      return { ...unit, id: `${communities[community]?.code ?? ''}${pad(n, 3)}` };
    });
}

/** Cuts a face across its longer extent where the fewest buildings stand in the way. Returns the new face or -1. */
function divide(map: PlanarMap, face: number, goal: number, outlines: readonly (readonly Point[])[]): number {
  const ring = map.ring(face);
  if (ringArea(ring) < goal * TOO_LARGE) return -1;
  const base = grain(ring);
  const [cos, sin] = [Math.cos(base), Math.sin(base)];
  const [minU, minV, maxU, maxV] = extentAlong(ring, base);
  const inside = outlines.filter((outline) => isInside(ring, (outline[0] as Point)[0], (outline[0] as Point)[1]));
  const isLongAlongU = maxU - minU > maxV - minV;
  for (const isAcrossU of [isLongAlongU, !isLongAlongU]) {
    const [low, high] = isAcrossU ? [minU, maxU] : [minV, maxV];
    const [near, far] = isAcrossU ? [minV, maxV] : [minU, maxU];
    const angle = base + (isAcrossU ? Math.PI / 2 : 0);
    const candidates = SHARES.map((share) => {
      const along = low + (high - low) * share;
      return { along, cost: inside.filter((outline) => isCut(outline, along, isAcrossU, cos, sin)).length };
    }).toSorted((p, q) => p.cost - q.cost);
    for (const { along } of candidates) {
      for (const depth of [0.5, 0.25, 0.75]) {
        const across = near + (far - near) * depth;
        const [u, v] = isAcrossU ? [along, across] : [across, along];
        const through: Point = [u * cos - v * sin, u * sin + v * cos];
        if (!isInside(ring, through[0], through[1])) continue;
        const created = map.cut(face, through, angle, WATER_CUT, 3);
        if (created >= 0) return created;
      }
    }
  }
  return -1;
}

/** Whether the line at a position along the grain runs through an outline. */
function isCut(outline: readonly Point[], along: number, isAcrossU: boolean, cos: number, sin: number): boolean {
  let isBelow = false;
  let isAbove = false;
  for (const [x, y] of outline) {
    const position = isAcrossU ? x * cos + y * sin : y * cos - x * sin;
    if (position < along - 0.2) isBelow = true;
    else if (position > along + 0.2) isAbove = true;
  }
  return isBelow && isAbove;
}
