import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row, Shape } from '../files/row.ts';
import { TODAY, momentText, morning } from '../moment.ts';
import { dayText } from '../people.ts';
import { type Point, segmentDistance, separation, toBoard } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { sample } from '../sample.ts';
import { type Theme, listed } from './delivery.ts';
import { middling, siteNear, stemOf } from './sites.ts';

/** A shower went over the north-west in the night and thins out at 08:00. */
const SHOWER = { centre: toBoard(113.045, 23.03), reach: 3600 };

function rainGauges(context: Context): Row[] {
  const random = createRandom(context.seed, 'rain gauges');
  return siteNear(
    context,
    64,
    (b) => ['public', 'green', 'park', 'farm', 'pond', 'village', 'estate'].includes(b.use),
    random,
  ).map(({ at, block }, i) => {
    const wet = Math.exp(-((separation(at, SHOWER.centre) / SHOWER.reach) ** 2));
    const hour = Math.round(7.5 * wet * random.between(0.75, 1.25) * 2) / 2;
    return row(
      {
        station_no: `440604YL${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}雨量站`,
        rain_5min_mm: Math.round(hour * random.between(0, 0.09) * 2) / 2,
        rain_1h_mm: hour,
        rain_24h_mm: Math.round((hour + 16 * wet + random.between(0, 2)) * 2) / 2,
        online: random.chance(0.97),
        observed_at: morning(random.int(0, 1) * 5),
      },
      pointShape(at),
    );
  });
}

/** Fewer corners, none further than `tolerance` metres from the ring (Douglas and Peucker). */
function simplified(ring: readonly Point[], tolerance: number): Point[] {
  const keep = new Uint8Array(ring.length);
  // A closed ring has no ends: it is cut in two at the corner furthest from the first.
  let far = 0;
  ring.forEach((p, i) => {
    if (separation(p, ring[0] as Point) > separation(ring[far] as Point, ring[0] as Point)) far = i;
  });
  keep[0] = 1;
  keep[far] = 1;
  const open = ring.concat([ring[0] as Point]);
  const parts: [number, number][] = [
    [0, far],
    [far, ring.length],
  ];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [from, to] = part;
    let worst = -1;
    let most = tolerance;
    for (let i = from + 1; i < to; i++) {
      const [x, y] = open[i] as Point;
      const d = segmentDistance(x, y, open[from] as Point, open[to] as Point);
      if (d > most) [worst, most] = [i, d];
    }
    if (worst < 0) continue;
    keep[worst] = 1;
    parts.push([from, worst], [worst, to]);
  }
  return ring.filter((_, i) => keep[i]);
}

interface Signal {
  kind: string;
  title: string;
  /** Weight by month, January first. */
  months: readonly number[];
  colors: readonly string[];
  hours: [number, number];
}

const SIGNALS: readonly Signal[] = [
  {
    kind: 'rainstorm',
    title: '暴雨',
    months: [0, 1, 4, 9, 16, 16, 12, 12, 7, 2, 1, 0],
    colors: ['yellow', 'yellow', 'yellow', 'orange', 'orange', 'red'],
    hours: [2, 8],
  },
  {
    kind: 'thunderstorm',
    title: '雷雨大风',
    months: [0, 1, 6, 10, 12, 12, 12, 11, 6, 1, 0, 0],
    colors: ['blue', 'yellow', 'yellow', 'orange'],
    hours: [2, 5],
  },
  {
    kind: 'typhoon',
    title: '台风',
    months: [0, 0, 0, 0, 0, 2, 6, 6, 7, 3, 0, 0],
    colors: ['white', 'white', 'blue', 'blue', 'yellow', 'orange'],
    hours: [12, 40],
  },
  {
    kind: 'heat',
    title: '高温',
    months: [0, 0, 0, 0, 2, 6, 14, 13, 8, 1, 0, 0],
    colors: ['yellow', 'yellow', 'yellow', 'orange'],
    hours: [6, 10],
  },
  {
    kind: 'cold',
    title: '寒冷',
    months: [9, 5, 1, 0, 0, 0, 0, 0, 0, 0, 1, 6],
    colors: ['yellow', 'yellow', 'orange'],
    hours: [20, 60],
  },
  {
    kind: 'fog',
    title: '大雾',
    months: [5, 6, 6, 2, 0, 0, 0, 0, 0, 1, 3, 4],
    colors: ['yellow', 'yellow', 'orange'],
    hours: [3, 7],
  },
  { kind: 'haze', title: '灰霾', months: [4, 2, 1, 0, 0, 0, 0, 0, 0, 2, 4, 5], colors: ['yellow'], hours: [10, 30] },
  {
    kind: 'fire_weather',
    title: '森林火险',
    months: [3, 1, 0, 0, 0, 0, 0, 0, 0, 4, 6, 5],
    colors: ['yellow', 'orange'],
    hours: [24, 96],
  },
];
const COLOR_ZH: Record<string, string> = { red: '红色', orange: '橙色', yellow: '黄色', blue: '蓝色', white: '白色' };
const TOWN_CHANCES = { all: 0.45, most: 0.2 };

interface Warning {
  signal: Signal;
  color: string;
  towns: number[];
  day: number;
  minute: number;
  minutes: number;
  isUpgraded: boolean;
}

/** About a year of warnings, town by town as the weather office issues them, oldest first; two hold this morning. */
function warnings(context: Context): Row[] {
  const random = createRandom(context.seed, 'weather warnings');
  const { towns } = context.district;
  const all = towns.map((_, t) => t);
  const total = middling(680, context.scale);
  const found: Warning[] = [];
  let rowsMade = 6;
  while (rowsMade < total) {
    const day = TODAY - 1 - random.int(1, 364);
    const month = Number(dayText(day).slice(5, 7)) - 1;
    const signal = random.pick(SIGNALS);
    if (random.next() * 16 > (signal.months[month] as number)) continue;
    const draw = random.next();
    const affected =
      draw < TOWN_CHANCES.all ? all : sample(all, draw < 1 - TOWN_CHANCES.most ? random.int(1, 2) : 3, random);
    const minute = ['heat', 'fog', 'cold'].includes(signal.kind) ? random.int(240, 660) : random.int(0, 1439);
    found.push({
      signal,
      color: random.pick(signal.colors),
      towns: affected.toSorted((p, q) => p - q).slice(0, total - rowsMade),
      day,
      minute,
      minutes: Math.round(random.between(...signal.hours) * 6) * 10,
      isUpgraded: random.chance(0.12),
    });
    rowsMade += (found.at(-1) as Warning).towns.length;
  }
  const [fog, fire] = ['fog', 'fire_weather'].map((kind) => SIGNALS.find((s) => s.kind === kind) as Signal);
  const today = { day: TODAY, isUpgraded: false, color: 'yellow' };
  found.push({ ...today, signal: fire as Signal, towns: all, minute: 90, minutes: 2880 });
  found.push({ ...today, signal: fog as Signal, towns: [...all].slice(-2), minute: 345, minutes: 260 });
  found.sort((p, q) => p.day - q.day || p.minute - q.minute);
  const shapes = towns.map((town): Shape => {
    const ring = (town.rings[0] ?? []).map(([lon, lat]) => toBoard(lon, lat));
    return polygonShape(simplified(ring, 45));
  });
  const sequence = new Map<number, number>();
  return found.flatMap(({ signal, color, towns: affected, day, minute, minutes, isUpgraded }) =>
    affected.map((t) => {
      const n = (sequence.get(day) ?? 0) + 1;
      sequence.set(day, n);
      const end = minute + minutes;
      const isOver = day * 1440 + end <= TODAY * 1440 + 480;
      return row(
        {
          warning_no: `YJ${dayText(day).replaceAll('-', '')}${pad(n, 4)}`,
          kind: signal.kind,
          color,
          state: !isOver ? 'active' : isUpgraded ? 'upgraded' : 'lifted',
          headline: `${towns[t]?.name ?? ''}${signal.title}${COLOR_ZH[color]}预警信号`,
          town_code: towns[t]?.code ?? null,
          issued_at: momentText(day, minute),
          expires_at: momentText(day + Math.floor(end / 1440), end % 1440),
        },
        shapes[t],
      );
    }),
  );
}

const NAMES = [
  '蔷琵',
  '银河',
  '珊珊',
  '榕树',
  '木兰',
  '白鹿',
  '海棠',
  '凤凰',
  '海鸥',
  '琳恩',
  '天兔',
  '百合',
  '悟空',
  '杨柳',
  '洛鞍',
  '米娜',
  '山神',
  '贝碧嘉',
  '苏拉',
  '泰利',
  '小犬',
  '三巴',
  '鸳鸯',
  '布拉万',
  '马力斯',
  '派比安',
  '玛莉亚',
  '安比',
  '丽琵',
  '摩羯',
];
const GRADES: readonly [least: number, grade: string][] = [
  [51, 'SuperTY'],
  [41.5, 'STY'],
  [32.7, 'TY'],
  [24.5, 'STS'],
  [0, 'TS'],
];

/** From the sea east of Luzon to the coast between Vietnam and Fujian, bending north as such storms do. Made up. */
function track(random: Random): Point[] {
  const from: Point = [random.between(124, 142), random.between(11, 18)];
  const to: Point = [random.between(107, 118.5), random.between(20.2, 25.2)];
  const bend = random.between(-1.2, 2.2);
  const steps = random.int(16, 30);
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const t = i / steps;
    const sway = Math.sin(Math.PI * t) * bend;
    const lat = from[1] + (to[1] - from[1]) * t ** 1.3 + sway * 0.5 + random.between(-0.08, 0.08);
    return [
      Math.round((from[0] + (to[0] - from[0]) * t + random.between(-0.1, 0.1)) * 1e4) / 1e4,
      Math.round(lat * 1e4) / 1e4,
    ];
  });
}

function typhoons(context: Context): Row[] {
  const random = createRandom(context.seed, 'typhoons');
  const centre = toBoard(113.07, 23);
  return NAMES.map((name, i) => {
    // Six a year come near enough to be followed, from June to October.
    const year = 2022 + Math.floor(i / 6);
    const day = Date.UTC(year, 5, 12) / 86_400_000 + (i % 6) * 22 + random.int(0, 14);
    const line = track(random);
    const wind = Math.round(Math.min(68, 19 + Math.abs(random.normal()) * 17) * 10) / 10;
    const board = line.map(([lon, lat]) => toBoard(lon, lat));
    const nearest = Math.min(
      ...board.slice(1).map((b, k) => segmentDistance(centre[0], centre[1], board[k] as Point, b)),
    );
    const start = random.int(0, 3) * 360;
    const end = start + (line.length - 1) * 360;
    return row(
      {
        track_no: `TF${pad(i + 1, 4)}`,
        typhoon_no: `${year % 100}${pad(4 + (i % 6) * 3, 2)}`,
        name,
        grade: GRADES.find(([least]) => wind >= least)?.[1] ?? 'TS',
        wind_mps: wind,
        pressure_hpa: Math.round(1006 - wind * 1.35),
        nearest_km: Math.round(nearest / 1000),
        formed_at: momentText(day, start),
        observed_at: momentText(day + Math.floor(end / 1440), end % 1440),
      },
      { type: 'LineString', line },
    );
  });
}

/** Rain as measured, warnings as issued, and the storms of five summers. */
export const weather: Theme = {
  rain_gauge: (context) => listed(rainGauges(context)),
  weather_warning: (context) => listed(warnings(context)),
  typhoon_track: (context) => listed(typhoons(context)),
};
