import type { Context } from './context.ts';
import { type Point, pointAlong } from './plane.ts';
import { type Random, weightedPicker } from './random.ts';
import type { Road } from './streets.ts';

/** Compass bearing of a direction, degrees clockwise from north. */
export function bearing(angle: number): number {
  return (Math.round(90 - (angle * 180) / Math.PI) + 720) % 360;
}

export interface Vehicle {
  at: Point;
  road: Road;
  bearing: number;
}

/** Vehicles on the carriageway, driving on the right. @param weight how likely a metre of each road is */
export function traffic(context: Context, weight: (road: Road) => number): (random: Random) => Vehicle {
  const roads = context.roads.filter((road) => road.length > 12 && weight(road) > 0);
  const pick = weightedPicker(roads.map((road) => road.length * weight(road)));
  return (random) => {
    for (;;) {
      const road = roads[pick(random)] as Road;
      const { point, angle } = pointAlong(road.line, road.length * random.between(0.03, 0.97));
      const direction = random.chance(0.5) ? angle : angle + Math.PI;
      const lane = road.class === 'lane' || road.class === 'residential' ? 1.6 : random.between(2, 8);
      const at: Point = [point[0] + Math.sin(direction) * lane, point[1] - Math.cos(direction) * lane];
      if (context.isInDistrict(at)) return { at, road, bearing: bearing(direction) };
    }
  };
}
