import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { TODAY, moment } from '../moment.ts';
import { brandName, estateName } from '../names.ts';
import { dayText } from '../people.ts';
import type { Point } from '../plane.ts';
import { createRandom } from '../random.ts';
import { type Reach, alongReaches, onBank } from '../reaches.ts';
import { rounded } from '../rounded.ts';
import { sewagePlants, waterPlants } from '../water-works.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

function plants(context: Context): Row[] {
  const random = createRandom(context.seed, 'water plants');
  return waterPlants(context).map(({ no, name, at, reach, capacity }) =>
    row(
      {
        plant_no: no,
        name,
        capacity_10k_m3d: capacity,
        output_10k_m3d: rounded(capacity * random.between(0.62, 0.9), 1),
        source: reach.river,
        process: capacity >= 30 ? 'advanced' : 'conventional',
        operator: capacity >= 18 ? '佛山水务环保股份有限公司' : '禅城供水有限公司',
        built_year: random.int(1978, 2014),
      },
      pointShape(at),
    ),
  );
}

function tapQuality(context: Context): Row[] {
  const random = createRandom(context.seed, 'tap water');
  const works = waterPlants(context);
  const nearest = (at: Point): (typeof works)[number] =>
    works.toSorted(
      (a, b) => Math.hypot(a.at[0] - at[0], a.at[1] - at[1]) - Math.hypot(b.at[0] - at[0], b.at[1] - at[1]),
    )[0] as (typeof works)[number];
  return siteNear(context, 48, (b) => ['estate', 'mixed', 'village', 'old_town', 'public'].includes(b.use), random).map(
    ({ at, block }, i) => {
      const plant = nearest(at);
      // Chlorine is used up on the way: the longer the pipe, the less is left.
      const chlorine = Math.max(
        0.03,
        0.78 - Math.hypot(plant.at[0] - at[0], plant.at[1] - at[1]) / 9500 + random.between(-0.09, 0.09),
      );
      const turbidity = rounded(
        random.between(0.08, 0.55) + (block.use === 'old_town' ? 0.22 : 0) + (random.chance(0.04) ? 0.6 : 0),
        2,
      );
      return row(
        {
          station_no: `GSZ${pad(i + 1, 3)}`,
          name: `${stemOf(context, block)}${block.use === 'estate' ? estateName(random) : random.pick(['市场', '小学', '党群服务中心', '卫生站'])}`,
          plant_no: plant.no,
          turbidity,
          chlorine: rounded(chlorine, 2),
          ph: rounded(random.between(6.9, 7.8), 2),
          // GB 5749-2022: turbidity at most 1 NTU, free chlorine at the tap at least 0.05 mg/L.
          qualified: turbidity <= 1 && chlorine >= 0.05,
          sampled_at: moment(TODAY - 1, random.int(8, 16), random.int(0, 59)),
        },
        pointShape(at),
      );
    },
  );
}

function treatment(context: Context): Row[] {
  const random = createRandom(context.seed, 'sewage plants');
  return sewagePlants(context).map(({ no, name, at, reach, capacity }) =>
    row(
      {
        plant_no: no,
        name,
        capacity_10k_m3d: capacity,
        load_pct: rounded(random.between(68, 104), 1),
        standard: capacity >= 20 ? 'quasi_iv' : random.chance(0.85) ? 'class_1a' : 'class_1b',
        receiving: reach.river,
        reach_code: reach.code,
        operator: '佛山水务环保股份有限公司',
      },
      pointShape(at),
    ),
  );
}

function intakes(context: Context): Row[] {
  const random = createRandom(context.seed, 'water intakes');
  const rows: Row[] = [];
  const add = (owner: string, kind: string, purpose: string, annual: number, at: Point): void => {
    if (!context.isInDistrict(at)) return;
    rows.push(
      row(
        {
          permit_no: `D440604${kind === 'ground' ? 'G' : 'S'}2021${pad(rows.length + 1, 4)}`,
          owner,
          source_kind: kind,
          purpose,
          annual_10k_m3: rounded(annual, 2),
          metered: annual > 5 || random.chance(0.7),
          valid_until: dayText(TODAY + random.int(-40, 1500)),
        },
        pointShape(at),
      ),
    );
  };
  const bank = (reach: Reach, share: number): Point => onBank(reach, share, random.chance(0.5) ? 'left' : 'right', 4);
  for (const { name, capacity, at, reach } of waterPlants(context)) {
    const k = reach.line.reduce((best, p, i) => {
      const q = reach.line[best] as Point;
      return Math.hypot(p[0] - at[0], p[1] - at[1]) < Math.hypot(q[0] - at[0], q[1] - at[1]) ? i : best;
    }, 0);
    add(`${name}取水泵房`, 'river', 'public', capacity * 340, onBank(reach, k / reach.line.length, 'left', -4));
  }
  for (const { reach, share } of alongReaches(context, 96)) {
    add(
      `佛山市禅城区${brandName(random)}${random.pick(['陶瓷有限公司', '针织染整有限公司', '金属制品厂', '园林绿化有限公司'])}`,
      'river',
      random.pick(['industry', 'industry', 'landscape']),
      random.between(0.6, 60),
      bank(reach, share),
    );
  }
  const fish = context.ponds.filter((pond) => pond.kind === 'fish');
  for (let i = 0; i < 78; i++) {
    const pond = fish[Math.floor(((i + 0.5) * fish.length) / 78)];
    if (!pond) continue;
    const block = context.district.blocks[pond.block];
    const village = block ? stemOf(context, block) : '';
    add(`${village}经济社养殖场${i + 1}`, 'pond', 'farm', random.between(0.5, 8), pond.outline[0] as Point);
  }
  for (const { at, block } of siteNear(context, 30, (b) => b.use === 'factory' || b.use === 'farm', random)) {
    add(
      `${stemOf(context, block)}${brandName(random)}${block.use === 'farm' ? '农场' : '实业有限公司'}`,
      'ground',
      block.use === 'farm' ? 'farm' : 'industry',
      random.between(0.2, 6),
      at,
    );
  }
  return rows;
}

const MONTHS = 9;

/** Cubic metres by grid and kind of use, from who lives and works in the grid; summers are thirstier. */
function* usage(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'water usage');
  const months = Math.max(1, Math.round(MONTHS * context.scale));
  const { persons, households, enterprises } = context.perGrid;
  const factories = new Float64Array(context.district.grids.length);
  for (const block of context.district.blocks) {
    if (block.use === 'factory') factories[block.grid] = (factories[block.grid] as number) + block.area;
  }
  let n = 0;
  for (let m = MONTHS - months; m < MONTHS; m++) {
    const month = 2 + m;
    const season = 1 + 0.14 * Math.cos(((month - 7.5) / 6) * Math.PI);
    for (let g = 0; g < context.district.grids.length; g++) {
      const uses: [string, number, number][] = [
        ['residential', households[g] ?? 0, (persons[g] ?? 0) * 5.6],
        ['commercial', Math.round((enterprises[g] ?? 0) * 0.7), (enterprises[g] ?? 0) * 11],
        ['industrial', Math.round((factories[g] as number) / 5200), (factories[g] as number) * 0.021 * context.scale],
      ];
      for (const [industry, meters, volume] of uses) {
        n += 1;
        yield row({
          record_no: `YSL${pad(n, 7)}`,
          month: `2026-${pad(month, 2)}`,
          grid_code: context.district.grids[g]?.code ?? null,
          industry,
          meters,
          usage_m3: Math.round(volume * season * random.between(0.86, 1.14)),
        });
      }
    }
  }
}

/** Water works, what comes out of the tap, who takes water and how much is used. */
export const waterSupply: Theme = {
  water_plant: (context) => listed(plants(context)),
  tap_water_quality: (context) => listed(tapQuality(context)),
  sewage_plant: (context) => listed(treatment(context)),
  water_intake: (context) => listed(intakes(context)),
  water_usage: (context) => ({
    expected: Math.max(1, Math.round(MONTHS * context.scale)) * context.district.grids.length * 3,
    rows: usage(context),
  }),
};
