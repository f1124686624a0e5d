import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { isInside, lineLength, separation, toBoard } from '../../../etl/demo/plane.ts';
import { construction } from '../../../etl/demo/themes/construction.ts';
import { housing } from '../../../etl/demo/themes/housing.ts';
import { constructionSites, estates } from '../../../etl/demo/themes/parcels.ts';
import { underground } from '../../../etl/demo/themes/underground.ts';

const context = createContext(0.02, 1);
const themes = { ...construction, ...housing, ...underground };
const rowsOf = (id: string): Row[] => [...(themes[id]?.(context).rows ?? [])];
const buildings = new Map(context.buildings.map((building) => [building.code, building]));

test('every estate is managed by a firm of the register, and the firms count them rightly', () => {
  const firms = new Map([...context.enterprises()].map((firm) => [firm.uscc, firm]));
  const companies = rowsOf('property_company');
  const all = estates(context);
  expect(companies.length).toBeGreaterThan(5);
  const names = new Set(companies.map(({ values }) => values.name));
  for (const { values } of all) expect(names.has(values.property_company ?? '')).toBe(true);
  expect(companies.reduce((sum, { values }) => sum + Number(values.estates), 0)).toBe(all.length);
  for (const { values } of companies) {
    expect(firms.get(String(values.uscc))?.name).toBe(values.name);
    expect(firms.get(String(values.uscc))?.industryCode).toBe('K7020');
  }
});

test('dangerous houses are old ones of the old town and the villages; emptied ones are empty', () => {
  const rows = rowsOf('dangerous_building');
  const years = rows.map(({ values }) => buildings.get(String(values.building_code))?.builtYear ?? 9999);
  expect(new Set(rows.map(({ values }) => values.building_code)).size).toBe(rows.length);
  expect(Math.max(...years)).toBeLessThan(1996);
  for (const { values } of rows) {
    const building = buildings.get(String(values.building_code));
    expect(['old_town', 'village']).toContain(building && context.blockOf(building).use);
    if (values.measure === 'vacated' || values.measure === 'demolished') expect(values.residents).toBe(0);
  }
});

test('lifts are added to houses that were built without, and finished after they were asked for', () => {
  const rows = rowsOf('elevator_retrofit');
  expect(rows.length).toBeGreaterThan(100);
  for (const { values } of rows) {
    const building = buildings.get(String(values.building_code));
    expect(building?.floors).toBeGreaterThanOrEqual(5);
    expect(building?.floors).toBeLessThanOrEqual(9);
    expect(building?.builtYear).toBeLessThanOrEqual(2006);
    expect(values.finished_on !== null).toBe(values.status === 'finished');
    if (values.finished_on !== null) expect(String(values.finished_on) > String(values.applied_on)).toBe(true);
  }
});

test('historic houses are twice as thick on the ground inside the protected quarters', () => {
  const rings = rowsOf('historic_district').map(({ shape }) =>
    shape?.type === 'Polygon' ? (shape.rings[0] ?? []).map((p) => toBoard(p[0], p[1])) : [],
  );
  const isProtected = (x: number, y: number): boolean => rings.some((ring) => isInside(ring, x, y));
  const houses = rowsOf('historic_building').map(({ shape }) =>
    shape?.type === 'Point' ? toBoard(shape.at[0], shape.at[1]) : ([0, 0] as const),
  );
  const old = context.buildings.filter(
    (building) =>
      building.builtYear <= 1986 && ['old_town', 'village', 'mixed'].includes(context.blockOf(building).use),
  );
  const share = houses.filter(([x, y]) => isProtected(x, y)).length / houses.length;
  const expected = old.filter(({ at }) => isProtected(at[0], at[1])).length / old.length;
  expect(share).toBeGreaterThan(2 * expected);
});

test('cranes stand on sites that are being built, and their alarms fit their readings', () => {
  const sites = new Map(constructionSites(context).map((site) => [site.values.site_code, site]));
  const cranes = rowsOf('tower_crane');
  expect(cranes.length).toBeGreaterThan(380);
  for (const { values, shape } of cranes) {
    const site = sites.get(values.site_code ?? '');
    if (site?.shape?.type !== 'Polygon' || shape?.type !== 'Point') throw new Error('no site');
    expect(['foundation', 'structure', 'finishing']).toContain(site.values.stage);
    expect(values.site_name).toBe(site.values.name);
    const at = toBoard(shape.at[0], shape.at[1]);
    const corners = (site.shape.rings[0] ?? []).map((p) => toBoard(p[0], p[1]));
    expect(Math.min(...corners.map((corner) => separation(corner, at)))).toBeLessThan(160);
    if (values.alarm === 'overload') expect(Number(values.load_pct)).toBeGreaterThan(105);
    if (values.alarm === 'none') expect(Number(values.load_pct)).toBeLessThanOrEqual(105);
    expect(values.load_pct === null).toBe(values.alarm === 'offline');
  }
});

test('a site has its permit before its first day, from the same builder', () => {
  const permits = new Map(
    rowsOf('construction_permit')
      .filter(({ values }) => values.site_code !== null)
      .map(({ values }) => [values.site_code, values]),
  );
  for (const { values } of constructionSites(context)) {
    const permit = permits.get(values.site_code ?? '');
    expect(String(permit?.issued_on) < String(values.start_on)).toBe(true);
    expect(permit?.builder).toBe(values.builder);
  }
});

test('gas runs at higher pressure under wider streets, in steel; tunnels are as long as they say', () => {
  const pipes = rowsOf('gas_pipe');
  const bore = (level: string): number => {
    const own = pipes.filter(({ values }) => values.pressure_level === level);
    return own.reduce((sum, { values }) => sum + Number(values.diameter_mm), 0) / own.length;
  };
  expect(bore('high')).toBeGreaterThan(bore('medium_a'));
  expect(bore('medium_a')).toBeGreaterThan(bore('medium_b'));
  expect(bore('medium_b')).toBeGreaterThan(bore('low'));
  for (const { values } of pipes) {
    if (values.pressure_level === 'high') expect(values.material).toBe('steel');
    if (values.material === 'cast_iron') expect(Number(values.built_year)).toBeLessThan(2000);
  }
  for (const { values, shape } of rowsOf('utility_tunnel')) {
    if (shape?.type !== 'LineString') throw new Error('no line');
    const length = lineLength(shape.line.map((p) => toBoard(p[0], p[1])));
    expect(Math.abs(length - Number(values.length_m))).toBeLessThan(2);
  }
});
