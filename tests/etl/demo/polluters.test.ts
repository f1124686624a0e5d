import { expect, test } from 'vitest';
import { airQualityIndex } from '../../../etl/demo/air-quality.ts';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { type Point, separation, toBoard } from '../../../etl/demo/plane.ts';
import { pollutersOf } from '../../../etl/demo/polluters.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.05, 1);
const sources = pollutersOf(context);
const byNo = new Map(sources.map((source) => [source.no, source]));
const rowsOf = (id: string): Row[] => [...(deliveries[id]?.(context).rows ?? [])];
const pointOf = ({ shape }: Row): Point => {
  if (shape?.type !== 'Point') throw new Error('no point');
  return toBoard(shape.at[0], shape.at[1]);
};

function share(code: RegExp, kind: string): number {
  const own = sources.filter(({ firm }) => code.test(firm.industryCode));
  expect(own.length).toBeGreaterThan(20);
  return own.filter((source) => source.kind === kind).length / own.length;
}

test('polluters are firms of the trade register, of trades that give off what they are listed for', () => {
  const firms = new Map([...context.enterprises()].map((firm) => [firm.uscc, firm]));
  for (const { firm } of sources) expect(firms.get(firm.uscc)?.name).toBe(firm.name);
  expect(share(/^C3071/, 'air')).toBeGreaterThan(0.6);
  expect(share(/^C1761/, 'water')).toBeGreaterThan(0.6);
});

test.each(['key_polluter', 'pollutant_permit', 'exhaust_cems', 'wastewater_online', 'env_inspection'])(
  '%s names a source that is there, under its own name',
  (id) => {
    const rows = rowsOf(id);
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) {
      const source = byNo.get(String(row.values.source_no));
      expect(source?.firm.name).toBe(row.values.name);
      if (row.shape && source) expect(separation(pointOf(row), source.firm.at)).toBeLessThan(120);
    }
  },
);

test('an outlet is over the limit exactly when one of its values is', () => {
  const limits = { so2: 50, nox: 180, dust: 30 };
  let over = 0;
  for (const { values } of rowsOf('exhaust_cems')) {
    if (values.state !== 'normal') {
      expect(values.limit_ratio).toBeNull();
      continue;
    }
    const worst = Math.max(...Object.entries(limits).map(([name, limit]) => Number(values[name]) / limit));
    expect(Math.abs(worst - Number(values.limit_ratio))).toBeLessThan(0.02);
    if (Number(values.limit_ratio) > 1) over += 1;
  }
  expect(over).toBeGreaterThan(0);
  expect(over).toBeLessThan(25);
});

test('the index of air quality is that of HJ 633', () => {
  expect(airQualityIndex({ pm25: 35, pm10: 10, o3: 10 })).toBe(50);
  expect(airQualityIndex({ pm25: 75, pm10: 10, o3: 10 })).toBe(100);
  expect(airQualityIndex({ pm25: 10, pm10: 200, o3: 10 })).toBe(125);
  expect(airQualityIndex({ pm25: 10, pm10: 10, o3: 250 })).toBe(125);
  expect(airQualityIndex({ pm25: 900, pm10: 10, o3: 10 })).toBe(500);
});

test('the air is worse where the works are', () => {
  const works = context.district.blocks.filter((block) => block.use === 'factory');
  const around = (at: Point): number =>
    works.filter(({ inner }) => separation(inner, at) < 900).reduce((sum, { area }) => sum + area, 0);
  const stations = rowsOf('air_micro_station')
    .filter(({ values }) => values.online)
    .map((row) => ({ works: around(pointOf(row)), pm25: Number(row.values.pm25) }))
    .toSorted((a, b) => a.works - b.works);
  const mean = (list: typeof stations): number => list.reduce((sum, { pm25 }) => sum + pm25, 0) / list.length;
  const third = Math.floor(stations.length / 3);
  expect(mean(stations.slice(-third))).toBeGreaterThan(mean(stations.slice(0, third)) + 4);
});

test('complaints about works come from homes beside them', () => {
  const cells = new Set(sources.map(({ firm: { at } }) => `${Math.round(at[0] / 300)},${Math.round(at[1] / 300)}`));
  const rows = rowsOf('env_complaint').filter(
    ({ values }) => values.category === 'odor' || values.category === 'water',
  );
  expect(rows.length).toBeGreaterThan(100);
  const near = rows.filter((row) => {
    const [x, y] = pointOf(row);
    for (let i = -2; i <= 2; i++)
      for (let j = -2; j <= 2; j++) if (cells.has(`${Math.round(x / 300) + i},${Math.round(y / 300) + j}`)) return true;
    return false;
  });
  expect(near).toHaveLength(rows.length);
});

test('waste is shipped by producers that are there, to hazardous waste plants that are there', () => {
  const units = new Map(rowsOf('hazardous_waste_unit').map(({ values }) => [values.unit_no, values]));
  const plants = new Map(rowsOf('waste_facility').map(({ values }) => [values.facility_no, values.kind]));
  for (const { values } of rowsOf('hazardous_waste_transfer')) {
    const unit = units.get(values.unit_no ?? '');
    expect(unit?.uscc).toBe(values.from_uscc);
    expect(unit?.waste_code).toBe(values.waste_code);
    expect(plants.get(values.facility_no ?? '')).toBe('hazardous');
    if (values.received_at !== null)
      expect(Date.parse(String(values.received_at))).toBeGreaterThan(Date.parse(String(values.shipped_at)));
    else expect(values.state).not.toBe('received');
  }
});
