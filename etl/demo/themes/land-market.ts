import { type Cadastre, PARCEL_USAGE, type ParcelUsage, cadastreOf } from '../cadastre.ts';
import { type Context, pad, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { brandName, estateName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, ringArea } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { subdivide } from '../subdivide.ts';
import { everyFew, tenth, townOf } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { middling, stemOf } from './sites.ts';

const WORKS: Record<ParcelUsage, readonly string[]> = {
  residential: ['住宅小区', '人才公寓', '安置房', '城市更新'],
  mixed: ['商住', '综合体', '公寓'],
  commercial: ['商业中心', '商务大厦', '酒店', '总部大楼'],
  industrial: ['智能制造产业园', '陶瓷新材料厂房', '针织产业园', '仓储物流中心', '标准厂房'],
  public: ['学校', '社区卫生服务中心', '文体中心', '养老院', '变电站'],
};
const LAND_CODE: Record<ParcelUsage, string> = {
  residential: '0701',
  mixed: '0701',
  commercial: '0501',
  industrial: '0601',
  public: '0801',
};

function projectName(context: Context, block: Block, usage: ParcelUsage, random: Random): string {
  const name = usage === 'residential' || usage === 'mixed' ? estateName(random) : brandName(random);
  return `${stemOf(context, block)}${usage === 'public' ? '' : name}${random.pick(WORKS[usage])}项目`;
}

function holderName(usage: ParcelUsage, random: Random): string {
  if (usage === 'public') return random.pick(['佛山市禅城区公共设施建设中心', '佛山市禅城区城市建设投资有限公司']);
  const ending = usage === 'industrial' ? ['实业', '科技', '陶瓷', '针织'] : ['房地产开发', '置业', '投资', '商业管理'];
  return `佛山市${brandName(random)}${random.pick(ending)}有限公司`;
}

interface Plot {
  block: Block;
  ring: Point[];
  area: number;
  usage: ParcelUsage;
}

/** Pieces of built-up blocks of about a hectare and a half, one from each chosen block, spread over the district. */
function plots(context: Context, wanted: number, purpose: string, test: (block: Block) => boolean): Plot[] {
  return everyFew(context, wanted, (block) => PARCEL_USAGE[block.use] !== undefined && test(block)).map(
    ({ block, index }): Plot => {
      const random = createRandom(context.seed, `${purpose} ${index}`);
      const ring = random.pick(subdivide(block.ring, 15_000, random));
      return { block, ring, area: ringArea(ring), usage: PARCEL_USAGE[block.use] ?? 'mixed' };
    },
  );
}

/** Farmland and ponds became works and homes in the outer towns; the inner ones rebuild; a little goes back to green. */
function changes(context: Context): Row[] {
  const random = createRandom(context.seed, 'land-use change');
  const found = everyFew(context, middling(1900, context.scale), (block) =>
    ['factory', 'estate', 'commerce', 'office', 'farm', 'green', 'mixed'].includes(block.use),
  );
  return found.map(({ block, index }, i) => {
    const town = townOf(context, block);
    const isGreen = block.use === 'farm' || block.use === 'green';
    const isOuter = town === '南庄镇' || (town === '张槎街道' && block.use === 'factory');
    const kind = isGreen
      ? 'reclaimed'
      : !isOuter || random.chance(0.25)
        ? 'renewal'
        : town === '南庄镇' && random.chance(0.6)
          ? 'pond_to_built'
          : 'farm_to_built';
    const to = isGreen ? (block.use === 'farm' ? '0103' : '0810') : LAND_CODE[PARCEL_USAGE[block.use] ?? 'mixed'];
    const from = {
      reclaimed: '1206',
      renewal: to === '0601' ? '0602' : '0601',
      pond_to_built: '1104',
      farm_to_built: '0103',
    };
    const pieces = subdivide(block.ring, 6000, createRandom(context.seed, `change ${index}`));
    const ring = random.pick(pieces);
    return row(
      {
        change_no: `BG${pad(i + 1, 6)}`,
        change_kind: kind,
        from_code: from[kind],
        to_code: to,
        area_m2: tenth(ringArea(ring)),
        change_year: random.int(2019, 2025),
      },
      polygonShape(ring),
    );
  });
}

/** Mean year in which the houses of each block were built; blocks without houses are left out. */
function yearsOf(context: Context): Map<number, number> {
  const sums = new Map<number, [years: number, count: number]>();
  for (const { block, builtYear } of context.buildings) {
    const [years, count] = sums.get(block) ?? [0, 0];
    sums.set(block, [years + builtYear, count + 1]);
  }
  return new Map(Array.from(sums, ([block, [years, count]]) => [block, Math.round(years / count)]));
}

function constructionLand(context: Context): Row[] {
  const random = createRandom(context.seed, 'construction land');
  const years = yearsOf(context);
  return context.district.blocks
    .flatMap((block, index) => {
      const usage = block.use === 'village' || block.use === 'old_town' ? undefined : PARCEL_USAGE[block.use];
      return usage && block.area > 1500 ? [{ block, index, usage }] : [];
    })
    .map(({ block, index, usage }, i) => {
      const built = years.get(index) ?? 2015;
      return row(
        {
          land_no: `JS${pad(i + 1, 5)}`,
          land_code: LAND_CODE[usage],
          usage,
          area_m2: tenth(block.area),
          owner_kind: usage === 'industrial' && random.chance(0.6) ? 'collective' : 'state',
          approved_on: `${Math.max(1987, built - random.int(1, 4))}-${pad(random.int(1, 12), 2)}-${pad(random.int(1, 28), 2)}`,
        },
        polygonShape(block.ring),
      );
    });
}

/** Price of a square metre of land in yuan by use; the inner towns cost more. */
const LAND_PRICE: Record<ParcelUsage, number> = {
  residential: 9500,
  mixed: 8200,
  commercial: 6800,
  industrial: 950,
  public: 0,
};
const TOWN_PRICE: Record<string, number> = { 祖庙街道: 1.5, 石湾镇街道: 1.25, 张槎街道: 1, 南庄镇: 0.65 };

function supplies(context: Context): Row[] {
  const random = createRandom(context.seed, 'land supply');
  const chosen = plots(context, middling(1120, context.scale), 'supply', (block) =>
    ['estate', 'mixed', 'commerce', 'office', 'factory', 'public'].includes(block.use),
  );
  return chosen.map(({ block, ring, area, usage }, i) => {
    const day = 20_758 - random.int(5, 5500);
    const year = Number(dayText(day).slice(0, 4));
    const trend = 0.35 + 0.65 * Math.min(1, (year - 2011) / 10);
    const price = LAND_PRICE[usage] * (TOWN_PRICE[townOf(context, block)] ?? 1) * trend * random.between(0.8, 1.3);
    return row(
      {
        contract_no: `440604${year}B${pad(i + 1, 5)}`,
        project: projectName(context, block, usage, random),
        usage,
        supply_kind:
          usage === 'public' ? 'allocation' : random.chance(0.86) ? 'listing' : random.pick(['auction', 'agreement']),
        area_m2: tenth(area),
        price_10k: Math.round((price * area) / 10_000),
        supplied_on: dayText(day),
      },
      polygonShape(ring),
    );
  });
}

function reserves(context: Context): Row[] {
  const random = createRandom(context.seed, 'land reserve');
  const found = everyFew(
    context,
    260,
    (block) =>
      (['green', 'farm'].includes(block.use) && block.area > 4000) || (block.use === 'factory' && block.area > 18_000),
  );
  return found.map(({ block, index }, i) => {
    const ring = random.pick(subdivide(block.ring, 22_000, createRandom(context.seed, `reserve ${index}`)));
    const town = townOf(context, block);
    return row(
      {
        reserve_no: `CB${pad(i + 1, 4)}`,
        area_m2: tenth(ringArea(ring)),
        plan_use: random.pick(
          town === '南庄镇'
            ? ['industrial', 'industrial', 'residential', 'public']
            : ['residential', 'mixed', 'commercial', 'public', 'industrial'],
        ),
        status:
          block.use === 'factory'
            ? random.pick(['acquiring', 'stored'])
            : random.pick(['stored', 'preparing', 'ready']),
        stored_on: dayText(20_758 - random.int(30, 2600)),
      },
      polygonShape(ring),
    );
  });
}

function inefficient(context: Context): Row[] {
  const random = createRandom(context.seed, 'inefficient land');
  const years = yearsOf(context);
  const found = everyFew(
    context,
    340,
    (block) =>
      (block.use === 'factory' && block.area > 8000) ||
      (block.use === 'village' && block.area > 5000) ||
      (block.use === 'old_town' && block.area > 5000),
  );
  return found.map(({ block, index }, i) => {
    const isOld = (years.get(index) ?? 2010) < 2002;
    const reason =
      block.use === 'village'
        ? 'old_village'
        : block.use === 'old_town'
          ? 'old_town'
          : isOld
            ? 'old_factory'
            : random.chance(0.3)
              ? 'idle'
              : 'low_output';
    return row(
      {
        land_no: `DX${pad(i + 1, 4)}`,
        area_m2: tenth(block.area),
        reason,
        measure:
          reason === 'low_output'
            ? random.pick(['upgrade', 'none'])
            : random.pick(['renewal', 'takeover', 'none', 'none']),
        found_on: dayText(20_758 - random.int(20, 1500)),
      },
      polygonShape(block.ring),
    );
  });
}

function landPermits(context: Context): Row[] {
  const random = createRandom(context.seed, 'land-use permits');
  const years = yearsOf(context);
  const found = everyFew(
    context,
    middling(2300, context.scale),
    (block) => ['estate', 'mixed', 'commerce', 'office', 'factory', 'public'].includes(block.use) && block.area > 1500,
  );
  return found.map(({ block, index }, i) => {
    const usage = PARCEL_USAGE[block.use] ?? 'mixed';
    const year = Math.min(2026, Math.max(1995, (years.get(index) ?? 2020) - 2));
    return row(
      {
        permit_no: `440604${year}YG${pad(i + 1, 7)}`,
        project: projectName(context, block, usage, random),
        holder: holderName(usage, random),
        usage,
        area_m2: tenth(block.area),
        issued_on: `${year}-${pad(random.int(1, 10), 2)}-${pad(random.int(1, 28), 2)}`,
      },
      polygonShape(block.ring),
    );
  });
}

/** A permit for each of some thousand houses outside the old quarters, on the parcel the house stands on. */
function buildingPermits(context: Context): Row[] {
  const random = createRandom(context.seed, 'construction plan permits');
  const cadastre: Cadastre = cadastreOf(context);
  const houses = context.buildings.filter(
    (building) =>
      building.builtYear >= 1995 &&
      !['village', 'old_town', 'farm', 'pond', 'green'].includes(context.blockOf(building).use),
  );
  const total = Math.min(houses.length, middling(5600, context.scale));
  const rows: Row[] = [];
  for (let i = 0; i < total; i++) {
    const house = houses[Math.floor(((i + 0.5) * houses.length) / total)] as (typeof houses)[number];
    const parcel = cadastre.under(house);
    if (!parcel) continue;
    const year = house.builtYear - 1;
    rows.push(
      row(
        {
          permit_no: `440604${year}GG${pad(rows.length + 1, 7)}`,
          project: projectName(context, context.blockOf(house), parcel.usage, random),
          holder: holderName(parcel.usage, random),
          floor_area_m2: Math.round(Math.min(house.area, parcel.area) * house.floors),
          floors: house.floors,
          issued_on: `${year}-${pad(random.int(1, 12), 2)}-${pad(random.int(1, 28), 2)}`,
        },
        polygonShape(parcel.ring),
      ),
    );
  }
  return rows;
}

/** Land on its way from field to house: changed, approved, supplied, kept in reserve, permitted, and found lying idle. */
export const landMarket: Theme = {
  landuse_change: (context) => listed(changes(context)),
  construction_land: (context) => listed(constructionLand(context)),
  land_supply: (context) => listed(supplies(context)),
  land_reserve: (context) => listed(reserves(context)),
  inefficient_land: (context) => listed(inefficient(context)),
  permit_land_use: (context) => listed(landPermits(context)),
  permit_construction_plan: (context) => listed(buildingPermits(context)),
};
