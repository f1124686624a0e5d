import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import { type Crossing, crossings } from '../crossings.ts';
import type { Row } from '../files/row.ts';
import type { RoadClass } from '../geography/sources.ts';
import { TODAY, momentText, morning } from '../moment.ts';
import { createNoise } from '../noise.ts';
import { dayText } from '../people.ts';
import type { Point } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { KERB, busyness, heading, roadside } from '../roadside.ts';
import type { Road } from '../streets.ts';
import { type Theme, listed } from './delivery.ts';
import { middling } from './sites.ts';

const RANK: Record<RoadClass, number> = {
  motorway: 0,
  trunk: 6,
  primary: 5,
  secondary: 4,
  tertiary: 2,
  residential: 0,
  lane: 0,
};

/** Crossings of through streets, the greatest first: where signals and cameras stand. */
function mainCrossings(context: Context): { crossing: Crossing; name: string; rank: number }[] {
  return crossings(context, (road) => RANK[road.class] > 0)
    .filter(({ at }) => context.isInDistrict(at))
    .map((crossing) => {
      const arms = crossing.arms.toSorted((p, q) => RANK[q.road.class] - RANK[p.road.class]);
      const [first, second] = [...new Set(arms.map((arm) => arm.road.name))];
      return {
        crossing,
        name: `${first}${second ? `-${second}` : ''}路口`,
        rank: arms.reduce((sum, arm) => sum + RANK[arm.road.class], 0),
      };
    })
    .toSorted((p, q) => q.rank - p.rank || p.crossing.at[0] - q.crossing.at[0]);
}

function signals(context: Context): Row[] {
  const random = createRandom(context.seed, 'traffic signals');
  return mainCrossings(context)
    .slice(0, middling(1120, context.scale))
    .map(({ crossing, name, rank }, i) => {
      const arms = Math.min(8, crossing.arms.length);
      const phases = arms === 3 ? random.int(2, 3) : rank > 18 ? 4 : random.int(2, 4);
      const draw = random.next();
      return row(
        {
          signal_no: `XHJ${pad(i + 1, 4)}`,
          junction: name,
          arms,
          phases,
          cycle_s: phases * random.int(25, 38) + (rank > 18 ? 20 : 0),
          mode: draw < 0.04 ? 'flashing' : rank > 17 ? 'coordinated' : draw < 0.45 ? 'actuated' : 'fixed',
          online: random.chance(0.972),
        },
        pointShape([crossing.at[0] + random.between(-3, 3), crossing.at[1] + random.between(-3, 3)]),
      );
    });
}

/** Most watch the approaches of great crossings; some measure speed between them or watch for parking in busy streets. */
function cameras(context: Context): Row[] {
  const random = createRandom(context.seed, 'traffic cameras');
  const places = mainCrossings(context);
  const weight = busyness(context);
  const between = roadside(context, (road) => (RANK[road.class] > 3 ? weight(road) : 0), 0.5);
  const street = roadside(context, (road) => (RANK[road.class] > 0 ? weight(road) : 0), 0.8);
  const total = middling(2600, context.scale);
  const rows: Row[] = [];
  const add = (road: Road, place: string, angle: number, kind: string, at: Point): void => {
    rows.push(
      row(
        {
          device_no: `DJ${pad(rows.length + 1, 5)}`,
          road: road.name,
          place_name: place,
          direction: heading(angle),
          kind,
          lanes: { trunk: 4, primary: 3, secondary: 2, tertiary: 1 }[road.class as string] ?? 1,
          verified_on: dayText(TODAY - random.int(3, 365)),
        },
        pointShape(at),
      ),
    );
  };
  for (const { crossing, name } of places) {
    for (const { road, angle } of crossing.arms) {
      if (rows.length >= total * 0.68) break;
      if (RANK[road.class] < 2) continue;
      // The mast stands some 20 m before the stop line and looks at the crossing.
      const d = Math.min(road.length * 0.4, KERB[road.class] + 20);
      const side = KERB[road.class] + 0.5;
      const at: Point = [
        crossing.at[0] + Math.cos(angle) * d + Math.sin(angle) * side,
        crossing.at[1] + Math.sin(angle) * d - Math.cos(angle) * side,
      ];
      if (context.isInDistrict(at))
        add(road, `${name}${road.name}进口`, angle + Math.PI, random.chance(0.75) ? 'red_light' : 'checkpoint', at);
    }
  }
  while (rows.length < total) {
    const isSpeed = random.chance(0.4);
    const { road, angle, at } = (isSpeed ? between : street)(random);
    const place = `${road.name}${isSpeed ? '路段' : `${random.int(1, 180)}号门前`}`;
    add(road, place, angle, isSpeed ? 'speed' : 'parking', at);
  }
  return rows;
}

const LIMIT: Record<RoadClass, number> = {
  motorway: 100,
  trunk: 60,
  primary: 60,
  secondary: 50,
  tertiary: 40,
  residential: 30,
  lane: 20,
};

const pickSign = weightedPicker([16, 34, 26, 16, 1.5, 6]);
const SIGNS: readonly [kind: string, contents: readonly string[]][] = [
  ['warning', ['注意行人', '注意儿童', '慢行', '注意信号灯', '向左急弯路', '注意非机动车', '村庄']],
  ['prohibition', ['限速', '限速', '禁止停车', '禁止驶入', '禁止鸣喇叭', '禁止货车通行', '禁止掉头', '限制高度4.5m']],
  ['mandatory', ['直行', '靠右侧道路行驶', '人行横道', '环岛行驶', '机动车行驶', '非机动车行驶', '单行路']],
  ['guide', ['街路名', '交叉路口预告', '停车场', '地点方向', '医院', '学校']],
  ['tourist', ['祖庙', '南风古灶', '岭南天地', '梁园', '亚洲艺术公园']],
  ['auxiliary', ['除公交车外', '7:00-19:00', '货车', '学校区域', '长度200m']],
];

function* signs(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'traffic signs');
  const weight = busyness(context);
  const place = roadside(context, weight, 0.9);
  const total = Math.round(31_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const { at, road } = place(random);
    const [kind, contents] = SIGNS[pickSign(random)] as (typeof SIGNS)[number];
    const content = random.pick(contents);
    const age = random.int(30, 4200);
    const draw = random.next() * (1 + 2500 / age);
    yield row(
      {
        sign_no: `BZ${pad(n, 6)}`,
        kind,
        content: content === '限速' ? `限速${LIMIT[road.class]}` : content === '街路名' ? road.name : content,
        road: road.name,
        state: draw > 0.08 ? 'intact' : draw > 0.05 ? 'covered' : draw > 0.025 ? 'faded' : 'damaged',
        installed_on: dayText(TODAY - age),
      },
      pointShape(at),
    );
  }
}

/** Streets down to secondary ones, on a Sunday at 08:00: the old town and the ways to its markets are the slow ones. */
function* congestion(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'congestion');
  const jam = createNoise('congestion', 1300);
  let n = 0;
  for (const [index, road] of context.roads.entries()) {
    if (!['motorway', 'trunk', 'primary', 'secondary'].includes(road.class)) continue;
    n += 1;
    const [x, y] = road.line[road.line.length >> 1] as Point;
    const free = LIMIT[road.class] * random.between(0.8, 0.95);
    const town = context.district.towns[road.town]?.name;
    const crowd = (town === '祖庙街道' ? 0.34 : town === '南庄镇' ? -0.12 : 0.1) + 0.42 * Math.max(0, jam(x, y));
    const load = road.class === 'motorway' ? 0.05 : Math.max(0, crowd + 0.16 * random.normal());
    const ratio = 1 + load * 1.25 + (random.chance(0.006) ? random.between(1, 2.4) : 0);
    yield row(
      {
        segment_id: `LK${pad(n, 6)}`,
        road_code: `L${pad(index + 1, 6)}`,
        road: road.name,
        speed_kmh: Math.round((free / ratio) * 10) / 10,
        free_speed_kmh: Math.round(free * 10) / 10,
        congestion_index: Math.round(ratio * 100) / 100,
        level: ratio < 1.5 ? 'smooth' : ratio < 1.8 ? 'slow' : ratio < 2.2 ? 'congested' : 'jammed',
        reported_at: morning(random.int(0, 2)),
      },
      lineShape(road.line),
    );
  }
}

const pickHour = weightedPicker([
  1, 0.7, 0.5, 0.4, 0.5, 0.9, 2, 4.2, 5.2, 4.1, 3.6, 3.8, 3.4, 3.3, 3.7, 3.9, 4.2, 5.4, 5.6, 4.3, 3.6, 3.1, 2.3, 1.5,
]);

/** A year of accidents, most at or near crossings of busy streets, oldest first. */
function* accidents(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'traffic accidents');
  const weight = busyness(context);
  const places = crossings(context, (road) => road.class !== 'lane').filter(({ at }) => context.isInDistrict(at));
  const pickCrossing = weightedPicker(places.map(({ arms }) => arms.reduce((sum, arm) => sum + weight(arm.road), 0)));
  const along = roadside(context, (road) => (road.class === 'lane' ? 0 : weight(road)), -3);
  const total = Math.round(21_000 * context.scale);
  let today = -1;
  let sequence = 0;
  for (let n = 0; n < total; n++) {
    const day = TODAY - 365 + Math.floor((n / total) * 365);
    sequence = day === today ? sequence + 1 : 1;
    today = day;
    let road: Road;
    let at: Point;
    const isCrossing = random.chance(0.62);
    do {
      const crossing = isCrossing ? places[pickCrossing(random)] : undefined;
      const spot = along(random);
      road = crossing ? random.pick(crossing.arms).road : spot.road;
      at = crossing ? [crossing.at[0] + random.between(-14, 14), crossing.at[1] + random.between(-14, 14)] : spot.at;
    } while (!context.isInDistrict(at));
    const kind = random.pick(
      road.class === 'motorway'
        ? ['rear_end', 'rear_end', 'side', 'single']
        : ['rear_end', 'rear_end', 'side', 'side', 'two_wheeler', 'two_wheeler', 'two_wheeler', 'pedestrian', 'single'],
    );
    const isSoft = kind === 'two_wheeler' || kind === 'pedestrian';
    const draw = random.next();
    const isFatal = draw < (isSoft ? 0.006 : road.class === 'motorway' ? 0.008 : 0.0015);
    const isInjury = !isFatal && draw < (isSoft ? 0.55 : 0.12);
    const rain = random.next();
    yield row(
      {
        accident_no: `SG${dayText(day).replaceAll('-', '')}${pad(sequence, 4)}`,
        kind,
        severity: isFatal ? 'fatal' : isInjury ? 'injury' : 'property',
        injured: isInjury ? random.pick([1, 1, 1, 2, 2, 3]) : isFatal ? random.int(0, 2) : 0,
        deaths: isFatal ? (random.chance(0.94) ? 1 : 2) : 0,
        road: road.name,
        weather: rain < 0.62 ? 'clear' : rain < 0.8 ? 'cloudy' : 'rain',
        occurred_at: momentText(day, pickHour(random) * 60 + random.int(0, 59)),
      },
      pointShape(at),
    );
  }
}

/** Signals, cameras and signs of the traffic police, how the streets flow, and what went wrong on them. */
export const trafficControl: Theme = {
  traffic_signal: (context) => listed(signals(context)),
  traffic_camera: (context) => listed(cameras(context)),
  traffic_sign: (context) => ({ expected: 31_000 * context.scale, rows: signs(context) }),
  road_congestion: (context) => ({ expected: 4040, rows: congestion(context) }),
  traffic_accident: (context) => ({ expected: 21_000 * context.scale, rows: accidents(context) }),
};
