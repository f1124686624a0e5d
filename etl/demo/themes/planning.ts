import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { historicDistricts } from '../historic-districts.ts';
import { type LandUse, parkAt } from '../land-use.ts';
import { OLD_TOWN } from '../land.ts';
import { dayText } from '../people.ts';
import { separation } from '../plane.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import { type Piece, gridNeighbours, mergeBlocks } from '../regions.ts';
import { everyFew, tenth, townOf } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { middling, stemOf } from './sites.ts';

type Zone = 'living' | 'service' | 'industry' | 'green' | 'rural' | 'ecology';
const ZONE: Record<LandUse, Zone> = {
  water: 'ecology',
  old_town: 'living',
  village: 'living',
  estate: 'living',
  mixed: 'living',
  commerce: 'service',
  office: 'service',
  factory: 'industry',
  public: 'service',
  park: 'green',
  green: 'green',
  farm: 'rural',
  pond: 'rural',
};
/** Shops and parks give a quarter its character before they fill half of it. */
const SAY: Record<Zone, number> = { living: 1, service: 2, industry: 1.2, green: 1.6, rural: 1, ecology: 0.9 };
const ZONE_TITLE: Record<Zone, string> = {
  living: '居住生活区',
  service: '综合服务区',
  industry: '工业发展区',
  green: '绿地休闲区',
  rural: '乡村发展区',
  ecology: '生态控制区',
};

/** What each grid is for: the use with most say in it. */
export function zoneOfGrid(context: Context): Zone[] {
  const says = context.district.grids.map(() => new Map<Zone, number>());
  for (const block of context.district.blocks) {
    const zone = ZONE[block.use];
    const say = says[block.grid];
    say?.set(zone, (say.get(zone) ?? 0) + block.area * SAY[zone]);
  }
  return says.map((say) => [...say].toSorted((p, q) => q[1] - p[1])[0]?.[0] ?? 'living');
}

/** Neighbouring grids of one zone within one community are one planning zone. The zones tile the district. */
function planZones(context: Context): Row[] {
  const { grids, blocks, communities } = context.district;
  const zones = zoneOfGrid(context);
  const neighbours = gridNeighbours(context);
  const part = new Int32Array(grids.length).fill(-1);
  let count = 0;
  grids.forEach((grid, start) => {
    if (part[start] !== -1) return;
    part[start] = count;
    const body = [start];
    for (const g of body) {
      for (const other of neighbours[g] ?? []) {
        if (part[other] !== -1 || zones[other] !== zones[start] || grids[other]?.parent !== grid.parent) continue;
        part[other] = count;
        body.push(other);
      }
    }
    count += 1;
  });
  const zoneOfPart: { zone: Zone; community: number }[] = [];
  grids.forEach((grid, g) => {
    zoneOfPart[part[g] as number] = { zone: zones[g] as Zone, community: grid.parent };
  });
  return mergeBlocks(context, (i) => part[(blocks[i] as Block).grid] as number, count).map((piece, i) => {
    const { zone, community } = zoneOfPart[piece.region] as { zone: Zone; community: number };
    return row(
      {
        zone_code: `GH${pad(i + 1, 4)}`,
        zone_kind: zone,
        zone_name: `${(communities[community]?.name ?? '').replace(/(社区|村)$/, '')}${ZONE_TITLE[zone]}`,
        plan_name: '佛山市禅城区国土空间分区规划（2021—2035年）',
        area_m2: tenth(piece.area),
        plan_until: '2035-12-31',
      },
      polygonShape(...piece.rings),
    );
  });
}

/** The built-up grids on each side of the river; farmland and river strips stay outside. */
function growthBoundaries(context: Context): Row[] {
  const { blocks, towns, land } = context.district;
  const zones = zoneOfGrid(context);
  // A creek runs through the town, a river beside it.
  const isRiver = (block: Block): boolean => (land.watercourses[block.water]?.width ?? 0) > 60;
  const regionOf = (i: number): number => {
    const block = blocks[i] as Block;
    const zone = zones[block.grid];
    if (zone === 'rural' || zone === 'ecology' || isRiver(block)) return -1;
    return towns[block.town]?.name === '南庄镇' ? 1 : 0;
  };
  const names = ['中心城区', '南庄片区', '绿岛湖片区'];
  return mergeBlocks(context, regionOf, 2)
    .toSorted((p, q) => q.area - p.area)
    .slice(0, 3)
    .map((piece, i) => {
      const [outer = [], ...holes] = piece.rings;
      return row(
        {
          boundary_no: `KF${pad(i + 1, 2)}`,
          name: `${names[i]}城镇开发边界`,
          area_km2: Math.round(piece.area / 1e4) / 100,
          approved_on: '2023-08-08',
        },
        polygonShape(outer, ...holes),
      );
    });
}

/** Connected water of each watercourse, named. */
function waters(context: Context, isWanted: (width: number) => boolean): (Piece & { name: string })[] {
  const { blocks, land } = context.district;
  const wanted = land.watercourses.map((river) => isWanted(river.width));
  return mergeBlocks(
    context,
    (i) => {
      const { water } = blocks[i] as Block;
      return wanted[water] ? water : -1;
    },
    land.watercourses.length,
  ).map((piece) => ({ ...piece, name: land.watercourses[piece.region]?.name.replace(/[((].*$/, '') ?? '' }));
}

/** Blocks of each named park, merged. */
function parks(context: Context): (Piece & { name: string })[] {
  const { blocks } = context.district;
  const names: string[] = [];
  const of = blocks.map((block) => {
    const name = block.use === 'park' ? parkAt(block.inner[0], block.inner[1]) : null;
    if (name === null) return -1;
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  });
  return mergeBlocks(context, (i) => of[i] as number, names.length).map((piece) => ({
    ...piece,
    name: names[piece.region] as string,
  }));
}

function controlLines(context: Context): Row[] {
  const random = createRandom(context.seed, 'control lines');
  const rows: Row[] = [];
  const add = (kind: string, name: string, rings: Piece['rings'], area: number): void => {
    rows.push(
      row(
        {
          line_no: `KX${pad(rows.length + 1, 4)}`,
          line_kind: kind,
          name,
          area_m2: tenth(area),
          approved_on: dayText(random.int(15_000, 20_400)),
        },
        polygonShape(...rings),
      ),
    );
  };
  for (const { name, rings, area } of parks(context)) if (area > 1500) add('green', `${name}绿线`, rings, area);
  for (const { block } of everyFew(context, 230, (b) => b.use === 'green' && b.area > 2500))
    add('green', `${stemOf(context, block)}绿地绿线`, [block.ring], block.area);
  for (const { name, rings, area } of waters(context, () => true))
    if (area > 1500) add('water', `${name}蓝线`, rings, area);
  for (const { name, rings, area } of historicDistricts(context)) add('heritage', `${name}紫线`, rings, area);
  const works = ['变电站', '泵站', '污水提升站', '消防站', '通信机楼', '垃圾转运站', '公交场站'];
  for (const { block } of everyFew(context, 96, (b) => b.use === 'public' && b.area > 1200))
    add('utility', `${stemOf(context, block)}${random.pick(works)}黄线`, [block.ring], block.area);
  return rows;
}

const PLANNED: Partial<Record<LandUse, string>> = {
  old_town: 'residential',
  village: 'residential',
  estate: 'residential',
  mixed: 'mixed',
  commerce: 'commercial',
  office: 'commercial',
  factory: 'industrial',
  public: 'public',
  park: 'green',
  green: 'green',
};
const TOWN_LETTERS: Record<string, string> = { 祖庙街道: 'ZM', 石湾镇街道: 'SW', 张槎街道: 'ZC', 南庄镇: 'NZ' };
/** Storeys and density by use: floor area ratio, height limit, green ratio, building density. */
const LIMITS: Record<string, [[number, number], [number, number], [number, number], [number, number]]> = {
  residential: [
    [1.8, 3.6],
    [45, 100],
    [30, 35],
    [20, 30],
  ],
  mixed: [
    [2.2, 4.2],
    [60, 120],
    [25, 30],
    [30, 40],
  ],
  commercial: [
    [2.5, 6.5],
    [60, 180],
    [20, 30],
    [35, 50],
  ],
  industrial: [
    [1.5, 3.5],
    [24, 60],
    [10, 20],
    [35, 60],
  ],
  public: [
    [0.8, 2],
    [24, 45],
    [35, 40],
    [20, 30],
  ],
  green: [
    [0, 0.1],
    [6, 12],
    [70, 85],
    [1, 5],
  ],
};

/** Blocks of the regulatory plan with their numbers: town, planning unit (a community), number. */
function numberedBlocks(context: Context): { block: Block; no: string; use: string }[] {
  const { blocks, communities, towns } = context.district;
  const counts = new Map<number, number>();
  const first = towns.map((_, t) => communities.findIndex((community) => community.parent === t));
  return blocks.flatMap((block) => {
    const use = PLANNED[block.use];
    if (!use || block.area < 1200) return [];
    const n = (counts.get(block.community) ?? 0) + 1;
    counts.set(block.community, n);
    const unit = block.community - (first[block.town] as number) + 1;
    return [{ block, use, no: `${TOWN_LETTERS[townOf(context, block)]}${pad(unit, 2)}-${pad(n, 4)}` }];
  });
}

function regulatoryBlocks(context: Context): Row[] {
  const random = createRandom(context.seed, 'regulatory plan');
  return numberedBlocks(context).map(({ block, no, use }) => {
    const [far, height, green, density] = LIMITS[use] as (typeof LIMITS)[string];
    // In and around the old town nothing may overlook the temple's roofs.
    const isOld = separation(block.inner, OLD_TOWN.at) < 900;
    const ratio = random.between(far[0], far[1]) * (isOld ? 0.6 : 1);
    return row(
      {
        block_no: no,
        land_use: use,
        land_area_m2: tenth(block.area),
        far: Math.round(ratio * 10) / 10,
        height_limit_m: isOld ? random.pick([9, 12, 15, 18]) : Math.round(random.between(height[0], height[1])),
        green_ratio: random.int(green[0], green[1]),
        building_density: random.int(density[0], density[1]),
      },
      polygonShape(block.ring),
    );
  });
}

const FACILITIES: readonly [kind: string, weight: number, size: [number, number]][] = [
  ['education', 26, [4000, 30_000]],
  ['medical', 10, [800, 9000]],
  ['elderly', 14, [500, 4000]],
  ['culture_sport', 18, [800, 12_000]],
  ['market', 10, [1200, 4000]],
  ['utility', 14, [400, 6000]],
  ['transport', 8, [1000, 9000]],
];

/** Spread over the homes of the plan; in the old town most are built, in the outer towns many are still to come. */
function plannedFacilities(context: Context): Row[] {
  const random = createRandom(context.seed, 'planned facilities');
  const pick = weightedPicker(FACILITIES.map(([, weight]) => weight));
  const homes = numberedBlocks(context).filter(({ use }) => ['residential', 'mixed', 'public'].includes(use));
  const total = Math.min(homes.length, middling(1260, context.scale));
  return Array.from({ length: total }, (_, i) => {
    const { block, no } = homes[Math.floor(((i + 0.5) * homes.length) / total)] as (typeof homes)[number];
    const [kind, , size] = FACILITIES[pick(random)] as (typeof FACILITIES)[number];
    return row(
      {
        facility_no: `GS${pad(i + 1, 5)}`,
        facility_kind: kind,
        block_no: no,
        land_area_m2: Math.round(Math.min(block.area * 0.6, random.between(size[0], size[1]))),
        status: facilityStatus(townOf(context, block), random),
      },
      pointShape(block.inner),
    );
  });
}

function facilityStatus(town: string, random: Random): string {
  const built = { 祖庙街道: 0.82, 石湾镇街道: 0.68, 张槎街道: 0.55 }[town] ?? 0.4;
  const draw = random.next();
  return draw < built ? 'built' : draw < built + 0.12 ? 'building' : 'planned';
}

/** Reaches of the two big rivers that water is drawn from, the wetlands and the wooded hills. */
function redlines(context: Context): Row[] {
  const { blocks, land } = context.district;
  const wide = land.watercourses.map((river) => river.width > 100);
  const towns = context.district.towns.length;
  const reaches = mergeBlocks(
    context,
    (i) => {
      const block = blocks[i] as Block;
      return wide[block.water] ? block.water * towns + block.town : -1;
    },
    land.watercourses.length * towns,
  )
    .filter((piece) => piece.area > 40_000)
    .toSorted((p, q) => q.area - p.area)
    .slice(0, 8);
  const hills: Record<string, string> = {
    王借岗公园: 'hill',
    石湾公园: 'hill',
    绿岛湖公园: 'wetland',
    半月岛公园: 'wetland',
  };
  const rows = reaches.map((piece, i) => {
    const name = land.watercourses[Math.floor(piece.region / towns)]?.name.replace(/[((].*$/, '') ?? '';
    const town = (context.district.towns[piece.region % towns]?.name ?? '').replace(/(镇街道|街道|镇)$/, '');
    const isSource = i % 3 !== 2;
    return {
      piece,
      name: `${name}${town}段${isSource ? '饮用水水源保护区' : '水生生物栖息地'}`,
      kind: isSource ? 'water_source' : 'wetland',
    };
  });
  for (const park of parks(context)) {
    const kind = hills[park.name];
    if (kind && park.area > 20_000)
      rows.push({ piece: park, kind, name: `${park.name.replace(/公园$/, '')}${kind === 'hill' ? '山林' : '湿地'}` });
  }
  return rows.map(({ piece, name, kind }, i) =>
    row({ redline_no: `HX${pad(i + 1, 3)}`, name, kind, area_m2: tenth(piece.area) }, polygonShape(...piece.rings)),
  );
}

/** Plans: zones, boundaries, lines, blocks and what is to be built on them. */
export const planning: Theme = {
  spatial_plan_zone: (context) => listed(planZones(context)),
  urban_growth_boundary: (context) => listed(growthBoundaries(context)),
  plan_control_line: (context) => listed(controlLines(context)),
  regulatory_block: (context) => listed(regulatoryBlocks(context)),
  plan_public_facility: (context) => listed(plannedFacilities(context)),
  ecological_redline: (context) => listed(redlines(context)),
};
