import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { firmSize } from '../../../etl/demo/firm-figures.ts';
import { blockAt } from '../../../etl/demo/places.ts';
import { type Point, toBoard } from '../../../etl/demo/plane.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.02, 3);
const { district } = context;
const firms = new Map([...context.enterprises()].map((firm) => [firm.uscc, firm]));
const trading = [...firms.values()].filter((firm) => firm.status === 'active');
const cache = new Map<string, Row[]>();

function rowsOf(id: string): Row[] {
  const known = cache.get(id) ?? [...(deliveries[id]?.(context).rows ?? [])];
  cache.set(id, known);
  return known;
}

function sum(rows: readonly Row[], field: string): number {
  return rows.reduce((total, row) => total + Number(row.values[field]), 0);
}

test('the cells of 100 m hold everybody, each person once', () => {
  const cells = rowsOf('population_grid');
  const persons = context.perGrid.persons.reduce((total, count) => total + count, 0);
  expect(sum(cells, 'population')).toBe(persons);
  expect(sum(cells, 'age_0_14') + sum(cells, 'age_15_59') + sum(cells, 'age_60_up')).toBe(persons);
  expect(sum(cells, 'households')).toBe(context.perGrid.households.reduce((total, count) => total + count, 0));
  // 154 square kilometres.
  expect(cells.length).toBeGreaterThan(15_000);
  expect(cells.length).toBeLessThan(15_900);
  expect(new Set(cells.map((row) => row.values.cell_id)).size).toBe(cells.length);
});

test('the live picture has the same cells, about as many people, and nobody in the middle of a river', () => {
  const [cells, heat] = [rowsOf('population_grid'), rowsOf('population_heat')];
  expect(heat.map((row) => row.values.cell_id)).toEqual(cells.map((row) => row.values.cell_id));
  const ratio = sum(heat, 'people') / sum(cells, 'population');
  expect(ratio).toBeGreaterThan(0.75);
  expect(ratio).toBeLessThan(1.3);
  heat.forEach((row, i) => {
    // A shop assistant or two come to no more than rounding.
    if (row.values.inflow === 0 && cells[i]?.values.population === 0) expect(row.values.people).toBeLessThan(4);
  });
  expect(heat.filter((row) => row.values.people === 0).length).toBeGreaterThan(3000);
});

test('taxes by grid are those of the firms registered there', () => {
  const grids = rowsOf('tax_grid');
  expect(grids).toHaveLength(921);
  expect(sum(grids, 'taxpayers')).toBe(trading.filter((firm) => firmSize(firm).tax10k > 0).length);
  const [code] = district.grids
    .map((grid, i) => ({ code: grid.code, firms: context.perGrid.enterprises[i] as number }))
    .toSorted((p, q) => q.firms - p.firms)
    .map((grid) => grid.code);
  const there = trading.filter((firm) => district.grids[context.blockOf(firm.building).grid]?.code === code);
  const amount = there.reduce((total, firm) => total + firmSize(firm).tax10k, 0) / 12;
  expect(there.length).toBeGreaterThan(5);
  expect(grids.find((row) => row.values.grid_code === code)?.values.amount_10k).toBeCloseTo(amount, 1);
});

test('only firms that trade pay taxes, and large ones pay more', () => {
  const paid = new Map<string, number>();
  for (const { values } of rowsOf('enterprise_tax')) {
    expect(firms.get(String(values.uscc))?.status).toBe('active');
    paid.set(String(values.uscc), (paid.get(String(values.uscc)) ?? 0) + Number(values.amount_10k));
  }
  const large = rowsOf('above_scale_enterprise');
  expect(large.length).toBeGreaterThan(20);
  const sorted = [...paid.values()].toSorted((p, q) => p - q);
  const median = sorted[sorted.length >> 1] as number;
  const ofLarge = large.map((row) => paid.get(String(row.values.uscc)) ?? 0);
  expect(ofLarge.reduce((a, b) => a + b, 0) / ofLarge.length).toBeGreaterThan(20 * median);
});

/** Coal burnt for what is made, by industry. */
function intensity(isMeant: (code: string) => boolean): number {
  const rows = rowsOf('above_scale_enterprise').filter((row) => isMeant(String(row.values.industry_code)));
  return sum(rows, 'energy_tce') / sum(rows, 'output_10k');
}

test('firms above scale are, and kilns burn the most for what they make', () => {
  for (const { values } of rowsOf('above_scale_enterprise')) {
    const firm = firms.get(String(values.uscc));
    expect(firm?.name).toBe(values.name);
    expect(values.output_10k).toBe(firm && firmSize(firm).revenue10k);
    expect(Number(values.output_10k)).toBeGreaterThanOrEqual(2000);
  }
  expect(intensity((code) => code.startsWith('C30'))).toBeGreaterThan(3 * intensity((code) => code.startsWith('F')));
});

test('the statistics of the last month count the firms of the register', () => {
  const rows = rowsOf('industry_statistics');
  const last = rows.filter((row) => row.values.period === '2026-10');
  expect(sum(last, 'units')).toBe(trading.length);
  for (const { values } of rows) expect(values.industry_section).toBe(String(values.industry_code).charAt(0));
  const town = district.towns.findIndex((candidate) => candidate.name === '张槎街道');
  const knitters = trading.filter(
    (firm) => context.blockOf(firm.building).town === town && firm.industryCode.startsWith('C17'),
  );
  const stated = last.find(
    (row) => row.values.town_code === district.towns[town]?.code && row.values.industry_code === 'C17',
  );
  expect(stated?.values.units).toBe(knitters.length);
  const earlier = rows.filter((row) => row.values.period === '2025-10');
  expect(sum(last, 'revenue_10k')).toBeGreaterThan(sum(earlier, 'revenue_10k'));
});

test('census and high-tech firms are firms of the register that were there in time', () => {
  for (const { values } of rowsOf('economic_census_unit')) {
    const firm = firms.get(String(values.uscc));
    expect(firm?.industryCode).toBe(values.industry_code);
    expect(String(firm?.establishedOn) <= '2023-12-31').toBe(true);
  }
  for (const { values } of rowsOf('high_tech_enterprise')) {
    const firm = firms.get(String(values.uscc));
    expect(['C', 'I', 'M']).toContain(firm?.section);
    expect(firm?.status).toBe('active');
    expect(Number(values.cert_year)).toBeGreaterThan(Number(firm?.establishedOn.slice(0, 4)));
  }
});

test('commercial buildings count the firms in them', () => {
  const towers = rowsOf('commercial_building');
  expect(towers).toHaveLength(236);
  const counts = new Map<string, number>();
  for (const firm of trading) counts.set(firm.building.code, (counts.get(firm.building.code) ?? 0) + 1);
  const usages = new Map(context.buildings.map((building) => [building.code, building.usage]));
  for (const { values } of towers) {
    expect(['office', 'commercial']).toContain(usages.get(String(values.building_code)));
    expect(values.enterprises).toBe(counts.get(String(values.building_code)) ?? 0);
  }
});

test('each town and community has a service hall in it; on a Sunday only machines have a queue', () => {
  const halls = rowsOf('government_service_hall');
  for (const [kind, areas] of [
    ['town', district.towns],
    ['community', district.communities],
  ] as const) {
    const own = halls.filter((row) => row.values.kind === kind);
    expect(own).toHaveLength(areas.length);
    own.forEach(({ values, shape }, i) => {
      if (shape?.type !== 'Point') throw new Error('a hall is a point');
      const block = blockAt(context, toBoard(shape.at[0], shape.at[1]));
      expect(kind === 'town' ? block?.town : block?.community).toBe(i);
      expect(values.waiting).toBe(0);
    });
  }
});

test('a hotline ticket lies in its grid, names the community there and has a phone nobody has', () => {
  const tickets = rowsOf('hotline_ticket');
  expect(tickets.length).toBe(Math.round(320_000 * context.scale));
  for (const { values, shape } of tickets) {
    if (shape?.type !== 'Point') throw new Error('a ticket is a point');
    const block = blockAt(context, toBoard(shape.at[0], shape.at[1]) as Point);
    expect(block && district.grids[block.grid]?.code).toBe(values.grid_code);
    expect(values.caller_phone).toMatch(/^10[1-9]\d{8}$/);
    const { content } = values;
    const community = block && district.communities[block.community]?.name;
    if (/社区|村/.test(String(content))) expect(content).toContain(community);
    if (values.satisfaction !== null) expect(values.state).toBe('closed');
  }
});
