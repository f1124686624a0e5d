import type { Building } from '../buildings.ts';
import { CITY_MATTERS, type CityMatter } from '../city-matters.ts';
import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import type { LandUse } from '../land-use.ts';
import { MORNING, TODAY, momentText, recentDay, reportMinute } from '../moment.ts';
import { brandName, drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { streetPlaces } from '../places.ts';
import { type Point, ringArea } from '../plane.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import { busyness } from '../roadside.ts';
import { unitGridsOf } from '../unit-grids.ts';
import type { Theme } from './delivery.ts';
import { buildingsWhere, middling } from './sites.ts';

/** The unit grids with the 15-digit codes. */
function* unitGrids(context: Context): Generator<Row> {
  const random = createRandom(440604, 'unit grids');
  const ground: Partial<Record<LandUse, string>> = {
    water: 'water',
    park: 'green',
    green: 'green',
    farm: 'rural',
    pond: 'rural',
  };
  for (const { id, block, rings, area } of unitGridsOf(context).list) {
    yield row(
      {
        grid_id: id,
        community_code: context.district.communities[block.community]?.code ?? null,
        grid_code: context.district.grids[block.grid]?.code ?? null,
        ground: ground[block.use] ?? 'built',
        area_m2: Math.round(area * 10) / 10,
        initial_on: dayText(TODAY - random.int(2200, 3600)),
        changed_on: random.chance(0.12) ? dayText(TODAY - random.int(20, 1500)) : null,
      },
      polygonShape(...rings),
    );
  }
}

const CLASSES: Record<string, string> = {
  '06': 'cityscape',
  '07': 'advertising',
  '08': 'construction',
  '09': 'street_order',
  '10': 'cityscape',
};
/** Where a kind of matter is found more often than elsewhere. */
const AFFINITY: Record<string, Partial<Record<LandUse, number>>> = {
  component: {},
  cityscape: { village: 1.6, old_town: 1.5, mixed: 1.1, factory: 0.8 },
  advertising: { village: 1.4, old_town: 1.3, commerce: 1.5, factory: 0.7 },
  construction: { estate: 1.2, commerce: 1.4, office: 1.6, factory: 1.3, old_town: 0.4, village: 0.6 },
  street_order: {
    commerce: 1.9,
    old_town: 1.6,
    mixed: 1.4,
    village: 1.2,
    factory: 0.6,
    park: 1.1,
    farm: 0.2,
    pond: 0.2,
  },
};
const MOST_AFFINE = 2;
const MACHINES: Record<string, readonly string[]> = {
  '06042': ['video_ai', 'sensor', 'collector'],
  '08004': ['sensor', 'video_ai', 'citizen'],
  '08011': ['video_ai', 'video_ai', 'collector'],
  '09001': ['video_ai', 'collector', 'collector'],
  '09005': ['video_ai', 'collector', 'collector'],
  '09009': ['video_ai', 'collector', 'citizen'],
  '06027': ['hotline', 'citizen'],
  '06028': ['hotline', 'citizen', 'sensor'],
  '01037': ['sensor', 'collector', 'hotline'],
};
const SOURCES = ['collector', 'collector', 'collector', 'collector', 'citizen', 'hotline', 'video_ai'];
/** Hours of work of a day, and how much longer than its limit a matter takes at times. */
const WORKDAY = 7;

interface Progress {
  stage: string;
  isOverdue: boolean;
  closedAt: string | null;
}

/** How far a case has come by the reference morning: old ones are closed, those of last night have just begun. */
function progress(day: number, minute: number, hours: number, random: Random): Progress {
  const usual = (hours / WORKDAY) * 1440 * (hours < WORKDAY ? 0.5 : 1);
  const taken = usual * (0.25 + 0.62 * random.next() + (random.chance(0.07) ? 0.4 + 1.4 * random.next() : 0));
  const closed = day * 1440 + minute + Math.max(35, taken);
  const now = TODAY * 1440 + MORNING;
  if (closed <= now) {
    const at = Math.floor(closed);
    return { stage: 'closed', isOverdue: taken > usual, closedAt: momentText(Math.floor(at / 1440), at % 1440) };
  }
  const age = now - day * 1440 - minute;
  const done = age / Math.max(35, taken);
  const stage =
    age < 10 ? 'registered' : age < 30 ? 'dispatched' : done < 0.8 ? 'handling' : done < 0.9 ? 'feedback' : 'checking';
  return { stage, isOverdue: age > usual, closedAt: null };
}

/** A year of cases along the streets, in the order of their numbers within a day. */
function* cases(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'city cases');
  const weight = busyness(context);
  const place = streetPlaces(context, (road) => (road.class === 'motorway' ? 0.05 : 0.6 + weight(road)), [-2, 7]);
  const { list, locate } = unitGridsOf(context);
  const pick = weightedPicker(CITY_MATTERS.map(([, , often]) => often));
  const perDay = new Map<number, number>();
  const total = Math.round(380_000 * context.scale);
  for (let n = 1; n <= total;) {
    const [code, name, , hours] = CITY_MATTERS[pick(random)] as CityMatter;
    const kind = CLASSES[code.slice(0, 2)] ?? 'component';
    const { at, block } = place(random);
    if (!random.chance((AFFINITY[kind]?.[block.use] ?? 1) / MOST_AFFINE)) continue;
    const unit = list[locate(at)];
    if (!unit) continue;
    const day = recentDay(365, random);
    const minute = reportMinute(day, random);
    const sequence = (perDay.get(day) ?? 0) + 1;
    perDay.set(day, sequence);
    const { stage, isOverdue, closedAt } = progress(day, minute, hours, random);
    yield row(
      {
        case_no: `440604${dayText(day).replaceAll('-', '')}${pad(sequence, 6)}`,
        case_class: kind,
        type_code: code,
        type_name: name,
        source: random.pick(MACHINES[code] ?? SOURCES),
        stage,
        level: hours <= 2 ? 'urgent' : 'ordinary',
        grid_id: unit.id,
        limit_hours: hours,
        overdue: isOverdue,
        reported_at: momentText(day, minute),
        closed_at: closedAt,
      },
      pointShape(at),
    );
    n += 1;
  }
}

const CAUSES: readonly [cause: string, weight: number, fine: readonly [number, number], uses: readonly LandUse[]][] = [
  ['street_trading', 34, [50, 500], ['commerce', 'old_town', 'mixed', 'village']],
  ['illegal_building', 9, [2000, 90_000], ['village', 'factory', 'old_town']],
  ['outdoor_ad', 10, [500, 8000], ['commerce', 'mixed', 'office']],
  ['muck', 14, [3000, 30_000], ['factory', 'estate', 'office', 'commerce']],
  ['dust', 8, [5000, 60_000], ['estate', 'office', 'factory']],
  ['fumes', 7, [1000, 20_000], ['commerce', 'mixed', 'old_town']],
  ['waste', 13, [50, 3000], ['estate', 'mixed', 'village', 'commerce']],
  ['greening', 5, [200, 9000], ['estate', 'park', 'green', 'mixed']],
];

function* enforcement(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'enforcement');
  const pick = weightedPicker(CAUSES.map(([, weight]) => weight));
  const weight = busyness(context);
  const place = streetPlaces(context, (road) => (road.class === 'motorway' ? 0 : 0.5 + weight(road)), [0, 9]);
  const counts = new Map<string, number>();
  const total = Math.round(24_000 * context.scale);
  for (let n = 1; n <= total;) {
    const [cause, , [least, most], uses] = CAUSES[pick(random)] as (typeof CAUSES)[number];
    const { at, block } = place(random);
    if (!uses.includes(block.use)) continue;
    n += 1;
    const day = recentDay(800, random);
    const year = dayText(day).slice(0, 4);
    const sequence = (counts.get(year) ?? 0) + 1;
    counts.set(year, sequence);
    const age = TODAY - day;
    const state =
      age < 12 ? 'filed' : age < 40 ? 'investigating' : age < 75 ? 'decided' : random.chance(0.1) ? 'paid' : 'closed';
    const party =
      cause === 'street_trading' || cause === 'waste'
        ? random.pick(['person', 'self_employed'])
        : cause === 'muck' || cause === 'dust'
          ? 'enterprise'
          : random.pick(['person', 'self_employed', 'enterprise']);
    const isFined = !['filed', 'investigating'].includes(state);
    yield row(
      {
        case_no: `禅城管罚字〔${year}〕${pad(sequence, 6)}`,
        cause,
        party_kind: party,
        party:
          party === 'enterprise'
            ? `佛山市${brandName(random)}${cause === 'muck' ? '运输' : '建设'}有限公司`
            : drawName(random.chance(0.6), random),
        fine_yuan: isFined ? Math.round((least + (most - least) * random.next() ** 2.5) / 50) * 50 : null,
        state,
        filed_on: dayText(day),
        grid_code: context.district.grids[block.grid]?.code ?? null,
      },
      pointShape(at),
    );
  }
}

/** Part of a building's outline, drawn in towards one of its corners. */
function addition(building: Building, share: number, random: Random): Point[] {
  const { outline } = building;
  const corner = outline[random.int(0, outline.length - 1)] as Point;
  return outline.map(([x, y]) => [corner[0] + (x - corner[0]) * share, corner[1] + (y - corner[1]) * share]);
}

/** On roofs and in yards, mostly of villages, the old town and workshops. */
function* illegalBuildings(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'illegal buildings');
  const uses: Partial<Record<LandUse, number>> = {
    village: 5,
    old_town: 3,
    factory: 2.4,
    mixed: 0.8,
    estate: 0.25,
    farm: 3,
  };
  const { list, weights } = buildingsWhere(context, (b) => uses[context.blockOf(b).use] ?? 0);
  const pick = weightedPicker(weights);
  const total = middling(8600, context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as Building;
    const { use } = context.blockOf(building);
    const kind =
      use === 'factory'
        ? random.pick(['shed', 'shed', 'extension'])
        : use === 'farm'
          ? random.pick(['whole', 'shed'])
          : random.pick(['rooftop', 'rooftop', 'extension', 'shed', 'whole']);
    const outline = addition(building, kind === 'whole' ? 0.98 : random.between(0.3, 0.62), random);
    const day = recentDay(2600, random);
    const age = TODAY - day;
    const draw = random.next();
    yield row(
      {
        case_no: `WJ${pad(n, 6)}`,
        kind,
        area_m2: Math.max(2, Math.round(Math.abs(ringArea(outline)) * 10) / 10),
        floors: kind === 'whole' ? random.int(1, 4) : 1,
        found_on: dayText(day),
        state:
          age < 40 ? 'found' : draw < Math.min(0.75, 0.2 + age / 2400) ? 'demolished' : draw < 0.9 ? 'ordered' : 'kept',
        owner_kind:
          use === 'factory'
            ? random.pick(['enterprise', 'enterprise', 'collective'])
            : random.chance(0.9)
              ? 'individual'
              : 'collective',
        building_code: building.code,
      },
      polygonShape(outline),
    );
  }
}

/** Unit grids, what is reported and mended in them, and what is punished. */
export const urbanCases: Theme = {
  unit_grid: (context) => ({ expected: unitGridsOf(context).list.length, rows: unitGrids(context) }),
  city_case: (context) => ({ expected: 380_000 * context.scale, rows: cases(context) }),
  enforcement_case: (context) => ({ expected: 24_000 * context.scale, rows: enforcement(context) }),
  illegal_building: (context) => ({ expected: middling(8600, context.scale), rows: illegalBuildings(context) }),
};
