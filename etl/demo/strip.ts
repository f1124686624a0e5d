import { type Point, offset } from './plane.ts';

function side(p: Point, q: Point, r: Point): number {
  return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
}

function crosses(a: Point, b: Point, c: Point, d: Point): boolean {
  // Nearly all pairs are far apart, and this is asked for each pair.
  if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) return false;
  if (Math.max(a[1], b[1]) < Math.min(c[1], d[1]) || Math.max(c[1], d[1]) < Math.min(a[1], b[1])) return false;
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** True when no two sides of an open ring cross. */
export function isSimple(ring: readonly Point[]): boolean {
  const n = ring.length;
  for (let i = 0; i < n; i++) {
    const a = ring[i] as Point;
    const b = ring[(i + 1) % n] as Point;
    for (let k = i + 2; k < n; k++) {
      if (i === 0 && k === n - 1) continue;
      if (crosses(a, b, ring[k] as Point, ring[(k + 1) % n] as Point)) return false;
    }
  }
  return true;
}

/**
 * The band between two distances to the left of a line (negative ones lie to the right), or null where the line bends
 * too sharply for it: the outer edge of a band folds over itself in a tight bend, so it is drawn from fewer points.
 */
export function strip(line: readonly Point[], from: number, to: number): Point[] | null {
  for (const every of [1, 2, 4, 8]) {
    const points = line.filter((_, i) => i % every === 0 || i === line.length - 1);
    if (points.length < 2) return null;
    const [right, left] = [offset(points, () => Math.min(from, to)), offset(points, () => Math.max(from, to))];
    const ring = [...right, ...left.toReversed()];
    if (isSimple(ring)) return ring;
  }
  return null;
}
