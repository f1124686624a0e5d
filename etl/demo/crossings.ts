import type { Context } from './context.ts';
import type { Point } from './plane.ts';
import type { Road } from './streets.ts';

export interface Crossing {
  at: Point;
  /** Roads that end here, with the direction in which each leaves, radians. */
  arms: { road: Road; angle: number }[];
}

/** Whether two ends are the same place: streets share the vertices of the map to the last digit. */
export function placeKey([x, y]: Point): string {
  return `${Math.round(x * 10)},${Math.round(y * 10)}`;
}

/** All places where three or more stretches of the chosen streets meet. */
export function crossings(context: Context, test: (road: Road) => boolean): Crossing[] {
  const found = new Map<string, Crossing>();
  const add = (road: Road, end: Point, next: Point): void => {
    const arm = { road, angle: Math.atan2(next[1] - end[1], next[0] - end[0]) };
    const key = placeKey(end);
    const known = found.get(key);
    if (known) known.arms.push(arm);
    else found.set(key, { at: end, arms: [arm] });
  };
  for (const road of context.roads) {
    if (!test(road) || road.isBridge) continue;
    const { line } = road;
    add(road, line[0] as Point, line[1] as Point);
    add(road, line.at(-1) as Point, line.at(-2) as Point);
  }
  return [...found.values()].filter(({ arms }) => arms.length >= 3);
}
