import { type Context, lineShape, pad, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { morning } from '../moment.ts';
import { createNoise } from '../noise.ts';
import { type Point, lineDistance, separation, toBoard } from '../plane.ts';
import { createRandom } from '../random.ts';
import { heading } from '../roadside.ts';
import { StreetGraph } from '../street-graph.ts';
import { type Theme, listed } from './delivery.ts';
import { middling, stemOf } from './sites.ts';

interface MassEvent {
  name: string;
  starts: string;
  ends: string;
  /** Where people gather. */
  centre: [lon: number, lat: number];
  commander: string;
  /** Zones around the centre, from the inside outwards. */
  zones: number;
  routes: { name: string; purpose: string; through: [lon: number, lat: number][] }[];
}

const BRIDGE: [number, number] = [113.113, 23.021];
const TEMPLE: [number, number] = [113.115, 23.031];

/** Nine ways out and the approaches of the bridge walk; the parade of the autumn festival; the spring walk. */
const EVENTS: readonly MassEvent[] = [
  {
    name: '2027年行通济',
    starts: '2027-02-20T19:00:00+08:00',
    ends: '2027-02-21T23:59:00+08:00',
    centre: BRIDGE,
    commander: '行通济活动安保指挥部',
    zones: 36,
    routes: [
      {
        name: '北线（文华路口入）',
        purpose: 'main',
        through: [[113.1022, 23.026], [113.1085, 23.0262], BRIDGE, [113.1135, 23.017]],
      },
      {
        name: '东线（岭南大道口入）',
        purpose: 'main',
        through: [[113.122, 23.0255], [113.1165, 23.025], BRIDGE, [113.113, 23.017]],
      },
      { name: '普澜线', purpose: 'main', through: [[113.1195, 23.0285], [113.1155, 23.0245], BRIDGE] },
      {
        name: '备用一线',
        purpose: 'reserve',
        through: [
          [113.118, 23.0265],
          [113.1175, 23.0185],
          [113.1135, 23.0135],
        ],
      },
      {
        name: '备用二线',
        purpose: 'reserve',
        through: [
          [113.106, 23.0245],
          [113.1075, 23.018],
          [113.112, 23.0135],
        ],
      },
      { name: '同华东出口', purpose: 'egress', through: [BRIDGE, [113.1215, 23.0195]] },
      { name: '季华六路出口', purpose: 'egress', through: [BRIDGE, [113.118, 23.0132]] },
      { name: '季华五路出口', purpose: 'egress', through: [BRIDGE, [113.1085, 23.0132]] },
      { name: '体育路出口', purpose: 'egress', through: [BRIDGE, [113.1045, 23.0205]] },
      { name: '金鱼街出口', purpose: 'egress', through: [BRIDGE, [113.1085, 23.0245]] },
      { name: '市府南出口', purpose: 'egress', through: [BRIDGE, [113.1075, 23.0225]] },
      { name: '卫国路出口', purpose: 'egress', through: [BRIDGE, [113.1155, 23.0275]] },
      { name: '汾江中路出口', purpose: 'egress', through: [BRIDGE, [113.1115, 23.0285]] },
      { name: '绿景路出口', purpose: 'egress', through: [BRIDGE, [113.1145, 23.0105]] },
      { name: '消防救护通道', purpose: 'service', through: [[113.119, 23.006], [113.1165, 23.0155], BRIDGE] },
      { name: '警务保障通道', purpose: 'service', through: [[113.11, 23.0215], BRIDGE, [113.1215, 23.022]] },
    ],
  },
  {
    name: '2026年佛山秋色巡游',
    starts: '2026-11-01T19:00:00+08:00',
    ends: '2026-11-01T22:00:00+08:00',
    centre: TEMPLE,
    commander: '佛山秋色活动安保指挥部',
    zones: 22,
    routes: [
      {
        name: '巡游主线',
        purpose: 'parade',
        through: [[113.1085, 23.0385], [113.113, 23.0355], TEMPLE, [113.118, 23.031], [113.124, 23.0325]],
      },
      {
        name: '巡游回场线',
        purpose: 'parade',
        through: [
          [113.124, 23.0325],
          [113.121, 23.0375],
          [113.114, 23.0405],
          [113.1085, 23.0385],
        ],
      },
      { name: '祖庙地铁口疏散线', purpose: 'egress', through: [TEMPLE, [113.119, 23.033], [113.1225, 23.0365]] },
      { name: '人民路疏散线', purpose: 'egress', through: [TEMPLE, [113.1085, 23.0305], [113.104, 23.031]] },
      {
        name: '花车进场通道',
        purpose: 'service',
        through: [
          [113.1005, 23.0415],
          [113.1085, 23.0385],
        ],
      },
    ],
  },
  {
    name: '2027年佛山50公里徒步禅城段',
    starts: '2027-03-20T07:30:00+08:00',
    ends: '2027-03-20T18:00:00+08:00',
    centre: [113.113, 23.011],
    commander: '徒步活动禅城分指挥部',
    zones: 6,
    routes: [
      {
        name: '徒步主线',
        purpose: 'main',
        through: [
          [113.127, 23.0],
          [113.113, 23.011],
          [113.101, 23.016],
          [113.0765, 23.019],
          [113.066, 23.039],
          [113.042, 23.0165],
        ],
      },
      {
        name: '雨天备用线',
        purpose: 'reserve',
        through: [
          [113.127, 23.0],
          [113.113, 23.011],
          [113.086, 23.0295],
          [113.066, 23.039],
        ],
      },
      {
        name: '收容车通道',
        purpose: 'service',
        through: [
          [113.113, 23.011],
          [113.0915, 23.0125],
          [113.0765, 23.019],
        ],
      },
    ],
  },
];

const place = ([lon, lat]: [number, number]): Point => bendPoint(toBoard(lon, lat));
const WIDTH: Record<string, [number, number]> = {
  main: [10, 24],
  parade: [14, 28],
  reserve: [8, 18],
  egress: [6, 16],
  service: [4, 8],
};

interface EventLine {
  row: Row;
  line: Point[];
  event: MassEvent;
}

function eventLines(context: Context): EventLine[] {
  const random = createRandom(context.seed, 'event routes');
  const graph = new StreetGraph(context);
  return EVENTS.flatMap((event) => event.routes.map((plan) => ({ event, plan }))).flatMap(({ event, plan }, i) => {
    const route = graph.through(plan.through.map(place));
    if (!route) return [];
    const [from, to] = [route.line[0] as Point, route.line.at(-1) as Point];
    const [least, most] = WIDTH[plan.purpose] as [number, number];
    return {
      event,
      line: route.line,
      row: row(
        {
          route_no: `HDX${pad(i + 1, 3)}`,
          event_name: event.name,
          route_name: `${plan.name}：${route.names.slice(0, 6).join('—')}`,
          purpose: plan.purpose,
          direction: heading(Math.atan2(to[1] - from[1], to[0] - from[0])),
          width_m: Math.round(random.between(least, most)),
          length_m: Math.round(route.length),
          starts_at: event.starts,
          ends_at: event.ends,
        },
        lineShape(route.line),
      ),
    };
  });
}

const PEOPLE_PER_M2: Record<string, number> = {
  core: 2.5,
  buffer: 2,
  entrance: 1.5,
  egress: 3,
  parking: 0.5,
  support: 0.5,
};

/** Street blocks around the centre: what a block is used for decides what it is good for on the day. */
function zoneKind(block: Block, rank: number, count: number): string {
  if (rank < count * 0.2) return 'core';
  if (['park', 'green'].includes(block.use)) return 'egress';
  if (block.use === 'public') return 'support';
  if (rank < count * 0.55) return 'buffer';
  if (block.use === 'commerce' || block.use === 'office') return 'parking';
  return ['entrance', 'buffer', 'egress', 'parking'][rank % 4] as string;
}

const ZONE_TITLES: Record<string, string> = {
  core: '核心区',
  buffer: '缓冲区',
  entrance: '入场安检区',
  egress: '疏散集散区',
  parking: '停车区',
  support: '保障区',
};

function controlZones(context: Context): Row[] {
  const rows: Row[] = [];
  for (const event of EVENTS) {
    const centre = place(event.centre);
    const near = context.district.blocks
      .filter((block) => block.use !== 'water' && block.area > 600)
      .map((block) => ({ block, distance: separation(block.inner, centre) }))
      .toSorted((p, q) => p.distance - q.distance)
      .slice(0, event.zones);
    const counts = new Map<string, number>();
    near.forEach(({ block }, rank) => {
      const kind = zoneKind(block, rank, event.zones);
      const n = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, n);
      const density = PEOPLE_PER_M2[kind] as number;
      rows.push(
        row(
          {
            zone_no: `GKQ${pad(rows.length + 1, 3)}`,
            event_name: event.name,
            zone_name: `${stemOf(context, block)}${ZONE_TITLES[kind]}${n}`,
            zone_kind: kind,
            // A third of a block is open ground on which people can stand.
            capacity: Math.max(10, Math.round((block.area * density) / 3 / 10) * 10),
            max_density: density,
            commander: event.commander,
            starts_at: event.starts,
            ends_at: event.ends,
          },
          polygonShape(block.ring),
        ),
      );
    });
  }
  return rows;
}

const CELL = 25;

/** 1 at a place, fading out beyond `reach` metres from it. */
const nearness = (p: Point, q: Point, reach: number): number => Math.exp(-((separation(p, q) / reach) ** 2));

/**
 * Cells along the routes in the old town, nearest first. On the morning of the parade the temple square and the
 * shopping lanes are filling; the rest of the streets are as on any Sunday.
 */
function crowdCells(context: Context): Row[] {
  const random = createRandom(context.seed, 'crowd');
  const lines = eventLines(context).filter(({ event }) => !event.name.includes('徒步'));
  const [temple, bridge, lanes] = [place(TEMPLE), place(BRIDGE), place([113.118, 23.031])];
  const ripple = createNoise('crowd', 140);
  const cells = new Map<string, { corner: Point; distance: number; angle: number }>();
  for (const { line } of lines) {
    for (let k = 1; k < line.length; k++) {
      const [a, b] = [line[k - 1] as Point, line[k] as Point];
      const steps = Math.max(1, Math.ceil(separation(a, b) / CELL));
      for (let s = 0; s <= steps; s++) {
        const x = a[0] + ((b[0] - a[0]) * s) / steps;
        const y = a[1] + ((b[1] - a[1]) * s) / steps;
        for (let dx = -3; dx <= 3; dx++) {
          for (let dy = -3; dy <= 3; dy++) {
            const [i, j] = [Math.floor(x / CELL) + dx, Math.floor(y / CELL) + dy];
            const key = `${i},${j}`;
            const distance = lineDistance((i + 0.5) * CELL, (j + 0.5) * CELL, [a, b]);
            const known = cells.get(key);
            if (!known || distance < known.distance)
              cells.set(key, {
                corner: [i * CELL, j * CELL],
                distance,
                angle: Math.atan2(b[1] - a[1], b[0] - a[0]),
              });
          }
        }
      }
    }
  }
  return [...cells.values()]
    .toSorted((p, q) => p.distance - q.distance || p.corner[0] - q.corner[0] || p.corner[1] - q.corner[1])
    .slice(0, middling(3600, context.scale))
    .map(({ corner: [x, y], distance, angle }, n) => {
      const at: Point = [x + CELL / 2, y + CELL / 2];
      const draw =
        0.75 * nearness(at, temple, 170) + 0.55 * nearness(at, lanes, 190) + 0.12 * nearness(at, bridge, 140);
      const street = distance < 18 ? 0.05 : 0.02;
      const density = Math.max(0, (street + draw) * (1 + 0.6 * ripple(x, y)) * random.between(0.7, 1.3));
      const people = Math.round(density * CELL * CELL);
      const actual = people / (CELL * CELL);
      return row(
        {
          cell_id: `RQ${pad(n + 1, 5)}`,
          people,
          area_m2: CELL * CELL,
          density_m2: Math.round(actual * 1000) / 1000,
          // Weidmann's curve, about: the denser, the slower.
          speed_mps: people === 0 ? null : Math.round(Math.max(0.2, 1.32 * (1 - actual / 5.4)) * 100) / 100,
          direction: people === 0 ? null : Math.round((450 - (angle * 180) / Math.PI) % 360),
          observed_at: morning(0),
        },
        polygonShape([
          [x, y],
          [x + CELL, y],
          [x + CELL, y + CELL],
          [x, y + CELL],
        ]),
      );
    });
}

/** Plans for days when half the city is in the same streets, and how full those streets are this morning. */
export const massEvents: Theme = {
  event_route: (context) => listed(eventLines(context).map((line) => line.row)),
  event_control_zone: (context) => listed(controlZones(context)),
  crowd_density: (context) => listed(crowdCells(context)),
};
