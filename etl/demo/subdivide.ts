import { extentAlong, grain } from './land.ts';
import { type Point, innerPoint, isInside, ringArea } from './plane.ts';
import type { Random } from './random.ts';

/** Cuts a ring along the chord through a point inside it. Null where the line meets the ring badly. */
export function splitRing(ring: readonly Point[], through: Point, angle: number): [Point[], Point[]] | null {
  const ux = Math.cos(angle);
  const uy = Math.sin(angle);
  // The nearest crossing on each side of the point: between them the chord runs inside.
  let ahead: { t: number; edge: number; at: Point } | null = null;
  let behind: { t: number; edge: number; at: Point } | null = null;
  for (let edge = 0; edge < ring.length; edge++) {
    const a = ring[edge] as Point;
    const b = ring[(edge + 1) % ring.length] as Point;
    const da = (a[0] - through[0]) * uy - (a[1] - through[1]) * ux;
    const db = (b[0] - through[0]) * uy - (b[1] - through[1]) * ux;
    if (da > 0 === db > 0) continue;
    const s = da / (da - db);
    if (s < 0.02 || s > 0.98) return null;
    const at: Point = [a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s];
    const t = (at[0] - through[0]) * ux + (at[1] - through[1]) * uy;
    if (t >= 0 && (!ahead || t < ahead.t)) ahead = { t, edge, at };
    if (t < 0 && (!behind || t > behind.t)) behind = { t, edge, at };
  }
  if (!ahead || !behind || ahead.edge === behind.edge) return null;
  const half = (from: { edge: number; at: Point }, to: { edge: number; at: Point }): Point[] => {
    const out: Point[] = [from.at];
    for (let i = (from.edge + 1) % ring.length; ; i = (i + 1) % ring.length) {
      out.push(ring[i] as Point);
      if (i === to.edge) break;
    }
    out.push(to.at);
    return out;
  };
  return [half(ahead, behind), half(behind, ahead)];
}

/** Divides a plot again and again across its longer side until pieces are about as large as wanted. No gap, no overlap. */
export function subdivide(ring: readonly Point[], goal: number, random: Random): Point[][] {
  const done: Point[][] = [];
  const pending: (readonly Point[])[] = [ring];
  for (let plot = pending.pop(); plot; plot = pending.pop()) {
    const parts = ringArea(plot) > goal * random.between(1.3, 2) ? halves(plot, random) : null;
    if (parts) pending.push(...parts);
    else done.push(plot.slice());
  }
  return done;
}

function halves(ring: readonly Point[], random: Random): [Point[], Point[]] | null {
  const base = grain(ring);
  const [minU, minV, maxU, maxV] = extentAlong(ring, base);
  const isLongAlongU = maxU - minU > maxV - minV;
  const cos = Math.cos(base);
  const sin = Math.sin(base);
  for (let attempt = 0; attempt < 4; attempt++) {
    const share = 0.5 + random.between(-0.1, 0.1) * (attempt + 1);
    const u = isLongAlongU ? minU + (maxU - minU) * share : (minU + maxU) / 2;
    const v = isLongAlongU ? (minV + maxV) / 2 : minV + (maxV - minV) * share;
    let through: Point = [u * cos - v * sin, u * sin + v * cos];
    if (!isInside(ring, through[0], through[1])) through = innerPoint(ring);
    const parts = splitRing(ring, through, base + (isLongAlongU ? Math.PI / 2 : 0));
    const total = ringArea(ring);
    // A sliver is no plot.
    if (parts && parts.every((part) => ringArea(part) > total * 0.15)) return parts;
  }
  return null;
}

/** A ring drawn towards a point inside it. */
export function drawnIn(ring: readonly Point[], towards: Point, share: number): Point[] {
  return ring.map(([x, y]) => [towards[0] + (x - towards[0]) * share, towards[1] + (y - towards[1]) * share]);
}
