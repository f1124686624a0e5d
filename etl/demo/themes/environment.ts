import { airQualityIndex } from '../air-quality.ts';
import { type Context, lineShape, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { highwaysOf } from '../highways.ts';
import { TODAY, morning } from '../moment.ts';
import { brandName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, lineLength, ringArea, separation } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { type Reach, alongReaches, onBank, reachesOf } from '../reaches.ts';
import { rounded } from '../rounded.ts';
import { roadFinder } from '../streets.ts';
import { strip } from '../strip.ts';
import { sewagePlants, waterPlants } from '../water-works.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

/** Protected stretches of the rivers around the intakes of the water works: the first kilometre, and three more. */
function sourceZones(context: Context): Row[] {
  const rows: Row[] = [];
  const reaches = reachesOf(context);
  for (const { name, reach } of waterPlants(context).slice(0, 3)) {
    const i = reaches.indexOf(reach);
    for (const [grade, title, before] of [
      ['first', '一级', 0],
      ['second', '二级', 3],
    ] as const) {
      const line: Point[] = [];
      for (const part of reaches.slice(Math.max(0, i - before), i + 1)) {
        if (part.river === reach.river) line.push(...part.line.slice(line.length === 0 ? 0 : 1));
      }
      const half = reach.width / 2 + (grade === 'first' ? 50 : 100);
      const ring = strip(line, -half, half);
      if (!ring) continue;
      rows.push(
        row(
          {
            zone_no: `BH${pad(rows.length + 1, 2)}`,
            name: `${name}饮用水水源${title}保护区`,
            grade,
            river: reach.river,
            area_m2: rounded(ringArea(ring), 1),
            approved_on: '2019-08-12',
          },
          polygonShape(ring),
        ),
      );
    }
  }
  return rows;
}

const OUTFALL: Record<string, string> = {
  industrial: '工业排污口',
  sewage_plant: '污水厂排污口',
  rain: '雨水排口',
  farm: '养殖尾水排口',
  domestic: '生活污水散排口',
};

/** Factories and lanes drain into the creek beside them; ponds in the south-west let go of their tail water. */
function outfalls(context: Context): Row[] {
  const random = createRandom(context.seed, 'outfalls');
  const rows: Row[] = [];
  const add = (reach: Reach, share: number, kind: string, owner: string, diameter: number): void => {
    const draw = random.next();
    const isBad = kind === 'domestic' || kind === 'industrial';
    rows.push(
      row(
        {
          outfall_no: `RH440604${pad(rows.length + 1, 4)}`,
          name: `${reach.name.replace(/段\d*$/, '')}${OUTFALL[kind]}${rows.length + 1}`,
          river: reach.river,
          reach_code: reach.code,
          kind,
          owner,
          state:
            draw < (isBad ? 0.35 : 0.8)
              ? 'kept'
              : draw < 0.86
                ? isBad
                  ? 'treating'
                  : 'kept'
                : draw < 0.95
                  ? 'closed'
                  : 'pending',
          diameter_mm: diameter,
          checked_on: dayText(TODAY - random.int(5, 330)),
        },
        pointShape(onBank(reach, share, random.chance(0.5) ? 'left' : 'right', -1)),
      ),
    );
  };
  for (const plant of sewagePlants(context)) add(plant.reach, 0.5, 'sewage_plant', plant.name, 1500);
  for (const { reach, share } of alongReaches(context, 760 - rows.length)) {
    const town = context.district.towns[reach.town]?.name;
    const kinds =
      town === '祖庙街道'
        ? ['rain', 'rain', 'rain', 'domestic']
        : town === '南庄镇'
          ? ['rain', 'farm', 'farm', 'industrial', 'domestic']
          : ['rain', 'rain', 'industrial', 'domestic'];
    const kind = random.pick(kinds);
    const owner =
      {
        rain: '佛山市禅城区住房城乡建设和水利局',
        industrial: `佛山市禅城区${brandName(random)}${town === '张槎街道' ? '针织有限公司' : '陶瓷有限公司'}`,
        farm: `${reach.stem}经济社`,
      }[kind] ?? `${context.district.communities[reach.community]?.name ?? ''}`;
    add(reach, share, kind, owner, random.pick(kind === 'rain' ? [600, 800, 1000, 1200, 1500] : [100, 150, 200, 300]));
  }
  return rows;
}

/** How much industry there is around, 0 to about 1: what a station there breathes. */
function industryAround(context: Context): (at: Point) => number {
  const works = context.district.blocks.filter((block) => block.use === 'factory');
  return ([x, y]) => {
    let sum = 0;
    for (const { inner, area } of works) {
      const d2 = (inner[0] - x) ** 2 + (inner[1] - y) ** 2;
      if (d2 < 1_440_000) sum += area * (1 - d2 / 1_440_000);
    }
    return Math.min(1.4, sum / 900_000);
  };
}

function microStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'micro stations');
  const industry = industryAround(context);
  const findRoad = roadFinder(context.roads.filter((road) => ['motorway', 'trunk', 'primary'].includes(road.class)));
  const taken = new Map<string, number>();
  return siteNear(context, 168, (b) => !['farm', 'pond', 'green'].includes(b.use), random).map(({ at, block }, i) => {
    const traffic = Math.exp(-findRoad(at[0], at[1]).distance / 250);
    const load = industry(at) + 0.35 * traffic + 0.12 * random.normal();
    const pm25 = rounded(Math.max(8, 21 + 26 * load), 1);
    const pm10 = rounded(pm25 * random.between(1.35, 1.75), 1);
    // Where exhaust is thick it uses the ozone up.
    const o3 = rounded(Math.max(10, random.between(64, 96) - 30 * load), 1);
    const isOnline = random.chance(0.97);
    const stem = stemOf(context, block);
    const n = (taken.get(stem) ?? 0) + 1;
    taken.set(stem, n);
    return row(
      {
        station_no: `440604K${pad(i + 1, 3)}`,
        name: `${stem}${n > 1 ? n : ''}微站`,
        aqi: isOnline ? airQualityIndex({ pm25, pm10, o3 }) : null,
        pm25: isOnline ? pm25 : null,
        pm10: isOnline ? pm10 : null,
        o3: isOnline ? o3 : null,
        online: isOnline,
        observed_at: morning(random.int(0, 4)),
      },
      pointShape(at),
    );
  });
}

const middle = ({ reach, share }: { reach: Reach; share: number }): Point =>
  reach.line[Math.floor(share * (reach.line.length - 1))] as Point;
const plainName = (reach: Reach): string => reach.name.replace(/段\d*$/, '');

function sections(context: Context): Row[] {
  const random = createRandom(context.seed, 'water sections');
  const places = [
    ...alongReaches(context, 7, (r) => r.kind === 'river'),
    ...alongReaches(context, 7, (r) => r.kind === 'creek'),
  ];
  const order = ['I', 'II', 'III', 'IV', 'V', 'worse'];
  return places.map((place, i) => {
    const target = place.reach.width > 100 ? 2 : place.reach.kind === 'river' ? 3 : 4;
    const actual = Math.max(1, Math.min(5, target + random.pick([-1, 0, 0, 0, 0, 1])));
    return row(
      {
        section_no: `DM${pad(i + 1, 3)}`,
        name: `${plainName(place.reach)}断面`,
        river: place.reach.river,
        reach_code: place.reach.code,
        level: place.reach.width > 100 ? random.pick(['national', 'provincial']) : 'city',
        target_class: order[target] ?? null,
        actual_class: order[actual] ?? null,
        month: '2026-10',
      },
      pointShape(middle(place)),
    );
  });
}

function waterStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'water stations');
  const places = [
    ...alongReaches(context, 9, (r) => r.kind === 'river'),
    ...alongReaches(context, 13, (r) => r.kind === 'creek'),
  ];
  return places.map((place, i) => {
    const dirt =
      place.reach.width > 100
        ? random.between(0.1, 0.35)
        : place.reach.kind === 'river'
          ? random.between(0.4, 0.8)
          : random.between(0.45, 1.5);
    return row(
      {
        station_no: `440604SZ${pad(i + 1, 3)}`,
        name: `${plainName(place.reach)}水质自动站`,
        river: place.reach.river,
        reach_code: place.reach.code,
        do_mgl: rounded(Math.max(1.2, 7.6 - 3.4 * dirt + 0.3 * random.normal()), 2),
        nh3n_mgl: rounded(0.12 + 1.15 * dirt, 2),
        tp_mgl: rounded(0.05 + 0.16 * dirt, 3),
        codmn_mgl: rounded(1.6 + 4.2 * dirt, 1),
        ph: rounded(random.between(6.8, 7.7), 2),
        observed_at: morning(0),
      },
      pointShape(middle(place)),
    );
  });
}

/** The narrow creeks that were black once, most of them clear again. */
function blackReaches(context: Context): Row[] {
  const random = createRandom(context.seed, 'black reaches');
  const narrow = reachesOf(context).filter((reach) => reach.kind === 'creek');
  return Array.from({ length: 31 }, (_, i) => {
    const reach = narrow[Math.floor(((i + 0.5) * narrow.length) / 31)] as Reach;
    const draw = random.next();
    const level = draw < 0.78 ? 'gone' : draw < 0.96 ? 'light' : 'heavy';
    return row(
      {
        water_no: `HCS${pad(i + 1, 3)}`,
        name: reach.name,
        reach_code: reach.code,
        length_m: rounded(reach.length, 1),
        level,
        treated: level === 'gone' || random.chance(0.5),
        // GB: black below 25 cm of sight is light, below 10 cm heavy.
        transparency_cm: rounded(
          level === 'gone' ? random.between(32, 78) : level === 'light' ? random.between(11, 24) : random.between(4, 9),
          1,
        ),
        checked_on: dayText(TODAY - random.int(3, 28)),
      },
      lineShape(reach.line),
    );
  });
}

type NoiseClass = 'c1' | 'c2' | 'c3' | 'c4a';
/** GB 3096-2008: limits by day and by night, dB(A). */
const NOISE: Record<NoiseClass, [day: number, night: number, title: string]> = {
  c1: [55, 45, '1类'],
  c2: [60, 50, '2类'],
  c3: [65, 55, '3类'],
  c4a: [70, 55, '4a类'],
};

function noiseClass(block: Block): NoiseClass {
  if (block.use === 'factory') return 'c3';
  return ['commerce', 'office', 'mixed', 'old_town'].includes(block.use) ? 'c2' : 'c1';
}

/** Motorways and trunk roads in stretches of about two kilometres, from crossing to crossing. */
function trunkStretches(context: Context): { name: string; line: Point[] }[] {
  const stretches: { name: string; line: Point[] }[] = [];
  for (const { road, line } of highwaysOf(context)) {
    if (road.class !== 'motorway' && road.class !== 'trunk') continue;
    const last = stretches.at(-1);
    const end = last?.line.at(-1);
    const goesOn = last?.name === road.name && end && separation(end, line[0] as Point) < 1;
    if (goesOn && lineLength(last.line) < 2000) last.line.push(...line.slice(1));
    else stretches.push({ name: road.name, line: [...line] });
  }
  return stretches;
}

/** Each community's ground by what most of it is, large parts of another class on their own; strips along trunk roads. */
function noiseZones(context: Context): Row[] {
  const { land, blocks, communities } = context.district;
  const classes: readonly NoiseClass[] = ['c1', 'c2', 'c3'];
  const areas = communities.map(() => [0, 0, 0]);
  for (const block of blocks) {
    if (block.use === 'water') continue;
    const own = areas[block.community] as number[];
    const k = classes.indexOf(noiseClass(block));
    own[k] = (own[k] as number) + block.area;
  }
  const main = areas.map((own) => own.indexOf(Math.max(...own)));
  const region = new Int32Array(land.map.start.length).fill(-1);
  land.faces.forEach((face, i) => {
    const block = blocks[i] as Block;
    const own = areas[block.community] as number[];
    const k = classes.indexOf(noiseClass(block));
    const isLarge = block.use !== 'water' && (own[k] as number) > 0.3 * own.reduce((a, b) => a + b, 0);
    region[face] = block.community * 3 + (isLarge ? k : (main[block.community] as number));
  });
  const rows: Row[] = [];
  const add = (name: string, kind: NoiseClass, rings: readonly (readonly Point[])[]): void => {
    const [day, night, title] = NOISE[kind];
    rows.push(
      row(
        {
          zone_no: `SH${pad(rows.length + 1, 4)}`,
          name: `${name}${title}声环境功能区`,
          zone_class: kind,
          day_limit_db: day,
          night_limit_db: night,
          area_m2: rounded(
            rings.reduce((sum, ring) => sum + ringArea(ring), 0),
            1,
          ),
        },
        polygonShape(...rings),
      ),
    );
  };
  land.map.regionRings(region, communities.length * 3).forEach((rings, id) => {
    // What is cut off and small is no zone of its own.
    for (const outer of rings.filter((ring) => ringArea(ring) > 60_000)) {
      add(communities[Math.floor(id / 3)]?.name ?? '', classes[id % 3] as NoiseClass, [outer]);
    }
  });
  for (const { name, line } of trunkStretches(context)) {
    const ring = strip(line, -40, 40);
    if (ring) add(name, 'c4a', [ring]);
  }
  return rows;
}

function noiseLevel(kind: NoiseClass, random: Random): number {
  return { c1: 50, c2: 55.5, c3: 58.5, c4a: 66 }[kind] + 3.2 * random.normal();
}

function noiseStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'noise stations');
  const findRoad = roadFinder(context.roads.filter((road) => ['motorway', 'trunk', 'primary'].includes(road.class)));
  return siteNear(context, 46, (b) => !['farm', 'pond', 'green', 'park'].includes(b.use), random).map(
    ({ at, block }, i) => {
      const { road, distance } = findRoad(at[0], at[1]);
      const kind = distance < 50 ? 'c4a' : noiseClass(block);
      const isOnline = random.chance(0.95);
      return row(
        {
          station_no: `440604Z${pad(i + 1, 3)}`,
          name:
            kind === 'c4a'
              ? `${road.name}${stemOf(context, block)}监测点`
              : `${stemOf(context, block)}${{ c1: '住宅区', c2: '商住区', c3: '工业区' }[kind]}监测点`,
          function_class: kind,
          leq_db: isOnline ? rounded(noiseLevel(kind, random), 1) : null,
          limit_db: NOISE[kind][0],
          day_night: 'day',
          online: isOnline,
          observed_at: morning(0),
        },
        pointShape(at),
      );
    },
  );
}

/** Air, water and noise: what is protected, what is measured, what flows in. */
export const environment: Theme = {
  water_source_zone: (context) => listed(sourceZones(context)),
  river_outfall: (context) => listed(outfalls(context)),
  air_micro_station: (context) => listed(microStations(context)),
  surface_water_section: (context) => listed(sections(context)),
  water_auto_station: (context) => listed(waterStations(context)),
  black_odor_river: (context) => listed(blackReaches(context)),
  noise_station: (context) => listed(noiseStations(context)),
  noise_function_zone: (context) => listed(noiseZones(context)),
};
