import { orient2d } from 'robust-predicates';
import type { Ring } from './predicate.ts';

type Position = readonly [number, number];

/** Sign of the turn a → b → c. Exact: nearly collinear positions are decided right. */
function turn(a: Position, b: Position, c: Position): number {
  return Math.sign(orient2d(a[0], a[1], b[0], b[1], c[0], c[1]));
}

/**
 * A place where two edges of a polygon cross (touching is allowed), or null. Quadratic in the number of positions,
 * which `FILTER_LIMITS.positions` bounds.
 */
export function findCrossing(rings: readonly Ring[]): Position | null {
  const edges: [Position, Position][] = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) edges.push([ring[i - 1] as Position, ring[i] as Position]);
  }
  for (let i = 0; i < edges.length; i++) {
    const [a, b] = edges[i] as [Position, Position];
    for (let j = i + 1; j < edges.length; j++) {
      const [c, d] = edges[j] as [Position, Position];
      if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) continue;
      if (Math.max(a[1], b[1]) < Math.min(c[1], d[1]) || Math.max(c[1], d[1]) < Math.min(a[1], b[1])) continue;
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) return c;
    }
  }
  return null;
}

/** 1 inside, 0 on the border, -1 outside. Exact: the sign of each turn is computed robustly. */
function locate(ring: Ring, lon: number, lat: number): -1 | 0 | 1 {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1] as Position;
    const [bx, by] = ring[i] as Position;
    if (ay > lat === by > lat) {
      // No crossing of the ray; the point may still lie on a horizontal edge or on a vertex.
      if ((ay === lat && ax === lon) || (by === lat && bx === lon)) return 0;
      if (ay === lat && by === lat && lon >= Math.min(ax, bx) && lon <= Math.max(ax, bx)) return 0;
      continue;
    }
    if (lon > Math.max(ax, bx)) continue;
    const side = orient2d(ax, ay, bx, by, lon, lat);
    if (side === 0) return 0;
    if (side < 0 === by > ay) inside = !inside;
  }
  return inside ? 1 : -1;
}

/**
 * A test for "the point lies in one of these polygons, borders included", as `ST_Covers` answers it. Degrees in, made
 * once and called for every row.
 */
export function compileArea(polygons: readonly (readonly Ring[])[]): (lon: number, lat: number) => boolean {
  const prepared = polygons.map((rings) => {
    const shell = rings[0] as Ring;
    const lons = shell.map((position) => position[0]);
    const lats = shell.map((position) => position[1]);
    return {
      shell,
      holes: rings.slice(1),
      west: Math.min(...lons),
      east: Math.max(...lons),
      south: Math.min(...lats),
      north: Math.max(...lats),
    };
  });
  return (lon, lat) => {
    for (const { shell, holes, west, east, south, north } of prepared) {
      if (!(lon >= west && lon <= east && lat >= south && lat <= north)) continue;
      if (locate(shell, lon, lat) < 0) continue;
      let inHole = false;
      for (const hole of holes) {
        if (locate(hole, lon, lat) > 0) {
          inHole = true;
          break;
        }
      }
      if (!inHole) return true;
    }
    return false;
  };
}
