import type { Elevation } from './elevation.ts';
import type { Point } from './plane.ts';

/**
 * Lines of one height over a surface (marching squares), linked end to end. Posts are taken `step` apart.
 * @returns open and closed lines on the board; a closed one ends where it begins
 */
export function contoursAt(surface: Elevation, level: number, step: number): Point[][] {
  const { columns, rows, heights, left, bottom, post } = surface;
  const across = Math.floor((columns - 1) / step);
  const up = Math.floor((rows - 1) / step);
  const height = (i: number, j: number): number => heights[j * step * columns + i * step] as number;
  // Each crossing lies on an edge between two posts: even numbers to the right of a post, odd ones above it.
  const edge = (i: number, j: number, isUp: 0 | 1): number => (j * (across + 1) + i) * 2 + isUp;
  const links = new Map<number, number[]>();
  const link = (a: number, b: number): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = links.get(from);
      if (list) list.push(to);
      else links.set(from, [to]);
    }
  };
  for (let j = 0; j < up; j++) {
    const low = j * step * columns;
    const high = low + step * columns;
    let a = (heights[low] as number) >= level;
    let d = (heights[high] as number) >= level;
    for (let i = 0; i < across; i++) {
      const west = a;
      const above = d;
      const b = (heights[low + (i + 1) * step] as number) >= level;
      const c = (heights[high + (i + 1) * step] as number) >= level;
      a = b;
      d = c;
      if (west === b && b === c && c === above) continue;
      const crossed: number[] = [];
      if (west !== b) crossed.push(edge(i, j, 0));
      if (b !== c) crossed.push(edge(i + 1, j, 1));
      if (c !== above) crossed.push(edge(i, j + 1, 0));
      if (above !== west) crossed.push(edge(i, j, 1));
      const [p, q, r, s] = crossed as [number, number, number?, number?];
      link(p, q);
      if (r !== undefined && s !== undefined) link(r, s);
    }
  }
  const place = (key: number): Point => {
    const isUp = (key & 1) === 1;
    const n = key >> 1;
    const i = n % (across + 1);
    const j = Math.floor(n / (across + 1));
    const low = height(i, j);
    const high = isUp ? height(i, j + 1) : height(i + 1, j);
    const t = Math.max(0.02, Math.min(0.98, (level - low) / (high - low)));
    return [left + (i + (isUp ? 0 : t)) * step * post, bottom + (j + (isUp ? t : 0)) * step * post];
  };
  const lines: Point[][] = [];
  const follow = (start: number): void => {
    const line = [start];
    let at: number | undefined = start;
    while (at !== undefined) {
      const list: number[] = links.get(at) ?? [];
      const next: number | undefined = list.pop();
      if (next === undefined) break;
      const back = links.get(next) ?? [];
      back.splice(back.indexOf(at), 1);
      line.push(next);
      at = next;
    }
    if (line.length > 1) lines.push(line.map(place));
  };
  // Open lines first, from their ends; what is left runs in circles.
  for (const [key, list] of links) if (list.length === 1) follow(key);
  for (const [key, list] of links) while (list.length > 0) follow(key);
  return lines;
}
