import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { lastReport } from '../moment.ts';
import { makePlate } from '../identity.ts';
import { drawName } from '../names.ts';
import { alongStreets, rectangle, streetPlaces } from '../places.ts';
import { type Point, offset, pointAlong, ringArea } from '../plane.ts';
import { createRandom } from '../random.ts';
import { KERB, busyness } from '../roadside.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

const tenth = (value: number): number => Math.round(value * 10) / 10;

function toilets(context: Context): Row[] {
  const random = createRandom(context.seed, 'toilets');
  const uses = ['park', 'public', 'commerce', 'old_town', 'village', 'mixed', 'green'];
  return siteNear(context, 412, (block) => uses.includes(block.use), random).map(({ at, block }, i) => {
    const isCentral = ['park', 'public', 'commerce'].includes(block.use);
    const grade = random.chance(isCentral ? 0.5 : 0.1) ? 'first' : random.chance(0.62) ? 'second' : 'third';
    const stalls = { first: random.int(14, 40), second: random.int(8, 20), third: random.int(4, 10) }[grade];
    return row(
      {
        toilet_no: `GC${pad(i + 1, 4)}`,
        name: `${stemOf(context, block)}${block.use === 'park' ? '公园' : random.pick(['市场', '大街', '路口', '祠堂', '广场'])}公厕`,
        grade,
        stalls,
        free_stalls: Math.max(0, stalls - random.int(0, Math.ceil(stalls * 0.45))),
        accessible: grade !== 'third' && random.chance(0.85),
        open_hours: grade === 'first' || random.chance(0.6) ? '全天' : '06:00-22:30',
      },
      pointShape(at),
    );
  });
}

function wasteStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'waste stations');
  const uses = ['factory', 'village', 'mixed', 'green', 'estate'];
  return siteNear(context, 168, (block) => uses.includes(block.use), random).map(({ at, block }, i) => {
    const kind = i % 24 === 0 ? 'sorting' : random.chance(0.55) ? 'compression' : 'collection';
    const load = Math.max(12, Math.min(128, 72 + 19 * random.normal()));
    return row(
      {
        station_no: `ZZ${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}${{ sorting: '垃圾分拣中心', compression: '垃圾压缩转运站', collection: '垃圾收集点' }[kind]}`,
        kind,
        capacity_td: {
          sorting: random.int(8, 20) * 10,
          compression: random.int(4, 16) * 10,
          collection: random.int(4, 25),
        }[kind],
        load_pct: tenth(load),
        odour: tenth(Math.max(3, 4 + load * 0.12 + 4 * random.normal())),
      },
      pointShape(at),
    );
  });
}

/** On their morning rounds: sweepers on wide streets, compactors in the lanes. */
function vehicles(context: Context): Row[] {
  const random = createRandom(context.seed, 'sanitation vehicles');
  const weight = busyness(context);
  const wide = streetPlaces(
    context,
    (road) => (['motorway', 'lane'].includes(road.class) ? 0 : weight(road)),
    [-5, -2],
  );
  const narrow = streetPlaces(
    context,
    (road) => (['residential', 'lane', 'tertiary'].includes(road.class) ? 1 : 0),
    [-3, -1],
  );
  return Array.from({ length: 520 }, (_, i) => {
    const kind = random.pick([
      'sweeper',
      'sweeper',
      'sprinkler',
      'compactor',
      'compactor',
      'food_waste',
      'flatbed',
    ] as const);
    const { at, block } = (kind === 'sweeper' || kind === 'sprinkler' ? wide : narrow)(random);
    const isWorking = random.chance(0.74);
    return row(
      {
        vehicle_no: `HW${pad(i + 1, 4)}`,
        plate_no: makePlate(random, random.chance(0.35)),
        kind,
        route_no: `${context.district.towns[block.town]?.name.slice(0, 2) ?? ''}${pad(random.int(1, 60), 2)}线`,
        speed_kmh: isWorking ? tenth(random.between(3, kind === 'sweeper' ? 14 : 32)) : 0,
        working: isWorking,
        reported_at: lastReport(random, isWorking ? 2 : 40),
      },
      pointShape(at),
    );
  });
}

const KEEPERS = ['岭南园林养护有限公司', '禅城市政园林养护所', '佛山绿美环境工程有限公司', '石湾园林工程有限公司'];
const PROTECTIVE_BY_WATER = 0.45;

/** Parks and greens whole, lawns inside estates, and strips along wide streets. */
function* greenSpaces(context: Context): Generator<Row> {
  const random = createRandom(440604, 'green spaces');
  let n = 0;
  const make = (kind: string, outline: readonly Point[]): Row => {
    n += 1;
    return row(
      {
        green_no: `LD${pad(n, 5)}`,
        kind,
        area_m2: tenth(Math.abs(ringArea(outline))),
        maintainer: random.pick(KEEPERS),
        upkeep:
          kind === 'park'
            ? random.pick(['first', 'first', 'second'])
            : random.pick(['first', 'second', 'second', 'third']),
      },
      polygonShape(outline),
    );
  };
  const { blocks } = context.district;
  for (const block of blocks) {
    if (block.use === 'park') yield make('park', block.ring);
    else if (block.use === 'green') yield make(random.chance(PROTECTIVE_BY_WATER) ? 'protective' : 'park', block.ring);
  }
  const estates = blocks.filter((block) => ['estate', 'office', 'public'].includes(block.use) && block.area > 4000);
  for (let i = 0; i < 1500 && i < estates.length; i++) {
    const block = estates[Math.floor(((i + 0.5) * estates.length) / Math.min(1500, estates.length))] as Block;
    const size = Math.sqrt(block.area) * 0.22;
    yield make('attached', rectangle(block.inner, block.angle, size * 1.5, size * 0.75));
  }
  const verges = alongStreets(
    context,
    2850,
    (road) => ({ trunk: 2.4, primary: 2, secondary: 1.2, tertiary: 0.5 })[road.class as string] ?? 0,
    0,
  );
  for (const { road } of verges) {
    const length = Math.min(road.length * 0.7, random.between(40, 130));
    if (length < 20) continue;
    const from = random.between(0.1, 0.9) * (road.length - length);
    const line = Array.from({ length: 5 }, (_, k) => pointAlong(road.line, from + (length * k) / 4).point);
    const side = random.chance(0.5) ? 1 : -1;
    const kerb = KERB[road.class] + 0.4;
    yield make('verge', [...offset(line, () => side * kerb), ...offset(line, () => side * (kerb + 3.2)).toReversed()]);
  }
}

const SPECIES = [
  'ficus',
  'ficus',
  'ficus',
  'bombax',
  'camphor',
  'longan',
  'lychee',
  'bischofia',
  'dracontomelon',
  'hackberry',
  'other',
];

/** Under the banyans of villages, ancestral halls and old parks. */
function ancientTrees(context: Context): Row[] {
  const random = createRandom(context.seed, 'ancient trees');
  const blocks = context.district.blocks.filter((block) => ['village', 'old_town', 'park'].includes(block.use));
  return Array.from({ length: 640 }, (_, i) => {
    const block = random.pick(blocks);
    const age = Math.round(80 + 420 * random.next() ** 4 + (random.chance(0.012) ? 460 : 0));
    const at: Point = [
      block.inner[0] + random.between(-1, 1) * Math.sqrt(block.area) * 0.22,
      block.inner[1] + random.between(-1, 1) * Math.sqrt(block.area) * 0.22,
    ];
    const draw = random.next() - age / 3000;
    return row(
      {
        tree_no: `4406${pad(4_000_000 + i + 1, 8)}`,
        species: random.pick(SPECIES),
        age_y: age,
        grade: age >= 500 ? 'first' : age >= 300 ? 'second' : age >= 100 ? 'third' : 'reserve',
        height_m: tenth(Math.min(32, 7 + Math.sqrt(age) * 0.6 + 2 * random.normal() ** 2)),
        girth_cm: Math.round(120 + age * 0.9 + random.between(0, 160)),
        health: draw > 0.1 ? 'good' : draw > -0.07 ? 'weak' : 'endangered',
        place_name: `${context.district.communities[block.community]?.name ?? ''}${random.pick(['祠堂前', '村口', '社坛旁', '公园内', '河涌边', '学校内'])}`,
      },
      pointShape(at),
    );
  });
}

function vendorZones(context: Context): Row[] {
  const random = createRandom(context.seed, 'vendor zones');
  const sites = siteNear(
    context,
    64,
    (block) => ['old_town', 'village', 'mixed', 'factory'].includes(block.use),
    random,
  );
  return sites.map(({ at, block }, i) => {
    const stalls = random.int(8, 68);
    const goods = random.pick(['snack', 'snack', 'vegetable', 'sundry', 'mixed']);
    return row(
      {
        zone_no: `SD${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}${{ snack: '美食疏导点', vegetable: '临时菜市', sundry: '便民摊位区', mixed: '便民疏导点' }[goods]}`,
        stalls,
        // Breakfast and vegetables are sold in the morning, the rest at night.
        occupied:
          goods === 'vegetable'
            ? Math.round(stalls * random.between(0.7, 1))
            : Math.round(stalls * random.between(0, 0.35)),
        goods,
        open_hours: goods === 'vegetable' ? '05:30-11:00' : '17:00-24:00',
        manager: drawName(random.chance(0.6), random),
      },
      polygonShape(rectangle(at, block.angle, Math.ceil(stalls / 2) * 2.2, 7)),
    );
  });
}

/** Toilets, waste, vehicles on their rounds, green spaces, old trees and zones for hawkers. */
export const urbanSanitation: Theme = {
  public_toilet: (context) => listed(toilets(context)),
  waste_station: (context) => listed(wasteStations(context)),
  sanitation_vehicle_position: (context) => listed(vehicles(context)),
  green_space: (context) => ({ expected: 5000, rows: greenSpaces(context) }),
  ancient_tree: (context) => listed(ancientTrees(context)),
  vendor_zone: (context) => listed(vendorZones(context)),
};
