import { careCensus } from '../care-census.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makePhone, makeUscc } from '../identity.ts';
import type { LandUse } from '../land-use.ts';
import { TODAY } from '../moment.ts';
import { brandName, drawName } from '../names.ts';
import { dayText } from '../people.ts';
import type { Point } from '../plane.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import { residentsByBlock } from '../residents.ts';
import { sample } from '../sample.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, middling, siteNear, stemOf } from './sites.ts';

/** Blocks of each community, the fullest first: where its people live is where it serves them. */
function fullestBlocks(context: Context): Block[][] {
  const { blocks, communities } = context.district;
  const residents = residentsByBlock(context);
  const byCommunity = communities.map((): number[] => []);
  blocks.forEach((block, i) => {
    if (block.use !== 'water' && block.area > 300) byCommunity[block.community]?.push(i);
  });
  return byCommunity.map((list) =>
    list.toSorted((p, q) => (residents[q] ?? 0) - (residents[p] ?? 0) || p - q).map((i) => blocks[i] as Block),
  );
}

function near(block: Block | undefined, random: Random): Point {
  const [x, y] = block?.inner ?? [0, 0];
  return [x + random.between(-5, 5), y + random.between(-5, 5)];
}

/** One to a community and one to a town. */
function partyCenters(context: Context): Row[] {
  const random = createRandom(context.seed, 'party centres');
  const { communities, towns } = context.district;
  const blocks = fullestBlocks(context);
  const places = [
    ...towns.map((town, t) => ({
      level: 'town',
      name: town.name,
      // The town's own stands in its fullest community, beside the community's.
      community: communities.findIndex(({ parent }) => parent === t),
      rank: 3,
    })),
    ...communities.map(({ name }, community) => ({ level: 'community', name, community, rank: 0 })),
  ];
  return places.map(({ level, name, community, rank }, i) =>
    row(
      {
        center_no: `DQ${pad(i + 1, 3)}`,
        name: `${name}党群服务中心`,
        level,
        community_code: communities[community]?.code ?? null,
        area_m2: level === 'town' ? random.int(18, 42) * 100 : random.int(3, 22) * 50,
        windows: level === 'town' ? random.int(12, 30) : random.int(2, 6),
        open_hours:
          level === 'town'
            ? '周一至周六 8:30-17:30'
            : random.pick(['每日 8:30-21:00', '周一至周五 8:30-17:30', '每日 9:00-20:00']),
        phone: makePhone(random),
      },
      pointShape(near(blocks[community]?.[rank] ?? blocks[community]?.[0], random)),
    ),
  );
}

const CARE = ['助餐', '助浴', '日间照料', '康复护理', '上门巡访', '文娱活动', '健康监测', '紧急呼援'];

/** One to a community for its old people, and a larger one in five of the fullest. */
function homeCareCenters(context: Context): Row[] {
  const random = createRandom(context.seed, 'home care');
  const { communities } = context.district;
  const { elders } = careCensus(context);
  const blocks = fullestBlocks(context);
  const order = communities.map((_, c) => c).toSorted((p, q) => (elders[q] ?? 0) - (elders[p] ?? 0) || p - q);
  const places = [
    ...order.slice(0, 5).map((community) => ({ community, level: 'town', rank: 2 })),
    ...communities.map((_, community) => ({ community, level: 'community', rank: 1 })),
  ];
  return places.map(({ community, level, rank }, i) => {
    const stem = communities[community]?.name.replace(/(社区|村)$/, '') ?? '';
    const isTown = level === 'town';
    return row(
      {
        center_no: `JJ${pad(i + 1, 3)}`,
        name: `${stem}${isTown ? '综合养老服务中心' : '居家养老服务中心'}`,
        community_code: communities[community]?.code ?? null,
        level,
        services: sample(CARE, isTown ? 7 : random.int(3, 5), random).join('、'),
        beds: isTown ? random.int(20, 60) : random.int(0, 12),
        served: Math.round((elders[community] ?? 0) * random.between(0.12, 0.3)),
        phone: makePhone(random),
      },
      pointShape(near(blocks[community]?.[rank] ?? blocks[community]?.[0], random)),
    );
  });
}

/** In the 96 communities with the most old people, the more the larger. */
function elderCanteens(context: Context): Row[] {
  const random = createRandom(context.seed, 'elder canteens');
  const { communities } = context.district;
  const { elders } = careCensus(context);
  const blocks = fullestBlocks(context);
  return communities
    .map((_, c) => c)
    .toSorted((p, q) => (elders[q] ?? 0) - (elders[p] ?? 0) || p - q)
    .slice(0, 96)
    .map((community, i) => {
      const seats = Math.round(90 - i * 0.65 + random.between(-8, 14));
      return row(
        {
          canteen_no: `FT${pad(i + 1, 3)}`,
          name: `${communities[community]?.name ?? ''}长者饭堂`,
          community_code: communities[community]?.code ?? null,
          seats,
          daily_meals: Math.round(seats * random.between(1.1, 2.3)),
          price_yuan: random.pick([8, 9, 10, 10, 12]),
          subsidy: random.pick([2, 3, 3, 4, 5]),
          delivery: random.chance(0.7),
        },
        pointShape(near(blocks[community]?.[4] ?? blocks[community]?.[0], random)),
      );
    });
}

interface Facility {
  kind: string;
  title: string;
  area: [number, number];
  freeShare: number;
  uses: Partial<Record<LandUse, number>>;
}

const FACILITIES: readonly Facility[] = [
  {
    kind: 'fitness',
    title: '健身路径',
    area: [60, 500],
    freeShare: 1,
    uses: { estate: 5, village: 3, park: 18, green: 6, mixed: 1, old_town: 0.6 },
  },
  {
    kind: 'basketball',
    title: '篮球场',
    area: [420, 1300],
    freeShare: 0.8,
    uses: { village: 3, park: 8, public: 6, estate: 1, factory: 0.4 },
  },
  { kind: 'football', title: '足球场', area: [800, 7200], freeShare: 0.3, uses: { park: 3, public: 3, green: 0.8 } },
  {
    kind: 'swimming',
    title: '游泳池',
    area: [400, 2200],
    freeShare: 0,
    uses: { estate: 0.5, public: 1.2, commerce: 0.5 },
  },
  {
    kind: 'library',
    title: '智慧图书馆',
    area: [60, 900],
    freeShare: 1,
    uses: { public: 3, estate: 0.5, commerce: 0.8, office: 1 },
  },
  {
    kind: 'hall',
    title: '文化活动室',
    area: [80, 700],
    freeShare: 1,
    uses: { village: 2.2, old_town: 1.1, mixed: 0.6, public: 2 },
  },
  {
    kind: 'theatre',
    title: '曲艺戏台',
    area: [120, 1600],
    freeShare: 0.6,
    uses: { village: 0.4, old_town: 0.5, park: 1 },
  },
  {
    kind: 'museum',
    title: '陈列馆',
    area: [150, 3000],
    freeShare: 0.7,
    uses: { old_town: 0.5, public: 0.6, commerce: 0.4 },
  },
];

/** What a neighbourhood has depends on what it is: courts in villages and parks, trails in estates, stages in old lanes. */
function facilities(context: Context): Row[] {
  const random = createRandom(context.seed, 'facilities');
  const choices = context.district.blocks.flatMap((block) =>
    FACILITIES.flatMap((facility) => {
      const weight = block.area > 500 ? (facility.uses[block.use] ?? 0) : 0;
      return weight > 0 ? [{ block, facility, weight: weight * block.area ** 0.25 }] : [];
    }),
  );
  const pick = weightedPicker(choices.map(({ weight }) => weight));
  return Array.from({ length: middling(1620, context.scale) }, (_, i) => {
    const { block, facility } = choices[pick(random)] as (typeof choices)[number];
    const spread = Math.min(24, Math.sqrt(block.area) * 0.14);
    const isFree = random.chance(facility.freeShare);
    return row(
      {
        facility_no: `WT${pad(i + 1, 5)}`,
        name: `${stemOf(context, block)}${facility.title}`,
        kind: facility.kind,
        area_m2: Math.round(Math.min(random.between(...facility.area), block.area * 0.6)),
        open_hours: ['fitness', 'basketball'].includes(facility.kind)
          ? '全天'
          : random.pick(['9:00-21:00', '8:30-17:30', '9:00-22:00']),
        free: isFree,
        built_year: random.int(1992, 2025),
      },
      pointShape([block.inner[0] + random.between(-spread, spread), block.inner[1] + random.between(-spread, spread)]),
    );
  });
}

function jobPoints(context: Context): Row[] {
  const random = createRandom(context.seed, 'job points');
  return siteNear(context, 18, (b) => ['factory', 'commerce', 'public', 'mixed'].includes(b.use), random).map(
    ({ at, block }, i) => {
      const kind = i < 3 ? 'market' : block.use === 'factory' ? 'gig' : 'station';
      const vacancies = { market: 1800, gig: 420, station: 160 }[kind];
      return row(
        {
          point_no: `JYF${pad(i + 1, 2)}`,
          name: `${stemOf(context, block)}${{ market: '人力资源市场', gig: '零工市场', station: '就业驿站' }[kind]}`,
          kind,
          vacancies: Math.round(vacancies * random.between(0.5, 1.6)),
          seekers: Math.round(vacancies * random.between(0.3, 1.1)),
          open_hours: kind === 'gig' ? '每日 6:00-18:00' : '周一至周五 8:30-17:30',
          phone: makePhone(random),
        },
        pointShape(at),
      );
    },
  );
}

const ORGANISATIONS: readonly [field: string, kind: '51' | '52' | '53', weight: number, titles: readonly string[]][] = [
  ['industry', '51', 18, ['陶瓷行业协会', '针织行业协会', '不锈钢行业协会', '个体私营企业协会', '青年企业家协会']],
  ['education', '52', 34, ['幼儿园', '职业培训学校', '教育培训中心']],
  ['welfare', '52', 20, ['社会工作服务中心', '居家养老服务社', '康园中心', '青少年服务中心']],
  ['culture', '51', 16, ['曲艺协会', '武术协会', '醒狮协会', '篮球协会', '书画协会', '剪纸协会']],
  ['charity', '53', 3, ['慈善基金会', '教育基金会']],
  ['hometown', '51', 9, ['商会', '同乡联谊会', '慈善会']],
];
const KIND = { '51': 'association', '52': 'service', '53': 'foundation' } as const;

function socialOrganizations(context: Context): Row[] {
  const random = createRandom(context.seed, 'social organizations');
  const { list, weights } = buildingsWhere(context, (b) =>
    ['office', 'public', 'mixed', 'commercial'].includes(b.usage) ? b.businesses + 20 : 0,
  );
  const pick = weightedPicker(weights);
  const pickKind = weightedPicker(ORGANISATIONS.map(([, , weight]) => weight));
  return Array.from({ length: middling(1280, context.scale) }, (_, i) => {
    const building = list[pick(random)] as (typeof list)[number];
    const [field, code, , titles] = ORGANISATIONS[pickKind(random)] as (typeof ORGANISATIONS)[number];
    const stem = random.chance(0.5) ? stemOf(context, context.blockOf(building)) : brandName(random);
    const age = Math.floor(30 * random.next() ** 1.6 * 365.25) + 40;
    const grade = random.next();
    return row(
      {
        uscc: makeUscc(i + 1, code),
        name: `佛山市禅城区${stem}${random.pick(titles)}`,
        kind: KIND[code],
        field,
        // Only who has been there for two years is graded.
        grade:
          age < 730 || grade < 0.55 ? 'none' : grade < 0.7 ? 'A2' : grade < 0.88 ? 'A3' : grade < 0.96 ? 'A4' : 'A5',
        established_on: dayText(TODAY - age),
        legal_person: drawName(random.chance(0.6), random),
      },
      pointShape(doorstep(building, random)),
    );
  });
}

/** What the neighbourhood offers: counters, care, meals, courts, work and associations. */
export const communityServices: Theme = {
  party_service_center: (context) => listed(partyCenters(context)),
  home_care_center: (context) => listed(homeCareCenters(context)),
  elder_canteen: (context) => listed(elderCanteens(context)),
  culture_sport_facility: (context) => listed(facilities(context)),
  job_market: (context) => listed(jobPoints(context)),
  social_organization: (context) => listed(socialOrganizations(context)),
};
