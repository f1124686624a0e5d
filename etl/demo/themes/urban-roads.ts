import { type Context, lineShape, pad, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { dayText } from '../people.ts';
import { blockAt, rectangle } from '../places.ts';
import { type Point, lineLength, offset, pointAlong, resample, ringArea } from '../plane.ts';
import { createRandom } from '../random.ts';
import { KERB } from '../roadside.ts';
import type { Road } from '../streets.ts';
import { type Theme, listed } from './delivery.ts';
import { stemOf } from './sites.ts';

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** A line made as wide as a carriageway. */
function widened(line: readonly Point[], width: number): Point[] {
  return [...offset(line, () => -width / 2), ...offset(line, () => width / 2).toReversed()];
}

/** The surfaces that the city keeps up: wide streets first, from crossing to crossing. */
function surfaces(context: Context): Row[] {
  const random = createRandom(440604, 'road surfaces');
  const kept = context.roads.filter(
    (road) => road.length > 60 && ['trunk', 'primary', 'secondary', 'tertiary'].includes(road.class),
  );
  const wanted = 3100;
  return Array.from({ length: Math.min(wanted, kept.length) }, (_, i) => {
    const road = kept[Math.floor(((i + 0.5) * kept.length) / Math.min(wanted, kept.length))] as Road;
    const width = KERB[road.class] * 2 - 3;
    const outline = widened(road.line, width);
    const isConcrete = road.class === 'tertiary' && random.chance(0.35);
    const age = random.next();
    return row(
      {
        surface_no: `LM${pad(i + 1, 5)}`,
        road_name: road.name,
        grade: road.class === 'secondary' ? 'secondary' : road.class === 'tertiary' ? 'branch' : 'arterial',
        width_m: width,
        area_m2: tenth(Math.abs(ringArea(outline))),
        pavement: isConcrete ? 'concrete' : 'asphalt',
        pci: tenth(Math.max(38, Math.min(99, 96 - 34 * age ** 1.8 - (isConcrete ? 7 : 0) + 3 * random.normal()))),
        surveyed_on: dayText(20_758 - random.int(30, 330)),
      },
      polygonShape(outline),
    );
  });
}

interface Span {
  road: Road;
  line: Point[];
}

/** Stretches of street with water on both sides of the centre line, a few metres of bank included. */
function spans(context: Context): Span[] {
  const found: Span[] = [];
  const isWet = (at: Point): boolean => blockAt(context, at)?.use === 'water';
  for (const road of context.roads) {
    const steps = Math.max(2, Math.ceil(road.length / 4));
    let from = -1;
    for (let k = 0; k <= steps; k++) {
      const distance = (road.length * k) / steps;
      const { point, angle } = pointAlong(road.line, distance);
      const side = (by: number): Point => [point[0] - Math.sin(angle) * by, point[1] + Math.cos(angle) * by];
      const wet = isWet(side(1.5)) && isWet(side(-1.5));
      if (wet && from < 0) from = distance;
      if ((wet && k < steps) || from < 0) continue;
      const start = Math.max(0, from - 6);
      const end = Math.min(road.length, distance + 6);
      from = -1;
      if (end - start < 14) continue;
      const pieces = Math.max(2, Math.ceil((end - start) / 25));
      const line = Array.from(
        { length: pieces + 1 },
        (_, i) => pointAlong(road.line, start + ((end - start) * i) / pieces).point,
      );
      found.push({ road, line });
    }
  }
  return found;
}

function bridges(context: Context): Row[] {
  const random = createRandom(440604, 'bridges');
  const rows: Row[] = [];
  const add = (
    name: string,
    kind: string,
    outline: readonly Point[],
    length: number,
    width: number,
    load: string,
  ): void => {
    const year = kind === 'river' ? random.int(1968, 2022) : random.int(1996, 2024);
    rows.push(
      row(
        {
          bridge_no: `QL${pad(rows.length + 1, 4)}`,
          name,
          kind,
          length_m: tenth(length),
          width_m: tenth(width),
          load_class: load,
          bci: tenth(Math.max(48, Math.min(99, 98 - (2026 - year) * 0.5 - Math.abs(random.normal()) * 5))),
          built_year: year,
        },
        polygonShape(outline),
      ),
    );
  };
  const over = spans(context).toSorted((p, q) => KERB[q.road.class] - KERB[p.road.class]);
  const seen = new Map<string, number>();
  for (const { road, line } of over.slice(0, 200)) {
    const n = (seen.get(road.name) ?? 0) + 1;
    seen.set(road.name, n);
    const width = KERB[road.class] * 2;
    const isWide = ['motorway', 'trunk', 'primary'].includes(road.class);
    add(
      `${road.name}${n > 1 ? `${n}号` : ''}桥`,
      'river',
      widened(line, width),
      lineLength(line),
      width,
      isWide ? 'city_a' : 'city_b',
    );
  }
  const motorways = context.roads.filter((road) => road.class === 'motorway' && road.length > 120);
  for (let i = 0; i < 34 && motorways.length > 0; i++) {
    const road = motorways[Math.floor(((i + 0.5) * motorways.length) / 34)] as Road;
    const line = Array.from({ length: 5 }, (_, k) => pointAlong(road.line, road.length * (0.2 + 0.15 * k)).point);
    add(`${road.name}高架桥${i + 1}号`, 'flyover', widened(line, 30), lineLength(line), 30, 'city_a');
  }
  const wide = context.roads.filter((road) => ['trunk', 'primary'].includes(road.class) && road.length > 90);
  for (let i = 0; i < 52; i++) {
    const road = wide[Math.floor(((i + 0.5) * wide.length) / 52)] as Road;
    const { point, angle } = pointAlong(road.line, road.length / 2);
    const length = KERB[road.class] * 2 + 8;
    const block = blockAt(context, point);
    if (!block) continue;
    add(
      `${road.name}${stemOf(context, block)}人行天桥`,
      'foot',
      rectangle(point, angle + Math.PI / 2, length, 4.2),
      length,
      4.2,
      'crowd',
    );
  }
  return rows;
}

/** Under railways and crossings of wide streets; the low ones are where water stands after rain. */
function underpasses(context: Context): Row[] {
  const random = createRandom(440604, 'underpasses');
  const roads = context.roads.filter(
    (road) => ['trunk', 'primary', 'secondary'].includes(road.class) && road.length > 130,
  );
  return Array.from({ length: 38 }, (_, i) => {
    const road = roads[Math.floor(((i + 0.5) * roads.length) / 38)] as Road;
    const length = Math.min(road.length * 0.7, random.between(110, 420));
    const start = (road.length - length) / 2;
    const line = Array.from({ length: 8 }, (_, k) => pointAlong(road.line, start + (length * k) / 7).point);
    const depth = random.between(0.6, 4.6);
    return row(
      {
        underpass_no: `XC${pad(i + 1, 3)}`,
        name: `${road.name}下穿隧道${i + 1}号`,
        length_m: tenth(lineLength(line)),
        clearance_m: random.pick([3.2, 3.5, 4, 4.5, 4.5, 5]),
        lowest_elev_m: Math.round(-depth * 100) / 100,
        pump_m3h: Math.round((200 + depth * 420) / 50) * 50,
        closing_depth_cm: random.pick([15, 20, 25, 27]),
      },
      lineShape(line),
    );
  });
}

/** Along the banks of rivers and creeks, on the land side. */
function greenways(context: Context): Row[] {
  const random = createRandom(440604, 'greenways');
  const reaches: { name: string; kind: string; line: Point[] }[] = [];
  for (const river of context.district.land.watercourses) {
    for (const [side, bank] of [
      [1, river.left],
      [-1, river.right],
    ] as const) {
      const edge = resample(bank, 40).map(bendPoint);
      const path = offset(edge, () => side * 9);
      const waters = [3, 8].map((by) => offset(edge, () => -side * by));
      let reach: Point[] = [];
      const finish = (): void => {
        if (reach.length > 3) reaches.push({ name: river.name.replace(/[((].*$/, ''), kind: river.kind, line: reach });
        reach = [];
      };
      path.forEach((at, i) => {
        const block = blockAt(context, at);
        // Where a creek is filled in or covered there is a bank on the plan, but no water to walk along.
        const isByWater = waters.some((line) => blockAt(context, line[i] as Point)?.use === 'water');
        if (!block || block.use === 'water' || !isByWater) {
          finish();
          return;
        }
        reach.push(at);
        if (reach.length > 24) {
          finish();
          reach = [at];
        }
      });
      finish();
    }
  }
  const wanted = Math.min(210, reaches.length);
  const longest = reaches.toSorted((p, q) => lineLength(q.line) - lineLength(p.line)).slice(0, wanted);
  return longest.map(({ name, kind, line }, i) => {
    const grade = kind === 'river' ? (random.chance(0.4) ? 'regional' : 'city') : 'community';
    return row(
      {
        greenway_no: `LV${pad(i + 1, 4)}`,
        name: `${name}${grade === 'community' ? '滨水步道' : '绿道'}${i + 1}段`,
        grade,
        length_m: tenth(lineLength(line)),
        surface: random.pick(['asphalt', 'asphalt', 'brick', 'plank']),
        lit: random.chance(grade === 'community' ? 0.55 : 0.85),
      },
      lineShape(line),
    );
  });
}

/** Road surfaces, bridges, underpasses and greenways. */
export const urbanRoads: Theme = {
  municipal_road: (context) => listed(surfaces(context)),
  bridge: (context) => listed(bridges(context)),
  underpass: (context) => listed(underpasses(context)),
  greenway: (context) => listed(greenways(context)),
};
