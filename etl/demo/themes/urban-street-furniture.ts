import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import type { RoadClass } from '../geography/sources.ts';
import { doorstep } from '../enterprises.ts';
import { TODAY, lastReport, momentText } from '../moment.ts';
import { brandName } from '../names.ts';
import { dayText } from '../people.ts';
import { alongStreets } from '../places.ts';
import { createRandom, weightedPicker } from '../random.ts';
import type { Road } from '../streets.ts';
import { toBoard } from '../plane.ts';
import type { Theme } from './delivery.ts';
import { listed } from './delivery.ts';
import { components } from './monitoring.ts';
import { buildingsWhere, middling } from './sites.ts';

/** Lamps per metre of street, relative: both sides of wide streets, one side of narrow ones. */
const LAMPS: Record<RoadClass, number> = {
  motorway: 1.2,
  trunk: 3,
  primary: 2.4,
  secondary: 1.7,
  tertiary: 1.3,
  residential: 0.85,
  lane: 0.7,
};
const POWER: Record<RoadClass, number> = {
  motorway: 250,
  trunk: 250,
  primary: 200,
  secondary: 150,
  tertiary: 120,
  residential: 80,
  lane: 40,
};

/** By eight in the morning lamps are off: one that burns is a fault of its own. */
function* lamps(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'street lamps');
  let n = 0;
  for (const { at, road, block } of alongStreets(context, 72_000 * context.scale, (r) => LAMPS[r.class], 0.6)) {
    n += 1;
    const isOld = road.class === 'lane' || context.district.towns[block.town]?.name === '南庄镇';
    const kind = random.chance(isOld ? 0.22 : 0.06) ? 'sodium' : 'led';
    const draw = random.next() * (kind === 'led' ? 1 : 0.5);
    const fault =
      draw < 0.009 ? 'dark' : draw < 0.013 ? 'flicker' : draw < 0.017 ? 'always_on' : draw < 0.019 ? 'pole' : 'none';
    yield row(
      {
        lamp_no: `LD${pad(n, 6)}`,
        road: road.name,
        lamp_kind: kind,
        power_w: Math.round(POWER[road.class] * (kind === 'led' ? 0.6 : 1)),
        cabinet_no: `KX${pad(1 + Math.floor(n / 48), 5)}`,
        is_on: fault === 'always_on',
        fault,
      },
      pointShape(at),
    );
  }
}

const DEVICES = ['LED 照明', '视频监控', '环境监测', '信息发布屏', '5G 微站', '一键求助', '无线 AP', '充电桩'];
const SMART_AREAS = [
  { at: toBoard(113.067, 23.0425), radius: 1500 },
  { at: toBoard(113.052, 23.0165), radius: 1300 },
  { at: toBoard(113.1225, 23.0122), radius: 1100 },
  { at: toBoard(113.1235, 22.9955), radius: 900 },
];

function isSmart(road: Road): boolean {
  const [x, y] = road.line[road.line.length >> 1] as readonly [number, number];
  return SMART_AREAS.some((area) => Math.hypot(x - area.at[0], y - area.at[1]) < area.radius);
}

const POLES: Partial<Record<RoadClass, number>> = {
  trunk: 3,
  primary: 3,
  secondary: 2.5,
  tertiary: 1.5,
  residential: 0.5,
};

/** In the new quarters: 智慧新城, 绿岛湖, the civic centre. */
function smartPoles(context: Context): Row[] {
  const random = createRandom(context.seed, 'smart poles');
  return [...alongStreets(context, 620, (r) => (isSmart(r) ? (POLES[r.class] ?? 0) : 0), 0.6)].map(
    ({ at, road }, i) => {
      const count = random.int(2, DEVICES.length);
      const draw = random.next();
      const state = draw < 0.93 ? 'online' : draw < 0.98 ? 'partial' : 'offline';
      return row(
        {
          pole_no: `ZG${pad(i + 1, 4)}`,
          road: road.name,
          device_kinds: DEVICES.slice(0, count).join('、'),
          device_count: count,
          state,
          online: state !== 'offline',
          reported_at: state === 'offline' ? momentText(TODAY, -random.int(30, 4000)) : lastReport(random),
        },
        pointShape(at),
      );
    },
  );
}

const SURVEYS: Record<string, readonly [from: number, days: number]> = {
  '2024': [TODAY - 780, 40],
  '2025': [TODAY - 420, 45],
  '2026': [TODAY - 75, 50],
};

/** A survey car drives the street: pictures every few metres, one street after the other. */
function* panoramas(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'panoramas');
  const total = 38_000 * context.scale;
  const batches = new Map<string, string>();
  let n = 0;
  for (const place of alongStreets(context, total, (road) => (road.class === 'motorway' ? 0 : 1), -3)) {
    n += 1;
    const { road, at, angle } = place;
    const batch =
      batches.get(road.name) ?? random.pick(road.class === 'lane' ? ['2024', '2025'] : ['2025', '2026', '2026']);
    batches.set(road.name, batch);
    const [from, days] = SURVEYS[batch] as readonly [number, number];
    const day = from + Math.floor((n / total) * days);
    yield row(
      {
        pano_id: `QJ${pad(n, 6)}`,
        road: road.name,
        batch,
        taken_at: momentText(day, 540 + (n % 420)),
        heading: Math.round((((90 - (angle * 180) / Math.PI) % 360) + 360) % 360),
        image_path: `/pano/${batch}/${dayText(day)}/QJ${pad(n, 6)}.jpg`,
      },
      pointShape(at),
    );
  }
}

const COVERS: Record<string, string> = {
  '01001': 'water',
  '01002': 'sewage',
  '01003': 'rain',
  '01005': 'power',
  '01007': 'telecom',
  '01011': 'gas',
};
const COVER_SHARE = 12_000 / 162_000;

/** A sensor under a share of the manhole covers that the component survey has. */
function* manholes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'smart manholes');
  let n = 0;
  for (const component of components(context)) {
    const kind = COVERS[component.type];
    if (kind === undefined || !random.chance(COVER_SHARE * (kind === 'rain' || kind === 'sewage' ? 1.35 : 0.5)))
      continue;
    n += 1;
    const draw = random.next();
    const state = draw < 0.958 ? 'normal' : draw < 0.97 ? 'tilted' : draw < 0.976 ? 'opened' : 'offline';
    const isWet = kind === 'rain' || kind === 'sewage';
    yield row(
      {
        device_no: `JG${pad(n, 6)}`,
        component_code: component.code,
        kind,
        state,
        tilt_deg: state === 'opened' ? random.int(35, 90) : state === 'tilted' ? random.int(8, 30) : random.int(0, 4),
        water_cm: isWet && state !== 'offline' ? random.int(0, kind === 'sewage' ? 90 : 45) : null,
        battery: state === 'offline' ? random.int(0, 8) : random.int(25, 100),
        reported_at: state === 'offline' ? momentText(TODAY, -random.int(60, 9000)) : lastReport(random, 25),
      },
      pointShape(component.at),
    );
  }
}

const AD_KINDS = ['signboard', 'signboard', 'lightbox', 'lightbox', 'facade', 'led', 'column'] as const;
const AD_AREA = {
  signboard: [4, 30],
  lightbox: [2, 16],
  facade: [20, 300],
  led: [12, 220],
  column: [40, 180],
} as const;

/** On the fronts of shops, markets and offices. */
function* advertisements(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'advertisements');
  const { list, weights } = buildingsWhere(context, (b) =>
    b.usage === 'commercial' ? b.businesses * 3 : b.usage === 'office' || b.usage === 'mixed' ? b.businesses : 0,
  );
  const pick = weightedPicker(weights);
  const total = middling(9600, context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as (typeof list)[number];
    const kind = random.pick(AD_KINDS);
    const permit = TODAY + random.int(-420, 900);
    const draw = random.next() + (permit < TODAY ? 0.16 : 0);
    const [least, most] = AD_AREA[kind];
    yield row(
      {
        ad_no: `GG${pad(n, 6)}`,
        kind,
        area_m2: random.int(least, most),
        owner_company: `佛山市${brandName(random)}${random.pick(['广告有限公司', '传媒有限公司', '商贸有限公司'])}`,
        permit_to: dayText(permit),
        safety: draw < 0.8 ? 'safe' : draw < 0.92 ? 'unchecked' : draw < 1.1 ? 'repair' : 'danger',
        building_code: building.code,
      },
      pointShape(doorstep(building, random)),
    );
  }
}

/** Lamps, smart poles, survey pictures, manhole sensors and advertisements along the streets. */
export const urbanStreetFurniture: Theme = {
  street_lamp: (context) => ({ expected: 72_000 * context.scale, rows: lamps(context) }),
  smart_pole: (context) => listed(smartPoles(context)),
  street_panorama: (context) => ({ expected: 38_000 * context.scale, rows: panoramas(context) }),
  smart_manhole: (context) => ({ expected: 12_000 * context.scale, rows: manholes(context) }),
  outdoor_ad: (context) => ({ expected: middling(9600, context.scale), rows: advertisements(context) }),
};
