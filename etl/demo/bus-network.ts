import { type Context, pad } from './context.ts';
import { bendPoint } from './land.ts';
import { oncePerDistrict } from './once.ts';
import { type Point, lineLength, pointAlong } from './plane.ts';
import { createRandom, hashText } from './random.ts';
import { KERB } from './roadside.ts';
import { RoadGraph, type Step } from './road-graph.ts';
import type { Road } from './streets.ts';

export interface BusStop {
  id: string;
  name: string;
  at: Point;
  /** Direction of travel there, radians. */
  angle: number;
  shelter: boolean;
  /** Metres along the road's line. */
  along: number;
  /** Bus routes that stop here, both directions of a route counted. */
  routes: number;
}

export interface BusRoute {
  id: string;
  name: string;
  direction: 'up' | 'down';
  kind: 'trunk' | 'branch' | 'micro' | 'night';
  line: Point[];
  length: number;
  stops: BusStop[];
}

export interface BusNetwork {
  stops: BusStop[];
  routes: BusRoute[];
}

const ROUTES = 160;

interface StopsOfRoad {
  /** For buses along the road's line and against it, each in the order they are reached. */
  forth: BusStop[];
  back: BusStop[];
}

/** Stops every 400 m or so on both sides of wider streets, named after what they stand at. */
function drawStops(context: Context): { stops: BusStop[]; byRoad: Map<Road, StopsOfRoad> } {
  const random = createRandom(440604, 'bus stops');
  const stops: BusStop[] = [];
  const byRoad = new Map<Road, StopsOfRoad>();
  const carry = new Map<string, number>();
  for (const road of context.roads) {
    if (road.isBridge || ['motorway', 'residential', 'lane'].includes(road.class)) continue;
    const gap = road.class === 'tertiary' ? 520 : 400;
    const own: StopsOfRoad = { forth: [], back: [] };
    let next = carry.get(road.name) ?? random.between(80, gap);
    while (next < road.length) {
      const { point, angle } = pointAlong(road.line, next);
      const community = context.district.communities[road.community]?.name.replace(/(社区|村)$/, '') ?? '';
      const name = random.pick([
        `${road.name}${community}`,
        `${community}${random.pick(['', '市场', '路口', '牌坊', '小学', '公园', '工业区'])}`,
      ]);
      for (const side of [1, -1]) {
        const d = side * (KERB[road.class] + 2);
        const at: Point = [
          point[0] - Math.sin(angle) * d + Math.cos(angle) * side * 18,
          point[1] + Math.cos(angle) * d + Math.sin(angle) * side * 18,
        ];
        if (!context.isInDistrict(at)) continue;
        const stop = {
          id: '',
          name: `${name}站`,
          at,
          angle: side === 1 ? angle + Math.PI : angle,
          shelter: random.chance(0.72),
          along: next,
          routes: 0,
        };
        stops.push(stop);
        // Buses keep to the right: the stop on the left of the line is for those that come the other way.
        if (side === 1) own.back.unshift(stop);
        else own.forth.push(stop);
      }
      next += gap * random.between(0.8, 1.25);
    }
    byRoad.set(road, own);
    carry.set(road.name, next - road.length);
  }
  return { stops, byRoad };
}

/** The way of a bus with the stops it passes. */
function follow(steps: readonly Step[], byRoad: ReadonlyMap<Road, StopsOfRoad>): { line: Point[]; stops: BusStop[] } {
  const line: Point[] = [];
  const stops: BusStop[] = [];
  for (const { road, isForward } of steps) {
    const piece = isForward ? road.line : road.line.toReversed();
    line.push(...(line.length === 0 ? piece : piece.slice(1)));
    const own = byRoad.get(road);
    if (own) stops.push(...(isForward ? own.forth : own.back));
  }
  return { line, stops };
}

function drawBuses(context: Context): BusNetwork {
  const { stops, byRoad } = drawStops(context);
  const random = createRandom(440604, 'bus routes');
  const graph = new RoadGraph(
    context.roads.filter((road) => !['motorway', 'residential', 'lane'].includes(road.class)),
  );
  const hubs = context.district.land.geography.places
    .filter((place) => ['metro_station', 'station', 'landmark', 'hospital', 'government'].includes(place.kind))
    .map((place) => bendPoint(place.at))
    .filter((at) => context.isInDistrict(at));
  const homes = context.district.communities.map((community) => community.inner);
  const pull = { trunk: 0.8, primary: 0.85, secondary: 1 } as Partial<Record<Road['class'], number>>;
  const uses = new Map<Road, number>();
  const routes: BusRoute[] = [];
  for (let n = 0; n < ROUTES; n++) {
    const from = homes[n % homes.length] as Point;
    const range = n % 8 === 7 ? [1200, 3600] : n % 3 === 0 ? [7500, 15_000] : [3500, 9000];
    const fitting = hubs.filter((hub) => {
      const d = Math.hypot(hub[0] - from[0], hub[1] - from[1]);
      return d > (range[0] as number) && d < (range[1] as number);
    });
    const to = random.pick(fitting.length > 0 ? fitting : hubs);
    // Each route has its own liking for streets, and goes where few others go: all streets with stops get their buses.
    const steps = graph.path(
      from,
      to,
      (road) =>
        road.length *
        (pull[road.class] ?? 1.15) *
        (0.7 + (hashText(`${n}${road.name}`) % 1000) / 1000) *
        (1 + Math.min(6, uses.get(road) ?? 0)),
    );
    for (const { road } of steps) uses.set(road, (uses.get(road) ?? 0) + 1);
    const up = follow(steps, byRoad);
    const down = follow(
      steps.toReversed().map(({ road, isForward }) => ({ road, isForward: !isForward })),
      byRoad,
    );
    const length = lineLength(up.line);
    if (up.stops.length < 2 || down.stops.length < 2) continue;
    const isNight = n % 20 === 19;
    const kind = isNight ? 'night' : length > 9500 ? 'trunk' : length > 4200 ? 'branch' : 'micro';
    const number = routes.length / 2 + 101;
    const name = isNight ? `夜${number - 100}路` : kind === 'micro' ? `禅${number}路` : `${number}路`;
    for (const [direction, way] of [
      ['up', up],
      ['down', down],
    ] as const) {
      routes.push({ id: `BR${pad(routes.length + 1, 4)}`, name, direction, kind, length, ...way });
      for (const stop of way.stops) stop.routes += 1;
    }
  }
  const served = stops.filter((stop) => stop.routes > 0);
  served.forEach((stop, i) => {
    stop.id = `BS${pad(i + 1, 5)}`;
  });
  return { stops: served, routes };
}

/** Bus stops and the routes that serve them: each route runs along streets from stop to stop. */
export const busNetwork = oncePerDistrict(drawBuses);
