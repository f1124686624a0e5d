import { pad, type Context } from './context.ts';
import { bendPoint } from './land.ts';
import { oncePerDistrict } from './once.ts';
import { type Point, toBoard } from './plane.ts';
import { type Reach, reachesOf } from './reaches.ts';

export interface Works {
  no: string;
  name: string;
  at: Point;
  /** Where it takes its water from or lets it go to. */
  reach: Reach;
  /** 10 000 m³ a day. */
  capacity: number;
}

/** Named as people here know them, drawn about there. */
const WATER: [string, number, [number, number]][] = [
  ['沙口水厂', 50, [113.0355, 23.0305]],
  ['石湾水厂', 40, [113.0865, 22.9995]],
  ['紫洞水厂', 30, [112.9905, 23.0205]],
  ['南庄水厂', 18, [113.0085, 22.9835]],
  ['澜石水厂', 12, [113.1215, 22.9905]],
  ['罗格水厂', 6, [113.0035, 22.9545]],
];
const SEWAGE: [string, number, [number, number]][] = [
  ['镇安污水处理厂', 25, [113.1345, 23.0235]],
  ['东鄱污水处理厂', 20, [113.0915, 22.9965]],
  ['沙岗污水处理厂', 18, [113.1105, 22.9905]],
  ['城北污水处理厂', 10, [113.0795, 23.0465]],
  ['南庄污水处理厂', 12, [113.0305, 22.9845]],
  ['张槎大江污水处理厂', 8, [113.0545, 23.0405]],
  ['罗格污水处理厂', 4, [113.0265, 22.9545]],
  ['吉利污水处理厂', 3, [113.0185, 22.9905]],
  ['奇槎污水处理厂', 6, [113.1475, 22.9935]],
];

/** Moves a place from the middle of a street or river to the middle of the nearest dry block that could hold it. */
function toDryBlock(context: Context, [x, y]: Point): Point {
  let best: Point = [x, y];
  let distance = Infinity;
  for (const block of context.district.blocks) {
    if (block.use === 'water' || block.use === 'pond' || block.area < 6000) continue;
    const d = Math.hypot(block.inner[0] - x, block.inner[1] - y);
    if (d < distance) {
      distance = d;
      best = block.inner;
    }
  }
  return best;
}

function nearestReach(context: Context, [x, y]: Point, test: (reach: Reach) => boolean): Reach {
  let best: Reach | undefined;
  let distance = Infinity;
  for (const reach of reachesOf(context).filter(test)) {
    for (const [px, py] of reach.line) {
      const d = Math.hypot(px - x, py - y);
      if (d < distance) {
        distance = d;
        best = reach;
      }
    }
  }
  if (!best) throw new Error('the district has no water of that kind');
  return best;
}

function place(context: Context, list: typeof WATER, prefix: string, test: (reach: Reach) => boolean): Works[] {
  return list.map(([name, capacity, [lon, lat]], i) => {
    const at = toDryBlock(context, bendPoint(toBoard(lon, lat)));
    return { no: `${prefix}${pad(i + 1, 2)}`, name, at, reach: nearestReach(context, at, test), capacity };
  });
}

/** Drinking water comes from the great rivers only. */
export const waterPlants = oncePerDistrict((context: Context) => place(context, WATER, 'SC', (r) => r.width > 100));

export const sewagePlants = oncePerDistrict((context: Context) => place(context, SEWAGE, 'WC', () => true));
