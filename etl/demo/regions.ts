import type { Context } from './context.ts';
import { type Point, isInside, ringArea } from './plane.ts';

/** One connected piece of a region of blocks. */
export interface Piece {
  region: number;
  /** The exterior, then the holes, on the board. */
  rings: Point[][];
  area: number;
}

/**
 * Merges blocks into regions. Edges are shared to the last digit with neighbours, because they come from one planar map.
 * @param regionOf number of the region of a block, -1 for none
 */
export function mergeBlocks(context: Context, regionOf: (index: number) => number, count: number): Piece[] {
  const { map, faces } = context.district.land;
  const region = new Int32Array(map.start.length).fill(-1);
  faces.forEach((face, i) => {
    region[face] = regionOf(i);
  });
  return map.regionRings(region, count).flatMap((rings, number) => {
    const holes = rings.filter((ring) => ringArea(ring) < 0);
    return rings
      .filter((ring) => ringArea(ring) > 0)
      .map((outer): Piece => {
        const own = holes.filter((hole) => isInside(outer, (hole[0] as Point)[0], (hole[0] as Point)[1]));
        const all = [outer, ...own];
        return { region: number, rings: all, area: all.reduce((sum, ring) => sum + ringArea(ring), 0) };
      });
  });
}

/** Calls back once for every side that two blocks share. */
function forEachSide(context: Context, visit: (a: number, b: number) => void): void {
  const { land, blockOfFace } = context.district;
  const { map } = land;
  for (let e = 0; e < map.origin.length; e += 2) {
    const a = blockOfFace[map.face[e] as number] ?? -1;
    const b = blockOfFace[map.face[e + 1] as number] ?? -1;
    if (a >= 0 && b >= 0 && a !== b) visit(a, b);
  }
}

/** Which blocks touch each block along a side. */
export function blockNeighbours(context: Context): Set<number>[] {
  const out = context.district.blocks.map(() => new Set<number>());
  forEachSide(context, (a, b) => {
    out[a]?.add(b);
    out[b]?.add(a);
  });
  return out;
}

/** Which grids touch each grid along a side. */
export function gridNeighbours(context: Context): Set<number>[] {
  const { blocks, grids } = context.district;
  const out = grids.map(() => new Set<number>());
  forEachSide(context, (a, b) => {
    const [p, q] = [blocks[a]?.grid ?? -1, blocks[b]?.grid ?? -1];
    if (p === q) return;
    out[p]?.add(q);
    out[q]?.add(p);
  });
  return out;
}
