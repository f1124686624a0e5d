import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { LandUse } from '../land-use.ts';
import type { Row } from '../files/row.ts';
import { doorstep } from '../enterprises.ts';
import { makePlate } from '../identity.ts';
import { MORNING, TODAY, lastReport, momentText } from '../moment.ts';
import { brandName, estateName } from '../names.ts';
import { type Place, alongStreets, rectangle, streetPlaces } from '../places.ts';
import type { Point } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { busyness } from '../roadside.ts';
import type { Road } from '../streets.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, middling, stemOf } from './sites.ts';

const LOT_KIND: Partial<Record<LandUse, string>> = {
  estate: 'residential',
  village: 'residential',
  mixed: 'residential',
  commerce: 'commercial',
  office: 'office',
  factory: 'office',
  public: 'facility',
  park: 'public',
  green: 'public',
  old_town: 'public',
};
/** Share of spaces free at eight on a Sunday morning: people are at home, shops and offices are empty. */
const FREE: Record<string, readonly [number, number]> = {
  residential: [0.02, 0.2],
  commercial: [0.55, 0.9],
  office: [0.7, 0.97],
  facility: [0.35, 0.8],
  public: [0.25, 0.75],
};
const FEES: Record<string, readonly string[]> = {
  residential: ['月保 260 元，临停首小时 5 元', '月保 320 元，临停每小时 3 元', '业主专用'],
  commercial: ['首小时 8 元，之后每小时 4 元', '消费满 100 元免 2 小时'],
  office: ['月保 450 元，临停每小时 5 元', '内部车位，不对外'],
  facility: ['首 30 分钟免费，每小时 4 元'],
  public: ['首 15 分钟免费，每小时 3 元', '全天免费'],
};

function* lots(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'car parks');
  const { list, weights } = buildingsWhere(context, (b) =>
    LOT_KIND[context.blockOf(b).use] === undefined ? 0 : Math.sqrt(b.area * b.floors),
  );
  const pick = weightedPicker(weights);
  const taken = new Set<number>();
  const total = middling(3650, context.scale);
  for (let n = 1; n <= total;) {
    const building = list[pick(random)] as Building;
    const block = context.blockOf(building);
    // One car park to a block, until the blocks run out.
    if (taken.has(building.block) && taken.size < 2600 && random.chance(0.9)) continue;
    taken.add(building.block);
    const kind = LOT_KIND[block.use] as string;
    const spaces = Math.max(
      12,
      Math.min(2600, Math.round((building.area * building.floors) / random.between(55, 120))),
    );
    const [least, most] = FREE[kind] as readonly [number, number];
    const stem = stemOf(context, block);
    const name = {
      residential: `${stem}${estateName(random)}停车场`,
      commercial: `${stem}${brandName(random)}广场停车场`,
      office: `${stem}${brandName(random)}${block.use === 'factory' ? '工业园' : '大厦'}停车场`,
      facility: `${stem}${random.pick(['中学', '医院', '文化中心', '体育馆', '行政服务中心'])}停车场`,
      public: `${stem}${random.pick(['公园', '广场', '牌坊', '市场', '桥底'])}公共停车场`,
    }[kind];
    yield row(
      {
        lot_no: `TC${pad(n, 5)}`,
        name: name ?? '',
        kind,
        spaces,
        free_spaces: Math.round(spaces * random.between(least, most)),
        fee: random.pick(FEES[kind] ?? ['']),
        chargers: random.chance(0.45) ? Math.round(spaces * random.between(0.03, 0.12)) : 0,
        reported_at: lastReport(random, 12),
      },
      pointShape(doorstep(building, random)),
    );
    n += 1;
  }
}

/** Spaces in rows along streets where kerb parking is charged; the inner towns are dearer and fuller. */
function* spaces(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'roadside spaces');
  const town = (road: Road): string => context.district.towns[road.town]?.name ?? '';
  const isCharged = new Map<string, boolean>();
  const share: Record<string, number> = { 祖庙街道: 0.5, 石湾镇街道: 0.3, 张槎街道: 0.25, 南庄镇: 0.12 };
  const weight = (road: Road): number => {
    if (!['secondary', 'tertiary', 'residential'].includes(road.class)) return 0;
    const known = isCharged.get(road.name) ?? random.chance(share[town(road)] ?? 0);
    isCharged.set(road.name, known);
    return known ? 1 : 0;
  };
  let n = 0;
  for (const { at, road, block } of alongStreets(context, 14_800 * context.scale, weight, -1.1)) {
    n += 1;
    const isInner = ['old_town', 'commerce', 'mixed'].includes(block.use);
    const zone = town(road) === '祖庙街道' && isInner ? 'first' : town(road) === '南庄镇' ? 'third' : 'second';
    const draw = random.next();
    const full = { first: 0.74, second: 0.58, third: 0.36 }[zone];
    const state = draw > 0.985 ? 'offline' : draw < full ? 'occupied' : 'free';
    yield row(
      {
        space_no: `BW${pad(n, 6)}`,
        road: road.name,
        zone,
        state,
        parked_at: state === 'occupied' ? momentText(TODAY, MORNING - 5 - Math.floor(700 * random.next() ** 2)) : null,
        reported_at: state === 'offline' ? momentText(TODAY, -random.int(60, 3000)) : lastReport(random, 4),
      },
      pointShape(at),
    );
  }
}

interface BikeZone extends Place {
  capacity: number;
  length: number;
}

/** Painted zones at the kerb: at metro stations and along busy streets. The same every time. */
function bikeZones(context: Context): BikeZone[] {
  const random = createRandom(440604, 'bike zones');
  const weight = busyness(context);
  const busy = alongStreets(
    context,
    1850,
    (road) => (['motorway', 'lane'].includes(road.class) ? 0 : weight(road)),
    1.6,
  );
  return [...busy].map((place) => {
    const capacity = random.int(12, place.road.class === 'residential' ? 30 : 60);
    return { ...place, capacity, length: capacity * 0.55 };
  });
}

function bikeZoneRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'bikes in zones');
  return bikeZones(context).map(({ at, road, block, angle, capacity, length }, i) => {
    const isBusy = ['commerce', 'office', 'mixed', 'old_town'].includes(block.use);
    const fill = Math.max(0, Math.min(2.4, (isBusy ? 0.75 : 0.42) + 0.35 * random.normal()));
    const bikes = Math.round(capacity * fill);
    return row(
      {
        zone_no: `DC${pad(i + 1, 5)}`,
        road: road.name,
        capacity,
        bikes,
        fill_pct: Math.round((bikes / capacity) * 1000) / 10,
        grid_code: context.district.grids[block.grid]?.code ?? null,
      },
      polygonShape(rectangle(at, angle, length, 1.8)),
    );
  });
}

const OPERATORS = ['lingnan', 'lingnan', 'lingnan', 'chanqi', 'chanqi', 'lvtu'];

/** Most stand in the painted zones, some beside them, some are being ridden. */
function* bikes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'bike positions');
  const zones = bikeZones(context);
  const pickZone = weightedPicker(zones.map((zone) => zone.capacity));
  const weight = busyness(context);
  const anywhere = streetPlaces(context, (road) => (road.class === 'motorway' ? 0 : weight(road)), [0.5, 6]);
  const riding = streetPlaces(context, (road) => (road.class === 'motorway' ? 0 : weight(road)), [-3, -1]);
  const total = Math.round(48_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const draw = random.next();
    const state = draw < 0.66 ? 'parked' : draw < 0.9 ? 'stray' : draw < 0.955 ? 'riding' : 'faulty';
    let at: Point;
    if (state === 'parked' || (state === 'faulty' && draw < 0.98)) {
      const zone = zones[pickZone(random)] as BikeZone;
      const along = random.between(-0.48, 0.48) * zone.length;
      const across = random.between(-0.5, 0.5);
      at = [
        zone.at[0] + Math.cos(zone.angle) * along - Math.sin(zone.angle) * across,
        zone.at[1] + Math.sin(zone.angle) * along + Math.cos(zone.angle) * across,
      ];
    } else at = (state === 'riding' ? riding : anywhere)(random).at;
    yield row(
      {
        bike_id: `DC${pad(60_400_000 + n, 8)}`,
        operator: random.pick(OPERATORS),
        kind: random.chance(0.28) ? 'e_bike' : 'bicycle',
        state,
        idle_hours:
          state === 'riding' ? 0 : Math.round((state === 'faulty' ? 60 : 5) * -Math.log(1 - random.next()) * 10) / 10,
        reported_at: state === 'faulty' ? lastReport(random, 900) : lastReport(random, 5),
      },
      pointShape(at),
    );
  }
}

const HAULIERS = [
  '顺通土石方工程有限公司',
  '粤禅渣土运输有限公司',
  '南庄宏达运输有限公司',
  '张槎联运土方有限公司',
  '石湾恒瑞渣土有限公司',
];

/** On the truck routes; loads go uncovered now and then. */
function* muckTrucks(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'muck trucks');
  const place = streetPlaces(
    context,
    (road) => ({ motorway: 0.6, trunk: 3, primary: 2, secondary: 0.8, tertiary: 0.2 })[road.class as string] ?? 0,
    [-7, -3],
  );
  const total = middling(1900, context.scale);
  for (let n = 1; n <= total; n++) {
    const { at, angle } = place(random);
    const draw = random.next();
    const state = draw < 0.42 ? 'empty' : draw < 0.88 ? 'covered' : draw < 0.925 ? 'uncovered' : 'offline';
    const isMoving = state !== 'offline' && random.chance(0.72);
    yield row(
      {
        terminal_no: `ZT${pad(n, 5)}`,
        plate_no: makePlate(random, random.chance(0.2)),
        company: `佛山市${random.pick(HAULIERS)}`,
        load_state: state,
        speed_kmh: isMoving ? Math.round(random.between(8, 62)) : 0,
        heading: Math.round((((90 - (angle * 180) / Math.PI) % 360) + 360) % 360),
        reported_at: state === 'offline' ? momentText(TODAY, -random.int(30, 3000)) : lastReport(random, 2),
      },
      pointShape(at),
    );
  }
}

/** Cars at rest, shared bikes and muck trucks. */
export const urbanParking: Theme = {
  parking_lot: (context) => ({ expected: middling(3650, context.scale), rows: lots(context) }),
  roadside_space: (context) => ({ expected: 14_800 * context.scale, rows: spaces(context) }),
  bike_parking_zone: (context) => listed(bikeZoneRows(context)),
  shared_bike_position: (context) => ({ expected: 48_000 * context.scale, rows: bikes(context) }),
  muck_truck_position: (context) => ({ expected: middling(1900, context.scale), rows: muckTrucks(context) }),
};
