import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import type { LandUse } from '../land-use.ts';
import { TODAY, momentText } from '../moment.ts';
import { createNoise } from '../noise.ts';
import { dayText } from '../people.ts';
import { type Point, boundsOf, toBoard } from '../plane.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import { busyness, roadside } from '../roadside.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere } from './sites.ts';

interface Category {
  id: string;
  weight: number;
  /** Where it happens: at homes, at businesses, in the street. */
  where: 'home' | 'work' | 'street';
  urgent: number;
}

const CATEGORIES: readonly Category[] = [
  { id: 'theft', weight: 9, where: 'work', urgent: 0.1 },
  { id: 'fraud', weight: 8, where: 'home', urgent: 0.05 },
  { id: 'fight', weight: 5, where: 'work', urgent: 0.7 },
  { id: 'dispute', weight: 22, where: 'home', urgent: 0.08 },
  { id: 'traffic', weight: 26, where: 'street', urgent: 0.12 },
  { id: 'noise', weight: 9, where: 'home', urgent: 0 },
  { id: 'help', weight: 14, where: 'home', urgent: 0.15 },
  { id: 'fire_rescue', weight: 1.2, where: 'home', urgent: 1 },
  { id: 'other', weight: 6, where: 'work', urgent: 0.02 },
];
/** What the hotspot map counts: matters of public order. */
const ORDER = new Set(['theft', 'fraud', 'fight']);

const MOOD: Partial<Record<LandUse, number>> = { village: 1.9, old_town: 1.6, commerce: 1.6, mixed: 1.2, estate: 0.6 };

const BY_DAY = weightedPicker([
  1.6, 1.2, 0.9, 0.7, 0.5, 0.6, 1.2, 2.6, 4, 4.6, 4.8, 4.6, 4, 4, 4.4, 4.6, 4.8, 5.2, 5.2, 5, 5, 4.4, 3.4, 2.4,
]);
const AT_NIGHT = weightedPicker([
  6, 4, 2, 1, 0.6, 0.6, 1, 1, 1.2, 1.2, 1.2, 1.2, 1.6, 1.6, 1.2, 1.2, 1.2, 1.6, 2, 3, 4.4, 6, 8, 8,
]);

interface Call {
  category: Category;
  day: number;
  minute: number;
  at: Point;
  place: Building | string;
  sequence: number;
}

/** A year of calls up to 08:00 of the reference day, in order. The same every time, so that hotspots can count them. */
function* policeCalls(context: Context): Generator<Call> {
  const random = createRandom(context.seed, 'police calls');
  const total = Math.round(210_000 * context.scale);
  const pickCategory = weightedPicker(CATEGORIES.map((category) => category.weight));
  const bad = createNoise('public order', 420);
  const pull = (b: Building): number => (MOOD[context.blockOf(b).use] ?? 0.8) * Math.exp(1.5 * bad(b.at[0], b.at[1]));
  const homes = buildingsWhere(context, (b) => b.dwellings * pull(b));
  const works = buildingsWhere(context, (b) => b.businesses * pull(b));
  const pickHome = weightedPicker(homes.weights);
  const pickWork = weightedPicker(works.weights);
  const weight = busyness(context);
  const street = roadside(context, (road) => (road.class === 'lane' ? 0 : weight(road)), -2);
  const perDay = total / 365.3;
  let made = 0;
  for (let day = TODAY - 365; day <= TODAY; day++) {
    const isToday = day === TODAY;
    const due = isToday ? total : Math.round((day - TODAY + 366) * perDay);
    const calls = Array.from({ length: due - made }, () => {
      const category = CATEGORIES[pickCategory(random)] as Category;
      const hour = isToday ? random.int(0, 7) : (category.id === 'noise' ? AT_NIGHT : BY_DAY)(random);
      return { category, minute: hour * 60 + random.int(0, 59) };
    }).toSorted((p, q) => p.minute - q.minute);
    made = due;
    for (const [i, { category, minute }] of calls.entries()) {
      const { at, place } = placeOf(category, random);
      yield { category, day, minute, at, place, sequence: i + 1 };
    }
  }
  function placeOf(category: Category, draw: Random): { at: Point; place: Building | string } {
    if (category.where === 'street') {
      const { at, road } = street(draw);
      return { at, place: road.name };
    }
    const [picker, list] = category.where === 'home' ? [pickHome, homes.list] : [pickWork, works.list];
    const building = list[picker(draw)] as Building;
    return { at: doorstep(building, draw), place: building };
  }
}

function* incidents(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'police response');
  for (const { category, day, minute, at, place, sequence } of policeCalls(context)) {
    const isUrgent = random.chance(category.urgent);
    const isForOthers = !isUrgent && ['noise', 'help', 'other'].includes(category.id) && random.chance(0.45);
    const arrival = minute + (isUrgent ? random.int(2, 9) : random.int(4, 24));
    const age = day === TODAY ? 480 - minute : Infinity;
    const isThere = age > arrival - minute;
    const state = isForOthers
      ? 'transferred'
      : age < 2
        ? 'received'
        : !isThere
          ? 'dispatched'
          : age < 50
            ? 'arrived'
            : 'closed';
    yield row(
      {
        incident_no: `JQ${dayText(day).replaceAll('-', '')}${pad(sequence, 5)}`,
        category: category.id,
        level: isForOthers ? 'non_police' : isUrgent ? 'urgent' : 'normal',
        address: typeof place === 'string' ? `广东省佛山市禅城区${place}路段` : context.addressOf(place),
        state,
        received_at: momentText(day, minute),
        arrived_at: isForOthers || !isThere ? null : momentText(day + Math.floor(arrival / 1440), arrival % 1440),
      },
      pointShape(at),
    );
  }
}

/**
 * Cells of 100 m (of 200 m in small districts, where there are fewer calls to count) with the calls of the last 30
 * days in them, and Getis-Ord Gi* over each cell and its eight neighbours.
 */
function hotspots(context: Context): Row[] {
  const size = context.scale < 0.3 ? 200 : 100;
  const outline = (context.district.district.rings[0] ?? []).map((p) => toBoard(p[0], p[1]));
  const [minX, minY, maxX, maxY] = boundsOf(outline);
  const columns = Math.ceil((maxX - minX) / size);
  const lines = Math.ceil((maxY - minY) / size);
  const recent = new Int32Array(columns * lines);
  const before = new Int32Array(columns * lines);
  const cellOf = ([x, y]: Point): number => Math.floor((y - minY) / size) * columns + Math.floor((x - minX) / size);
  for (const { category, day, at } of policeCalls(context)) {
    if (!ORDER.has(category.id) || day <= TODAY - 60) continue;
    const counts = day > TODAY - 30 ? recent : before;
    const cell = cellOf(at);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const cells: { i: number; j: number; cell: number; corner: Point }[] = [];
  const isCell = new Uint8Array(columns * lines);
  for (let j = 0; j < lines; j++) {
    for (let i = 0; i < columns; i++) {
      const corner: Point = [minX + i * size, minY + j * size];
      if (!context.isInDistrict([corner[0] + size / 2, corner[1] + size / 2])) continue;
      cells.push({ i, j, cell: j * columns + i, corner });
      isCell[j * columns + i] = 1;
    }
  }
  const count = cells.length;
  const mean = cells.reduce((sum, { cell }) => sum + (recent[cell] as number), 0) / count;
  const spread = Math.sqrt(cells.reduce((sum, { cell }) => sum + ((recent[cell] as number) - mean) ** 2, 0) / count);
  return cells.map(({ i, j, cell, corner: [x, y] }, n) => {
    let sum = 0;
    let near = 0;
    for (let v = Math.max(0, j - 1); v <= Math.min(lines - 1, j + 1); v++) {
      for (let u = Math.max(0, i - 1); u <= Math.min(columns - 1, i + 1); u++) {
        if (!isCell[v * columns + u]) continue;
        sum += recent[v * columns + u] as number;
        near += 1;
      }
    }
    const deviation = spread * Math.sqrt((count * near - near * near) / (count - 1));
    const change = (recent[cell] as number) - (before[cell] as number);
    return row(
      {
        cell_id: `RD${pad(n + 1, 6)}`,
        cell_size_m: size,
        incidents_30d: recent[cell] as number,
        gi_score: deviation > 0 ? Math.round(((sum - mean * near) / deviation) * 100) / 100 : 0,
        trend: change > 0 ? 'rising' : change < 0 ? 'falling' : 'steady',
      },
      polygonShape([
        [x, y],
        [x + size, y],
        [x + size, y + size],
        [x, y + size],
      ]),
    );
  });
}

/** A year of 110 calls, and where they gather. */
export const policeCallsTheme: Theme = {
  police_incident: (context) => ({ expected: 210_000 * context.scale, rows: incidents(context) }),
  crime_hotspot: (context) => listed(hotspots(context)),
};
