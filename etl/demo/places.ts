import type { Context } from './context.ts';
import type { Block } from './district.ts';
import { type Point, type Ring, boundsOf, isInside, pointAlong } from './plane.ts';
import { type Random, weightedPicker } from './random.ts';
import { KERB } from './roadside.ts';
import type { Road } from './streets.ts';

const CELL = 100;
const key = (x: number, y: number): number => Math.floor(x / CELL) * 100_000 + Math.floor(y / CELL);

/** Finds the ring that holds a point, or -1, by cells of 100 m. The rings do not overlap. */
export function createLocator(rings: readonly Ring[]): (at: Point) => number {
  const cells = new Map<number, number[]>();
  rings.forEach((ring, index) => {
    const [minX, minY, maxX, maxY] = boundsOf(ring);
    for (let x = Math.floor(minX / CELL) * CELL; x <= maxX; x += CELL) {
      for (let y = Math.floor(minY / CELL) * CELL; y <= maxY; y += CELL) {
        const list = cells.get(key(x, y));
        if (list) list.push(index);
        else cells.set(key(x, y), [index]);
      }
    }
  });
  return (at) => {
    for (const index of cells.get(key(at[0], at[1])) ?? []) {
      if (isInside(rings[index] as Ring, at[0], at[1])) return index;
    }
    return -1;
  };
}

const locators = new WeakMap<Context, (at: Point) => number>();

/** The block a point lies in; none outside the district. Streets belong half to the block on either side. */
export function blockAt(context: Context, at: Point): Block | undefined {
  let locate = locators.get(context);
  if (!locate) {
    locate = createLocator(context.district.blocks.map((block) => block.ring));
    locators.set(context, locate);
  }
  return context.district.blocks[locate(at)];
}

export interface Place {
  at: Point;
  road: Road;
  block: Block;
  /** Direction of the road there, radians. */
  angle: number;
}

/** Metres from the centre line, towards the left of the road's direction. */
function beside(point: Point, angle: number, side: number): Point {
  return [point[0] - Math.sin(angle) * side, point[1] + Math.cos(angle) * side];
}

/**
 * Places evenly spaced along all streets, left and right in turn, about `total` of them.
 * @param weight how many a metre of each road has, relative; 0 leaves a road out
 * @param beyond metres from the kerb, negative for on the carriageway
 */
export function* alongStreets(
  context: Context,
  total: number,
  weight: (road: Road) => number,
  beyond: number,
): Generator<Place> {
  const roads = context.roads.filter((road) => !road.isBridge && road.length > 12 && weight(road) > 0);
  const step = roads.reduce((sum, road) => sum + road.length * weight(road), 0) / total;
  let next = step / 2;
  let n = 0;
  for (const road of roads) {
    const own = road.length * weight(road);
    for (; next < own; next += step) {
      n += 1;
      const { point, angle } = pointAlong(road.line, next / weight(road));
      const side = (n % 2 === 0 ? 1 : -1) * Math.max(0, KERB[road.class] + beyond);
      const at = beside(point, angle, side);
      const block = blockAt(context, at);
      if (block) yield { at, road, block, angle: side < 0 ? angle : angle + Math.PI };
    }
    next -= own;
  }
}

/**
 * Draws places along streets at random.
 * @param weight how likely a metre of each road is; 0 leaves a road out
 * @param reach how far from the kerb a place may be, metres; negative numbers are on the carriageway
 */
export function streetPlaces(
  context: Context,
  weight: (road: Road) => number,
  reach: readonly [number, number],
): (random: Random) => Place {
  const roads = context.roads.filter((road) => !road.isBridge && road.length > 12 && weight(road) > 0);
  const pick = weightedPicker(roads.map((road) => road.length * weight(road)));
  return (random) => {
    for (;;) {
      const road = roads[pick(random)] as Road;
      const { point, angle } = pointAlong(road.line, road.length * random.between(0.04, 0.96));
      const side = (random.chance(0.5) ? 1 : -1) * Math.max(0, KERB[road.class] + random.between(reach[0], reach[1]));
      const at = beside(point, angle, side);
      const block = blockAt(context, at);
      if (block) return { at, road, block, angle };
    }
  };
}

/** A rectangle around a point, its length along a direction. */
export function rectangle(at: Point, angle: number, length: number, depth: number): Point[] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return (
    [
      [-length / 2, -depth / 2],
      [length / 2, -depth / 2],
      [length / 2, depth / 2],
      [-length / 2, depth / 2],
    ] as const
  ).map(([u, v]) => [at[0] + u * c - v * s, at[1] + u * s + v * c]);
}
