import { createNoise } from '../noise.ts';
import { type Point, type Ring, isInside, offset, resample, smooth, toBoard } from '../plane.ts';
import type { RiverSource } from './sources.ts';

export interface Watercourse {
  name: string;
  kind: 'river' | 'creek';
  width: number;
  centre: Point[];
  left: Point[];
  right: Point[];
  /** Closed outline of the ribbon between the banks. */
  ribbon: Point[];
}

/** The part of a closed outline between the points nearest to two places, the shorter way round. */
function stretch(outline: Ring, from: Point, to: Point): Point[] {
  const nearest = (p: Point): number => {
    let best = 0;
    let distance = Infinity;
    outline.forEach((q, i) => {
      const d = Math.hypot(p[0] - q[0], p[1] - q[1]);
      if (d < distance) {
        distance = d;
        best = i;
      }
    });
    return best;
  };
  const a = nearest(from);
  const b = nearest(to);
  const walk = (step: 1 | -1): Point[] => {
    const out: Point[] = [];
    for (let i = a; ; i = (i + step + outline.length) % outline.length) {
      out.push(outline[i] as Point);
      if (i === b) return out;
    }
  };
  const forth = walk(1);
  const back = walk(-1);
  return forth.length <= back.length ? forth : back;
}

/** A stretch of the outline moved into the district by half the width and a little land. */
function hug(outline: Ring, ends: readonly (readonly number[])[], width: number): Point[] {
  const [from, to] = ends.map((p) => toBoard(p[0] as number, p[1] as number)) as [Point, Point];
  const line = stretch(outline, from, to);
  const middle = Math.floor(line.length / 2);
  const probe = offset(line, () => 60)[middle] as Point;
  const side = isInside(outline, probe[0], probe[1]) ? 1 : -1;
  const moved = offset(line, () => side * (width / 2 + 45));
  // Every third point, smoothed again: an inward copy of a bend would fold over itself.
  return smooth(
    moved.filter((_, i) => i % 4 === 0 || i === moved.length - 1),
    2,
  );
}

/** Centre line, banks and ribbon of each watercourse; banks vary in width and are smooth. */
export function drawWatercourses(sources: readonly RiverSource[], outline: Ring): Watercourse[] {
  const swell = createNoise('river width', 700);
  const wander = createNoise('creek wander', 260);
  const wanderToo = createNoise('creek wander 2', 240);
  return sources.map((source, index): Watercourse => {
    const { width } = source;
    const line: Point[] = [];
    if (source.along) line.push(...hug(outline, source.along, width));
    const typed = [...(source.points ?? []), ...(source.then ?? [])].map((p) => toBoard(p[0], p[1]));
    line.push(...smooth(typed, 2));
    if (source.thenAlong) line.push(...hug(outline, source.thenAlong, width));
    for (const p of source.end ?? []) line.push(toBoard(p[0], p[1]));
    let centre = resample(smooth(resample(line, 160), 2), 45);
    if (source.kind === 'creek') {
      centre = centre.map(([x, y]): Point => [x + 55 * wander(x, y), y + 55 * wanderToo(x, y)]);
    }
    const half =
      (shift: number) =>
      (_: number, [x, y]: Point) =>
        (width / 2) * (1 + 0.22 * swell(x + shift + index * 977, y - shift));
    const left = offset(centre, half(0));
    const right = offset(centre, (i, p) => -half(5000)(i, p));
    return {
      name: source.name,
      kind: source.kind,
      width,
      centre,
      left,
      right,
      ribbon: [...left, ...right.toReversed()],
    };
  });
}
