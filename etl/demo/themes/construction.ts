import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { brandName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, toBoard } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { constructionSites } from './parcels.ts';
import { middling, stemOf } from './sites.ts';

const TODAY = 20_758;

/** Corners of a site's outline on the board. */
function cornersOf(site: Row): Point[] {
  return site.shape?.type === 'Polygon' ? (site.shape.rings[0] ?? []).slice(0, -1).map((p) => toBoard(p[0], p[1])) : [];
}

function middleOf(corners: readonly Point[]): Point {
  return [
    corners.reduce((sum, p) => sum + p[0], 0) / corners.length,
    corners.reduce((sum, p) => sum + p[1], 0) / corners.length,
  ];
}

/** One for each site of today, from the same builder and before its first day; the others for what stands already. */
function permits(context: Context): Row[] {
  const random = createRandom(context.seed, 'construction permits');
  const total = middling(1900, context.scale);
  const sites = constructionSites(context);
  const rows: Row[] = [];
  const add = (day: number, values: Row['values'], at: Point): void => {
    const permit_no = `440604${dayText(day).replaceAll('-', '')}${pad((rows.length + 1) % 10_000, 4)}`;
    rows.push(row({ permit_no, issued_on: dayText(day), ...values }, pointShape(at)));
  };
  for (const site of sites) {
    const { values } = site;
    const start = Date.parse(`${String(values.start_on)}T00:00:00Z`) / 86_400_000;
    add(
      start - random.int(3, 60),
      {
        project: values.name ?? null,
        builder: values.builder ?? null,
        kind: 'housing',
        amount_10k: Math.max(50, Math.round(Number(values.floor_area_m2) * random.between(0.24, 0.42))),
        site_code: values.site_code ?? null,
      },
      middleOf(cornersOf(site)),
    );
  }
  const houses = context.buildings.filter((b) => b.builtYear >= 2008 && b.area * b.floors > 800);
  const more = Math.min(houses.length, Math.max(0, total - sites.length));
  for (let i = 0; i < more; i++) {
    const house = houses[Math.floor(((i + 0.5) * houses.length) / more)] as (typeof houses)[number];
    const block = context.blockOf(house);
    const draw = random.next();
    const kind = draw < 0.72 ? 'housing' : draw < 0.86 ? 'fit_out' : 'municipal';
    const day = Math.floor((house.builtYear - 1970) * 365.2425) + random.int(-500, 300);
    const works = {
      housing: ['厂房', '住宅楼', '综合楼', '宿舍楼'],
      fit_out: ['室内装修', '外立面改造'],
      municipal: ['道路改造', '雨污分流', '景观提升'],
    }[kind];
    add(
      Math.min(TODAY - 5, day),
      {
        project: `${stemOf(context, block)}${brandName(random)}${random.pick(works)}工程`,
        builder: `广东${brandName(random)}建设集团有限公司`,
        kind,
        amount_10k: Math.max(20, Math.round(house.area * house.floors * (kind === 'housing' ? 0.3 : 0.05))),
        site_code: null,
      },
      house.at,
    );
  }
  return rows;
}

const CRANES: Record<string, [number, number]> = { foundation: [0, 2], structure: [1, 3], finishing: [0, 2] };

/** Cranes stand near the corners of sites that are being built on; the large sites have more. A windy, wet morning. */
function cranes(context: Context): Row[] {
  const random = createRandom(context.seed, 'tower cranes');
  const rows: Row[] = [];
  for (const site of constructionSites(context)) {
    const range = CRANES[String(site.values.stage)];
    if (!range) continue;
    const corners = cornersOf(site);
    const middle = middleOf(corners);
    const isLarge = Number(site.values.floor_area_m2) > 50_000;
    const count = random.int(range[0], range[1]) + (isLarge ? 1 : 0);
    for (let k = 0; k < count; k++) {
      const corner = corners[Math.floor((k * corners.length) / count)] as Point;
      const at: Point = [corner[0] * 0.75 + middle[0] * 0.25, corner[1] * 0.75 + middle[1] * 0.25];
      rows.push(row({ device_no: `粤EC${pad(rows.length + 1, 5)}`, ...reading(site, random) }, pointShape(at)));
    }
  }
  return rows;
}

function reading(site: Row, random: Random): Row['values'] {
  const isOff = random.chance(0.03);
  const wind = Math.round(Math.max(0.4, 5.2 + 2.2 * random.normal()) * 10) / 10;
  const load = Math.round(Math.min(118, Math.max(0, random.chance(0.35) ? 0 : 52 + 22 * random.normal())) * 10) / 10;
  const alarm = isOff
    ? 'offline'
    : load > 105
      ? 'overload'
      : wind > 10.8
        ? 'wind'
        : random.chance(0.012)
          ? 'collision'
          : 'none';
  const minute = isOff ? random.int(0, 29) : random.int(52, 59);
  return {
    site_code: site.values.site_code ?? null,
    site_name: site.values.name ?? null,
    load_pct: isOff ? null : load,
    wind_mps: isOff ? null : wind,
    alarm,
    reported_at: `2026-11-01T07:${pad(minute, 2)}:${pad(random.int(0, 59), 2)}+08:00`,
  };
}

/** Permits to build and the cranes that build. */
export const construction: Theme = {
  construction_permit: (context) => listed(permits(context)),
  tower_crane: (context) => listed(cranes(context)),
};
