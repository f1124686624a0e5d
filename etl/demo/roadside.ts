import type { Context } from './context.ts';
import type { RoadClass } from './geography/sources.ts';
import { type Point, pointAlong } from './plane.ts';
import { type Random, weightedPicker } from './random.ts';
import type { Road } from './streets.ts';

export interface Spot {
  at: Point;
  road: Road;
  /** Direction of the road there, radians. */
  angle: number;
}

/** Distance from the centre line to the kerb, metres. */
export const KERB: Record<RoadClass, number> = {
  motorway: 22,
  trunk: 20,
  primary: 16,
  secondary: 11,
  tertiary: 7.5,
  residential: 5,
  lane: 2,
};

/**
 * Draws places along streets.
 * @param weight how likely a metre of each road is; 0 leaves a road out
 * @param beyond metres from the kerb, negative for on the carriageway
 */
export function roadside(context: Context, weight: (road: Road) => number, beyond: number): (random: Random) => Spot {
  const roads = context.roads.filter((road) => !road.isBridge && road.length > 12 && weight(road) > 0);
  const pick = weightedPicker(roads.map((road) => road.length * weight(road)));
  return (random) => {
    for (;;) {
      const road = roads[pick(random)] as Road;
      const { point, angle } = pointAlong(road.line, road.length * random.between(0.08, 0.92));
      const side = (random.chance(0.5) ? 1 : -1) * Math.max(0, KERB[road.class] + beyond);
      const at: Point = [point[0] - Math.sin(angle) * side, point[1] + Math.cos(angle) * side];
      // Streets end at the district's outline: the last metres may stand beyond it.
      if (context.isInDistrict(at)) return { road, angle, at };
    }
  };
}

/** How busy a street is; dense towns have more of everything. */
export function busyness(context: Context): (road: Road) => number {
  const byClass: Record<RoadClass, number> = {
    motorway: 0.4,
    trunk: 2.4,
    primary: 2.2,
    secondary: 1.6,
    tertiary: 1.2,
    residential: 0.8,
    lane: 0.6,
  };
  const byTown = context.district.towns.map((town) =>
    town.name === '祖庙街道' ? 1.5 : town.name === '南庄镇' ? 0.45 : 1,
  );
  return (road) => byClass[road.class] * (byTown[road.town] as number);
}

/** 八方 of a direction: the code a bus stop or camera carries. */
export function heading(angle: number): 'north' | 'east' | 'south' | 'west' {
  const turned = (((angle * 2) / Math.PI) % 4) + 4.5;
  return (['east', 'north', 'west', 'south'] as const)[Math.floor(turned) % 4] as 'north' | 'east' | 'south' | 'west';
}
