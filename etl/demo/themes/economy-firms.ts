import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { firmShare, firmSize, isAboveScale, isTrading } from '../firm-figures.ts';
import { createRandom } from '../random.ts';
import type { Theme } from './delivery.ts';
import { listed } from './delivery.ts';
import { namedBuildings } from './fabric.ts';

const tenth = (value: number): number => Math.round(value * 10) / 10;
const cent = (value: number): number => Math.round(value * 100) / 100;

/** Coal burnt per 10 000 yuan of output, tonnes of coal equivalent: kilns most of all. */
const ENERGY: Record<string, number> = { C3071: 0.42, C3072: 0.3, C1761: 0.16, C3311: 0.12, C: 0.07 };

function* aboveScale(context: Context): Generator<Row> {
  for (const firm of context.enterprises()) {
    const size = firmSize(firm);
    if (!isAboveScale(firm, size)) continue;
    const energy = ENERGY[firm.industryCode] ?? ENERGY[firm.section] ?? 0.015;
    yield row(
      {
        uscc: firm.uscc,
        name: firm.name,
        industry_code: firm.industryCode,
        industry_section: firm.section,
        output_10k: size.revenue10k,
        employees: Math.max(5, size.employees),
        energy_tce: tenth(size.revenue10k * energy * (0.7 + 0.6 * firmShare(firm.uscc, 'energy'))),
        yoy_pct: tenth((firmShare(firm.uscc, 'growth') + firmShare(firm.uscc, 'growth b') - 0.94) * 32),
      },
      pointShape(firm.at),
    );
  }
}

/** The census of 2023: firms that were there then; some filled in a form for a branch as well. */
function* censusUnits(context: Context): Generator<Row> {
  let n = 0;
  for (const firm of context.enterprises()) {
    if (firm.establishedOn > '2023-12-31' || firm.status === 'cancelled' || firmShare(firm.uscc, 'census') > 0.49)
      continue;
    const { revenue10k, employees } = firmSize(firm);
    const hasBranch = employees > 60 && firmShare(firm.uscc, 'branch') < 0.5;
    for (const kind of hasBranch ? ['legal', 'branch'] : ['legal']) {
      n += 1;
      const share = hasBranch ? (kind === 'legal' ? 0.7 : 0.3) : 1;
      const revenue = revenue10k * share;
      yield row(
        {
          unit_no: `PC${pad(n, 7)}`,
          uscc: firm.uscc,
          industry_code: firm.industryCode,
          industry_section: firm.section,
          unit_kind: kind,
          employees: Math.round(employees * share),
          revenue_band: revenue < 100 ? 'micro' : revenue < 2000 ? 'small' : revenue < 40_000 ? 'medium' : 'large',
          census_year: 2023,
        },
        pointShape(firm.at),
      );
    }
  }
}

const FIELDS: Record<string, readonly string[]> = {
  C: ['manufacturing', 'manufacturing', 'materials', 'electronics', 'energy', 'environment'],
  I: ['electronics', 'electronics', 'services'],
  M: ['services', 'biomedicine', 'materials', 'environment'],
};
const INVENTIVE: Record<string, number> = { C: 0.028, I: 0.039, M: 0.036 };

function* highTech(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'high-tech firms');
  let n = 0;
  for (const firm of context.enterprises()) {
    const chance =
      (INVENTIVE[firm.section] ?? 0) * (firm.capital10k >= 500 ? 2.2 : firm.capital10k >= 100 ? 0.8 : 0.15);
    if (!isTrading(firm) || firm.establishedOn > '2025-06-30' || firmShare(firm.uscc, 'high-tech') >= chance) continue;
    n += 1;
    const year = random.int(2024, 2026) - (random.chance(0.12) ? 1 : 0);
    const certified = Math.max(year, Number(firm.establishedOn.slice(0, 4)) + 1);
    yield row(
      {
        certificate_no: `GR${certified}44${pad(n, 6)}`,
        uscc: firm.uscc,
        name: firm.name,
        field: random.pick(FIELDS[firm.section] ?? ['services']),
        cert_year: certified,
        expires_on: `${certified + 3}-${pad(random.int(11, 12), 2)}-${pad(random.int(1, 28), 2)}`,
      },
      pointShape(firm.at),
    );
  }
}

const TAXES: readonly [kind: string, filed: number, part: number][] = [
  ['vat', 0.78, 0.52],
  ['cit', 0.2, 0.24],
  ['iit', 0.14, 0.09],
  ['stamp', 0.07, 0.02],
  ['property', 0.02, 0.13],
];

/** What each firm that trades paid in 2025, by tax; what it filed is a matter of its own. */
function* taxes(context: Context): Generator<Row> {
  let n = 0;
  for (const firm of context.enterprises()) {
    const { tax10k } = firmSize(firm);
    if (tax10k === 0) continue;
    for (const [kind, filed, part] of TAXES) {
      const draw = firmShare(firm.uscc, kind);
      if (draw >= filed) continue;
      n += 1;
      const isBehind = firmShare(firm.uscc, 'arrears') < 0.025;
      yield row({
        tax_no: `SS${pad(n, 7)}`,
        uscc: firm.uscc,
        tax_year: 2025,
        tax_kind: kind,
        amount_10k: cent(tax10k * part),
        arrears_10k: isBehind ? cent(tax10k * part * (0.1 + draw)) : 0,
      });
    }
  }
}

/** Taxes of September by the grid that firms are registered in. */
function taxGrids(context: Context): Row[] {
  const random = createRandom(context.seed, 'tax by grid');
  const { grids } = context.district;
  const payers = new Int32Array(grids.length);
  const paid = new Float64Array(grids.length);
  for (const firm of context.enterprises()) {
    const { tax10k } = firmSize(firm);
    if (tax10k === 0) continue;
    const { grid } = context.blockOf(firm.building);
    payers[grid] = (payers[grid] as number) + 1;
    paid[grid] = (paid[grid] as number) + tax10k / 12;
  }
  return grids.map((grid, i) => {
    const count = payers[i] as number;
    const amount = cent(paid[i] as number);
    return row(
      {
        grid_code: grid.code,
        period: '2026-09',
        taxpayers: count,
        amount_10k: amount,
        per_taxpayer_10k: count === 0 ? 0 : cent(amount / count),
        yoy_pct: tenth(Math.max(-60, Math.min(120, 3.5 + 11 * random.normal()))),
      },
      { type: 'Polygon', rings: grid.rings.map((ring) => [...ring, ring[0] as (typeof ring)[number]]) },
    );
  });
}

function prominence(b: Building): number {
  return b.area * b.floors * (b.usage === 'office' ? 2 : 1);
}

/** Offices and shopping centres of some height, largest first, with the firms that are registered in them. */
function commercialBuildings(context: Context): Row[] {
  const random = createRandom(context.seed, 'commercial buildings');
  const chosen = context.buildings
    .filter((b) => b.usage === 'office' || b.usage === 'commercial')
    .toSorted((p, q) => prominence(q) - prominence(p))
    .slice(0, 236);
  const firms = new Map(chosen.map((b) => [b.code, { count: 0, tax: 0 }]));
  for (const firm of context.enterprises()) {
    const there = firms.get(firm.building.code);
    if (!there) continue;
    if (isTrading(firm)) there.count += 1;
    there.tax += firmSize(firm).tax10k;
  }
  const names = new Map<string, string | null>();
  for (const { building, name } of namedBuildings(context))
    if (firms.has(building.code)) names.set(building.code, name);
  return chosen.map((building, i) => {
    const there = firms.get(building.code) ?? { count: 0, tax: 0 };
    const town = context.district.towns[context.blockOf(building).town]?.name ?? '';
    const isOld = building.builtYear < 2006;
    const vacancy = (isOld ? 19 : 11) + (town === '祖庙街道' ? 0 : 6) + 8 * random.normal();
    return row(
      {
        tower_no: `LY${pad(i + 1, 3)}`,
        building_code: building.code,
        name: names.get(building.code) ?? `${context.addressOf(building).replace(/^.*(街道|镇)/, '')}商务楼`,
        floor_area_m2: Math.round(building.area * building.floors),
        vacancy_pct: tenth(Math.max(0.5, Math.min(72, vacancy))),
        enterprises: there.count,
        tax_10k: cent(there.tax),
      },
      pointShape(building.at),
    );
  });
}

interface Branch {
  town: number;
  code: string;
  units: number;
  revenue: number;
  employees: number;
}

const MONTHS = 128;
/** Months at small scales: half a year at least. */
const monthsAt = (scale: number): number => Math.max(6, Math.round(MONTHS * Math.sqrt(scale)));

/** Month by month for each town and division; today's figures are those of the firms, the earlier ones lead up to them. */
function* industryStatistics(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'industry statistics');
  const branches = new Map<string, Branch>();
  for (const firm of context.enterprises()) {
    if (!isTrading(firm)) continue;
    const { town } = context.blockOf(firm.building);
    const code = firm.industryCode.slice(0, 3);
    const key = `${town} ${code}`;
    const branch = branches.get(key) ?? { town, code, units: 0, revenue: 0, employees: 0 };
    const { revenue10k, employees } = firmSize(firm);
    branch.units += 1;
    branch.revenue += revenue10k;
    branch.employees += employees;
    branches.set(key, branch);
  }
  const sorted = [...branches.values()].toSorted((p, q) => p.town - q.town || p.code.localeCompare(q.code));
  const months = monthsAt(context.scale);
  let n = 0;
  for (let back = months - 1; back >= 0; back--) {
    const month = 2026 * 12 + 9 - back;
    const year = Math.floor(month / 12);
    // February is short and holds the spring festival; the epidemic year began with two lost months.
    const season = month % 12 === 1 ? 0.66 : month % 12 >= 9 ? 1.1 : 1;
    const lost = year === 2020 && month % 12 < 3 ? 0.55 : 1;
    for (const { town, code, units, revenue, employees } of sorted) {
      n += 1;
      const grown = 0.994 ** back;
      yield row({
        stat_no: `TJ${pad(n, 7)}`,
        period: `${year}-${pad((month % 12) + 1, 2)}`,
        town_code: context.district.towns[town]?.code ?? null,
        industry_code: code,
        industry_section: code.charAt(0),
        units: Math.max(1, Math.round(units * grown)),
        revenue_10k: tenth((revenue / 12) * grown * season * lost * random.between(0.93, 1.07)),
        employees: Math.max(1, Math.round(employees * 0.997 ** back)),
      });
    }
  }
}

/** Statistics and taxes, all of the same firms. */
export const economyFirms: Theme = {
  above_scale_enterprise: (context) => ({ expected: 2350 * context.scale, rows: aboveScale(context) }),
  economic_census_unit: (context) => ({ expected: 96_000 * context.scale, rows: censusUnits(context) }),
  high_tech_enterprise: (context) => ({ expected: 1340 * context.scale, rows: highTech(context) }),
  enterprise_tax: (context) => ({ expected: 280_000 * context.scale, rows: taxes(context) }),
  tax_grid: (context) => listed(taxGrids(context)),
  commercial_building: (context) => listed(commercialBuildings(context)),
  industry_statistics: (context) => ({
    expected: 148 * monthsAt(context.scale),
    rows: industryStatistics(context),
  }),
};
