import type { Context } from './context.ts';
import { oncePerDistrict } from './once.ts';
import { pad } from './context.ts';
import type { Point } from './plane.ts';
import type { Road } from './streets.ts';

/** A piece of a numbered road, from stake to stake. */
export interface Highway {
  roadNo: string;
  road: Road;
  /** In the direction in which stakes count up. */
  line: Point[];
  /** Kilometres. */
  from: number;
  to: number;
}

/** Numbers of the arterials; motorways and trunk roads count on from outside the district. */
const KNOWN: Record<string, [no: string, start: number]> = {
  佛开高速: ['G15', 2962],
  佛山一环西线: ['S82', 14],
  佛山大道: ['G325', 12],
  禅西大道: ['S121', 31],
  季华路: ['S269', 8],
  魁奇路: ['S113', 46],
};

/** Angle along which the middles of pieces lie, west to east. */
function direction(middles: readonly Point[]): [number, number] {
  const n = middles.length;
  const mx = middles.reduce((sum, p) => sum + p[0], 0) / n;
  const my = middles.reduce((sum, p) => sum + p[1], 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const [x, y] of middles) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  return [Math.cos(angle), Math.sin(angle)];
}

function numberRoads(context: Context): Highway[] {
  const byName = new Map<string, Road[]>();
  for (const road of context.roads) {
    if (road.class === 'lane') continue;
    const list = byName.get(road.name);
    if (list) list.push(road);
    else byName.set(road.name, [road]);
  }
  const counts = { X: 500, Y: 0, C: 0 };
  const highways: Highway[] = [];
  for (const [name, roads] of byName) {
    const kind = (roads[0] as Road).class;
    const letter = kind === 'tertiary' ? 'Y' : kind === 'residential' ? 'C' : 'X';
    let [roadNo, stake] = KNOWN[name] ?? ['', 0];
    if (roadNo === '') {
      counts[letter] += 1;
      roadNo = `${letter}${pad(counts[letter], letter === 'C' ? 4 : 3)}`;
    }
    // Streets are cut from crossing to crossing in no order: stakes count along the road's own direction.
    const ends = roads.map((road) => [road.line[0] as Point, road.line.at(-1) as Point] as const);
    const [dx, dy] = direction(
      roads.length > 1 ? ends.map(([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]) : (ends[0] as readonly Point[]),
    );
    const along = ([x, y]: Point): number => x * dx + y * dy;
    const order = roads.map((road, i) => {
      const [a, b] = ends[i] as readonly [Point, Point];
      return { road, at: along(a) + along(b), line: along(a) <= along(b) ? road.line : road.line.toReversed() };
    });
    for (const { road, line } of order.toSorted((p, q) => p.at - q.at)) {
      const to = stake + road.length / 1000;
      highways.push({ roadNo, road, line, from: stake, to });
      stake = to;
    }
  }
  return highways;
}

/** All roads but lanes with number and stakes, pieces in order along each road. */
export const highwaysOf = oncePerDistrict(numberRoads);
