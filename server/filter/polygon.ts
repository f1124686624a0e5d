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
