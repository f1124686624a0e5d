import { type Context, lineShape, pad, pointShape, polygonShape, row } from '../context.ts';
import { elevationOf } from '../elevation.ts';
import type { Row } from '../files/row.ts';
import type { RoadClass } from '../geography/sources.ts';
import { bendPoint } from '../land.ts';
import { estateName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, lineLength, offset, resample, ringArea, smooth, toBoard } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { drawnIn } from '../subdivide.ts';
import { everyFew, tenth } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

const TODAY = 20_758;

/** Pressure, widest bore and share of streets with gas, by the width of the street. */
const GAS: Partial<Record<RoadClass, { level: string; bore: number; share: number }>> = {
  trunk: { level: 'high', bore: 500, share: 0.95 },
  primary: { level: 'medium_a', bore: 400, share: 0.95 },
  secondary: { level: 'medium_a', bore: 315, share: 0.92 },
  tertiary: { level: 'medium_b', bore: 250, share: 0.9 },
  residential: { level: 'medium_b', bore: 160, share: 0.8 },
  lane: { level: 'low', bore: 110, share: 0.5 },
};

/** Beside the kerb of each street that has gas: steel where the pressure is high, plastic since the nineties. */
function* gasPipes(context: Context): Generator<Row> {
  const random = createRandom(440604, 'gas pipes');
  const share = Math.min(1, Math.sqrt(context.scale) * 1.1);
  let n = 0;
  for (const road of context.roads) {
    const gas = GAS[road.class];
    if (!gas || road.isBridge || road.length < 15 || !random.chance(share * gas.share)) continue;
    n += 1;
    const isOld = random.chance(context.district.towns[road.town]?.name === '祖庙街道' ? 0.3 : 0.12);
    const year = isOld ? random.int(1984, 1999) : random.int(2000, 2025);
    yield row(
      {
        pipe_no: `RQ${pad(n, 6)}`,
        pressure_level: gas.level,
        diameter_mm: Math.round((gas.bore * random.pick([0.6, 0.8, 1])) / 5) * 5,
        material: gas.level === 'high' ? 'steel' : isOld ? random.pick(['cast_iron', 'steel']) : 'pe',
        built_year: year,
      },
      lineShape(offset(road.line, () => 3.6)),
    );
  }
}

const STATIONS: readonly [kind: string, weight: number, title: string, capacity: [number, number]][] = [
  ['gate', 2, '天然气门站', [20_000, 60_000]],
  ['regulator', 26, '高中压调压站', [0, 0]],
  ['lng', 3, '液化天然气储配站', [600, 6000]],
  ['lpg', 7, '液化石油气供应站', [20, 200]],
  ['cng', 8, '压缩天然气加气站', [8, 30]],
];

function gasStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'gas stations');
  const pick = weightedPicker(STATIONS.map(([, weight]) => weight));
  return siteNear(
    context,
    46,
    (block) => ['factory', 'green', 'public'].includes(block.use) && block.area > 2500,
    random,
  ).map(({ at, block }, i) => {
    const [kind, , title, capacity] = STATIONS[i < 2 ? 0 : pick(random)] as (typeof STATIONS)[number];
    return row(
      {
        station_no: `RZ${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}${title}`,
        kind,
        capacity_m3: random.int(capacity[0], capacity[1]),
        inspected_on: dayText(TODAY - random.int(1, 45)),
      },
      pointShape(at),
    );
  });
}

/** Under the widest streets: a stretch of one to four kilometres of each, within the district. */
function tunnels(context: Context): Row[] {
  const random = createRandom(context.seed, 'utility tunnels');
  const found: { name: string; line: Point[] }[] = [];
  for (const road of context.district.land.geography.roads) {
    if (road.class !== 'trunk' && road.class !== 'primary') continue;
    const centre = resample(
      smooth(
        road.points.map((p) => toBoard(p[0], p[1])),
        2,
      ),
      75,
    ).map(bendPoint);
    const inside = centre.filter((at) => context.isInDistrict(at));
    const step = Math.min(inside.length, random.int(16, 50));
    const first = random.int(0, Math.max(0, inside.length - step));
    const line = inside.slice(first, first + step);
    // Where a road leaves the district and comes back its points are no line any more.
    const isBroken = line.some((p, i) => i > 0 && lineLength([line[i - 1] as Point, p]) > 200);
    if (line.length > 8 && !isBroken && !found.some(({ name }) => name === road.name))
      found.push({ name: road.name, line });
  }
  return found
    .toSorted((p, q) => lineLength(q.line) - lineLength(p.line))
    .slice(0, 14)
    .map(({ name, line }, i) => {
      const cabins = random.int(1, 4);
      return row(
        {
          tunnel_no: `GL${pad(i + 1, 3)}`,
          name: `${name}综合管廊`,
          length_m: tenth(lineLength(line)),
          cabins,
          pipes: ['电力', '通信', '给水', '燃气', '再生水'].slice(0, cabins + 1).join('、'),
          state: random.chance(0.78) ? 'operating' : 'building',
        },
        lineShape(line),
      );
    });
}

/** Car parks under newer estates, shops under the centres, halls under the metro's stops. */
function spaces(context: Context): Row[] {
  const random = createRandom(context.seed, 'underground spaces');
  const surface = elevationOf(context);
  const rows: Row[] = [];
  const add = (name: string, usage: string, floors: number, ring: readonly Point[], at: Point): void => {
    rows.push(
      row(
        {
          space_no: `DK${pad(rows.length + 1, 5)}`,
          name,
          usage,
          floors,
          area_m2: tenth(ringArea(ring) * floors),
          lowest_m: tenth(surface.at(at[0], at[1]) - 1.2 - floors * 3.9),
        },
        polygonShape(ring),
      ),
    );
  };
  for (const { name, at } of context.district.land.geography.places.filter((p) => p.kind === 'metro_station')) {
    const [x, y] = bendPoint(at);
    const hall: Point[] = [
      [x - 95, y - 11],
      [x + 95, y - 11],
      [x + 95, y + 11],
      [x - 95, y + 11],
    ];
    if (context.isInDistrict([x, y])) add(`${name}地下站厅`, 'metro', 2, hall, [x, y]);
  }
  const found = everyFew(
    context,
    910 - rows.length,
    (block) => ['estate', 'commerce', 'office', 'public'].includes(block.use) && block.area > 4500,
  );
  for (const { block } of found) {
    const isShop = block.use === 'commerce' && random.chance(0.45);
    const usage = isShop ? 'shopping' : random.chance(0.88) ? 'parking' : random.pick(['storage', 'passage']);
    const floors = block.use === 'office' || block.use === 'commerce' ? random.int(1, 4) : random.int(1, 2);
    const title = { shopping: '地下商业街', parking: '地下车库', storage: '地下设备用房', passage: '地下通道' }[usage];
    add(`${estateName(random)}${title ?? ''}`, usage, floors, drawnIn(block.ring, block.inner, 0.6), block.inner);
  }
  return rows;
}

function shelters(context: Context): Row[] {
  const random = createRandom(context.seed, 'civil defence');
  return everyFew(
    context,
    780,
    (block) => ['estate', 'office', 'commerce', 'public', 'mixed'].includes(block.use) && block.area > 4000,
  ).map(({ block }, i) => {
    const ring = drawnIn(block.ring, block.inner, 0.42);
    const area = ringArea(ring);
    const draw = random.next();
    return row(
      {
        work_no: `RF${pad(i + 1, 5)}`,
        name: `${stemOf(context, block)}${estateName(random)}人防工程`,
        level: draw < 0.1 ? 'nuclear_5' : draw < 0.55 ? 'nuclear_6' : 'nuclear_6b',
        area_m2: tenth(area),
        usage_peace:
          block.use === 'commerce' && random.chance(0.4)
            ? 'shopping'
            : random.pick(['parking', 'parking', 'parking', 'storage', 'none']),
        // A square metre a head, and room for the machines.
        shelter_people: Math.round(Math.min(12_000, area * 0.7)),
      },
      polygonShape(ring),
    );
  });
}

/** What lies below the streets and houses: gas, tunnels, car parks and shelters. */
export const underground: Theme = {
  gas_pipe: (context) => ({
    expected: Math.round(15_500 * Math.min(1, Math.sqrt(context.scale) * 1.1)),
    rows: gasPipes(context),
  }),
  gas_station_facility: (context) => listed(gasStations(context)),
  utility_tunnel: (context) => listed(tunnels(context)),
  underground_space: (context) => listed(spaces(context)),
  civil_defence_work: (context) => listed(shelters(context)),
};
