import type { Building } from './buildings.ts';
import type { Context } from './context.ts';
import type { Point } from './plane.ts';

export interface AddressParts {
  /** 广东省佛山市禅城区祖庙街道同济路12号 */
  text: string;
  road: string;
  number: string;
}

/** A building's address with its street and number apart. */
export function addressParts(context: Context, building: Building): AddressParts {
  const text = context.addressOf(building);
  const town = context.district.towns[context.blockOf(building).town]?.name ?? '';
  const local = text.slice(text.indexOf(town) + town.length);
  const [, road = local, number = ''] = /^(.*?)(\d+)号$/.exec(local) ?? [];
  return { text, road, number: `${number}号` };
}

/** Where a staircase opens: on the longest front, staircases side by side, a little inside the outline. */
export function staircaseAt(building: Building, staircase: number): Point {
  const { outline, at } = building;
  let a = outline[0] as Point;
  let b = outline[1] as Point;
  let longest = -1;
  outline.forEach((p, i) => {
    const next = outline[(i + 1) % outline.length] as Point;
    const length = Math.hypot(next[0] - p[0], next[1] - p[1]);
    if (length > longest) [a, b, longest] = [p, next, length];
  });
  // Steps of the golden section keep any number of staircases apart.
  const t = 0.15 + 0.7 * ((staircase * 0.381966) % 1);
  const front: Point = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  return [front[0] + (at[0] - front[0]) * 0.2, front[1] + (at[1] - front[1]) * 0.2];
}
