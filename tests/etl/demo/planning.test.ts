import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { historicDistricts } from '../../../etl/demo/historic-districts.ts';
import { innerPoint, isInside, ringArea, toBoard } from '../../../etl/demo/plane.ts';
import { landMarket } from '../../../etl/demo/themes/land-market.ts';
import { planning } from '../../../etl/demo/themes/planning.ts';

const context = createContext(0.01, 1);
const rowsOf = (id: string): Row[] => [...((planning[id] ?? landMarket[id])?.(context).rows ?? [])];

function ringsOf({ shape }: Row) {
  if (shape?.type !== 'Polygon') throw new Error('no polygon');
  return shape.rings.map((ring) => ring.map((p) => toBoard(p[0], p[1])));
}
const areaOf = (row: Row): number => ringsOf(row).reduce((sum, ring) => sum + ringArea(ring), 0);
const holds = (row: Row, x: number, y: number): boolean =>
  ringsOf(row).every((ring, i) => isInside(ring, x, y) === (i === 0));

test('planning zones tile the district, and industry is planned where factories are', () => {
  const zones = rowsOf('spatial_plan_zone');
  const sum = zones.reduce((all, zone) => all + areaOf(zone), 0);
  expect(sum / 1e6).toBeCloseTo(context.district.district.areaKm2, 2);
  for (const zone of zones) expect(Number(zone.values.area_m2)).toBeCloseTo(areaOf(zone), -1);
  const factories = context.district.blocks.filter((block, i) => block.use === 'factory' && i % 7 === 0);
  const kinds = factories.map(({ inner }) => zones.find((zone) => holds(zone, inner[0], inner[1]))?.values.zone_kind);
  expect(kinds.filter((kind) => kind === 'industry').length / kinds.length).toBeGreaterThan(0.6);
});

test('growth boundaries hold the homes and leave the ponds out', () => {
  const boundaries = rowsOf('urban_growth_boundary');
  expect(boundaries).toHaveLength(3);
  const share = (uses: readonly string[]): number => {
    const blocks = context.district.blocks.filter((block, i) => uses.includes(block.use) && i % 5 === 0);
    const inside = blocks.filter(({ inner }) => boundaries.some((row) => holds(row, inner[0], inner[1])));
    return inside.length / blocks.length;
  };
  expect(share(['estate', 'old_town', 'commerce'])).toBeGreaterThan(0.9);
  expect(share(['pond'])).toBeLessThan(0.35);
});

test('eight protected quarters, each in one piece, none over another', () => {
  const quarters = historicDistricts(context);
  expect(quarters).toHaveLength(8);
  for (const { rings, area } of quarters) {
    expect(rings[0]?.length).toBeGreaterThan(5);
    expect(area).toBeGreaterThan(20_000);
    expect(area).toBeLessThan(400_000);
  }
  for (const { inner } of context.district.blocks) {
    const over = quarters.filter(({ rings }) => isInside(rings[0] ?? [], inner[0], inner[1]));
    expect(over.length).toBeLessThan(2);
  }
});

test('a planned facility lies in the regulatory block it names', () => {
  const blocks = new Map(rowsOf('regulatory_block').map((row) => [row.values.block_no, row]));
  const facilities = rowsOf('plan_public_facility');
  expect(facilities.length).toBeGreaterThan(100);
  for (const { values, shape } of facilities) {
    const block = blocks.get(values.block_no ?? '');
    if (!block || shape?.type !== 'Point') throw new Error(`${String(values.facility_no)} has no block`);
    const [x, y] = toBoard(shape.at[0], shape.at[1]);
    expect(holds(block, x, y)).toBe(true);
  }
});

test('water is bounded by the line of waters, parks by that of parks', () => {
  const lines = rowsOf('plan_control_line');
  const of = (kind: string): Row[] => lines.filter(({ values }) => values.line_kind === kind);
  const river = context.district.blocks.filter((block) => block.use === 'water' && block.area > 20_000);
  for (const { inner } of river) expect(of('water').filter((row) => holds(row, inner[0], inner[1]))).toHaveLength(1);
  for (const { inner, area } of context.district.blocks.filter(({ use }) => use === 'park')) {
    if (area > 1500) expect(of('green').some((row) => holds(row, inner[0], inner[1]))).toBe(true);
  }
});

test('land costs more in the inner towns, and public land is given', () => {
  const supplies = rowsOf('land_supply');
  const price = (town: string): number => {
    const index = context.district.towns.findIndex(({ name }) => name === town);
    const blocks = context.district.blocks.filter((block) => block.town === index);
    const here = supplies.filter((row) => {
      const [x, y] = innerPoint(ringsOf(row)[0] ?? []);
      return row.values.usage === 'residential' && blocks.some(({ ring }) => isInside(ring, x, y));
    });
    return (
      here.reduce((sum, { values }) => sum + Number(values.price_10k), 0) /
      here.reduce((sum, { values }) => sum + Number(values.area_m2), 0)
    );
  };
  expect(price('祖庙街道')).toBeGreaterThan(1.2 * price('南庄镇'));
  for (const { values } of supplies) expect(values.usage === 'public').toBe(values.supply_kind === 'allocation');
});

test('ponds became works in the pond town only', () => {
  const nanzhuang = context.district.towns.findIndex(({ name }) => name === '南庄镇');
  const changes = rowsOf('landuse_change').filter(({ values }) => values.change_kind === 'pond_to_built');
  expect(changes.length).toBeGreaterThan(5);
  const blocks = context.district.blocks.filter((block) => block.town === nanzhuang);
  for (const change of changes) {
    const [x, y] = innerPoint(ringsOf(change)[0] ?? []);
    expect(blocks.some(({ ring }) => isInside(ring, x, y))).toBe(true);
    expect(change.values.from_code).toBe('1104');
  }
});
