import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row, Value } from '../files/row.ts';
import type { LandUse } from '../land-use.ts';
import { parkAt } from '../land-use.ts';
import { bendPoint } from '../land.ts';
import { brandName, estateName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, ringArea } from '../plane.ts';
import { propertyCompaniesOf } from '../property-companies.ts';
import { type Random, createRandom } from '../random.ts';
import { communityCode, everyFew, tenth } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { stemOf } from './sites.ts';

/** GB/T 21010-2017 code, name and first-level class of each use. */
const PARCEL: Record<LandUse, [string, string, string]> = {
  water: ['1101', '河流水面', 'water'],
  old_town: ['0701', '城镇住宅用地', 'residential'],
  village: ['0702', '农村宅基地', 'residential'],
  estate: ['0701', '城镇住宅用地', 'residential'],
  mixed: ['0701', '城镇住宅用地', 'residential'],
  commerce: ['0501', '零售商业用地', 'commercial'],
  office: ['0505', '商务金融用地', 'commercial'],
  factory: ['0601', '工业用地', 'industrial'],
  public: ['0801', '机关团体用地', 'public'],
  park: ['0810', '公园与绿地', 'public'],
  green: ['0810', '公园与绿地', 'public'],
  farm: ['0103', '旱地', 'cultivated'],
  pond: ['1104', '坑塘水面', 'water'],
};

function* parcels(context: Context): Generator<Row> {
  const random = createRandom(440604, 'parcels');
  let n = 0;
  const { blocks, land } = context.district;
  for (const block of blocks) {
    n += 1;
    const [dlbm, dlmc, land_class] = PARCEL[block.use];
    const isCollective =
      ['village', 'farm', 'pond'].includes(block.use) || (block.use === 'factory' && random.chance(0.6));
    yield row(
      {
        parcel_no: `T${pad(n, 7)}`,
        dlbm,
        dlmc,
        land_class,
        area_m2: tenth(block.area),
        owner_kind: isCollective ? 'collective' : 'state',
        survey_year: 2025,
      },
      polygonShape(...land.map.faceRings(land.faces[n - 1] as number)),
    );
  }
}

/** Named parks from their blocks merged, and small ones on green blocks. */
function parks(context: Context): Row[] {
  const { land, blocks } = context.district;
  const random = createRandom(440604, 'parks');
  const names: string[] = [];
  const region = new Int32Array(land.map.start.length).fill(-1);
  const pocket: Block[] = [];
  land.faces.forEach((face, i) => {
    const block = blocks[i] as Block;
    if (block.use === 'park') {
      const name = parkAt(block.inner[0], block.inner[1]) ?? '';
      if (!names.includes(name)) names.push(name);
      region[face] = names.indexOf(name);
    } else if (block.use === 'green' && block.area < 60_000 && block.area > 1500) pocket.push(block);
  });
  const rows: Row[] = [];
  const add = (name: string, kind: string, rings: readonly (readonly Point[])[]): void => {
    const area = rings.reduce((sum, ring) => sum + ringArea(ring), 0);
    rows.push(
      row(
        {
          park_code: `GY${pad(rows.length + 1, 4)}`,
          name,
          kind,
          area_m2: tenth(area),
          open_hours: random.chance(0.7) ? '全天' : '06:00-22:30',
        },
        polygonShape(...rings),
      ),
    );
  };
  land.map.regionRings(region, names.length).forEach((rings, i) => {
    const sorted = rings.toSorted((p, q) => ringArea(q) - ringArea(p));
    const [outer, ...rest] = sorted;
    if (outer)
      add(names[i] as string, ringArea(outer) > 90_000 ? 'comprehensive' : 'special', [
        outer,
        ...rest.filter((ring) => ringArea(ring) < 0),
      ]);
  });
  const wanted = 186 - rows.length;
  for (let i = 0; i < wanted && i < pocket.length; i++) {
    const block = pocket[Math.floor(((i + 0.5) * pocket.length) / wanted)] as Block;
    const isSmall = block.area < 9000;
    add(`${stemOf(context, block)}${isSmall ? '口袋公园' : '社区公园'}`, isSmall ? 'pocket' : 'community', [
      block.ring,
    ]);
  }
  return rows;
}

function ponds(context: Context): Row[] {
  const random = createRandom(440604, 'fish ponds');
  return context.ponds
    .filter((pond) => pond.kind === 'fish')
    .map((pond, i) =>
      row(
        {
          pond_no: `YT${pad(i + 1, 5)}`,
          village_code: communityCode(context, context.district.blocks[pond.block] as Block),
          area_m2: tenth(ringArea(pond.outline)),
          species: random.pick([
            'grass_carp',
            'grass_carp',
            'bighead_carp',
            'mandarin_fish',
            'snakehead',
            'shrimp',
            'mixed',
          ]),
          tail_water: random.pick(['recycled', 'treated', 'treated', 'untreated']),
        },
        polygonShape(pond.outline),
      ),
    );
}

/** A block drawn in towards its middle, clear of its streets. */
export function shrunk(block: Block, share: number): Point[] {
  return block.ring.map(([x, y]) => [
    block.inner[0] + (x - block.inner[0]) * share,
    block.inner[1] + (y - block.inner[1]) * share,
  ]);
}

export function estates(context: Context): Row[] {
  const random = createRandom(context.seed, 'estates');
  const companies = propertyCompaniesOf(context);
  const counts = new Map<number, number>();
  const homes = new Map<number, number>();
  for (const building of context.buildings) {
    counts.set(building.block, (counts.get(building.block) ?? 0) + 1);
    homes.set(building.block, (homes.get(building.block) ?? 0) + building.dwellings);
  }
  return everyFew(context, 1380, (block) => block.use === 'estate' && block.area > 2500).map(({ block, index }, i) =>
    row(
      {
        estate_code: `XQ${pad(i + 1, 5)}`,
        name: estateName(random),
        built_year: random.int(1988, 2023),
        buildings: Math.max(1, Math.min(300, counts.get(index) ?? 1)),
        households: Math.round((homes.get(index) ?? 0) / 95),
        property_company: companies.length > 0 ? random.pick(companies).name : null,
      },
      polygonShape(block.ring),
    ),
  );
}

function siteValues(i: number, block: Block, context: Context, random: Random): Record<string, Value> {
  const stage = random.pick(['foundation', 'structure', 'structure', 'finishing', 'paused', 'completed']);
  return {
    site_code: `GD${pad(i + 1, 5)}`,
    name: `${stemOf(context, block)}${random.pick(['综合体', '安置房', '产业园', '学校扩建', '人才公寓', '商住楼'])}${random.pick(['一期', '二期', ''])}项目`,
    builder: `广东${brandName(random)}建设集团有限公司`,
    stage,
    start_on: dayText(20_758 - random.int(20, 1100)),
    floor_area_m2: Math.round(block.area * random.between(0.8, 3)),
    pm10: Math.round(random.between(25, stage === 'foundation' ? 240 : 150)),
  };
}

export function constructionSites(context: Context): Row[] {
  const random = createRandom(context.seed, 'sites');
  return everyFew(
    context,
    425,
    (block) => ['estate', 'office', 'factory', 'commerce', 'mixed'].includes(block.use) && block.area > 6000,
  ).map(({ block }, i) => row(siteValues(i, block, context, random), polygonShape(shrunk(block, 0.45))));
}

/** Roman letters of a name, syllables joined, first letter large; null when a character is not in the table. */
export function pinyin(name: string, table: Record<string, string>): string | null {
  const syllables: string[] = [];
  for (const character of name) {
    const syllable = table[character];
    if (syllable === undefined) return null;
    syllables.push(syllable);
  }
  const text = syllables.join('');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function placeNames(context: Context): Row[] {
  const table = context.district.land.geography.pinyin;
  const rows: Row[] = [];
  const known = new Set<string>();
  const add = (name: string, category: string, origin: string, at: Point): void => {
    const roman = pinyin(name, table);
    if (roman === null || known.has(name)) return;
    known.add(name);
    rows.push(
      row({ name_code: `DM${pad(rows.length + 1, 6)}`, name, pinyin: roman, category, origin }, pointShape(at)),
    );
  };
  for (const c of context.district.communities)
    add(c.name, 'settlement', c.kind === '村' ? '以自然村得名' : '以辖区内道路或旧名得名', c.inner);
  for (const place of context.district.land.geography.places) {
    add(
      place.name.replace(/[((].*$/, ''),
      place.kind === 'landmark' ? 'park' : 'facility',
      '约定俗成',
      bendPoint(place.at),
    );
  }
  for (const river of context.district.land.watercourses) {
    add(
      river.name.replace(/[((].*$/, ''),
      'water',
      '以流经地得名',
      bendPoint(river.centre[river.centre.length >> 1] as Point),
    );
  }
  for (const road of context.roads) {
    if (rows.length >= 4200) break;
    if (road.isBridge) add(`${road.name}桥`, 'bridge', '以所在道路得名', road.line[road.line.length >> 1] as Point);
    else if (road.length > 60 && road.class !== 'lane')
      add(road.name, 'road', '以所在村居得名', road.line[road.line.length >> 1] as Point);
  }
  return rows;
}

/** Land, parks, ponds, estates, sites and names. */
export const parcelTheme: Theme = {
  landuse_parcel: (context) => ({ expected: context.district.blocks.length, rows: parcels(context) }),
  park: (context) => listed(parks(context)),
  fish_pond: (context) => listed(ponds(context)),
  farmland_protection: (context) =>
    listed(
      everyFew(context, 430, (block) => block.use === 'farm').map(({ block }, i) =>
        row(
          {
            plot_no: `NT${pad(i + 1, 4)}`,
            area_m2: tenth(block.area * 0.9 ** 2),
            village_code: communityCode(context, block),
            quality_grade: 1 + ((i * 7) % 6),
          },
          polygonShape(shrunk(block, 0.9)),
        ),
      ),
    ),
  housing_estate: (context) => listed(estates(context)),
  construction_site: (context) => listed(constructionSites(context)),
  industrial_park: (context) => {
    const random = createRandom(context.seed, 'industrial parks');
    const firms = context.perGrid.enterprises;
    return listed(
      everyFew(context, 96, (block) => block.use === 'factory' && block.area > 24_000).map(({ block }, i) =>
        row(
          {
            park_code: `YQ${pad(i + 1, 3)}`,
            name: `${stemOf(context, block)}${random.pick(['工业园', '智造园', '创意产业园', '科技产业园'])}`,
            leading_industry: random.pick(
              context.district.towns[block.town]?.name === '张槎街道'
                ? ['textile', 'textile', 'electronics', 'software', 'mixed']
                : ['ceramics', 'ceramics', 'equipment', 'logistics', 'biomedicine', 'mixed'],
            ),
            area_m2: tenth(block.area),
            enterprises: Math.min(5000, Math.round((firms[block.grid] ?? 0) * 0.4)),
            output_10k: Math.round(block.area * random.between(0.5, 6)),
          },
          polygonShape(block.ring),
        ),
      ),
    );
  },
  place_name: (context) => listed(placeNames(context)),
};
