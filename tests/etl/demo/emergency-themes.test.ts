import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { type Point, separation, toBoard } from '../../../etl/demo/plane.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.05, 3);

function rowsOf(id: string): Row[] {
  return [...(deliveries[id]?.(context).rows ?? [])];
}

function pointOf({ shape }: Row): Point {
  if (shape?.type !== 'Point') throw new Error('no point');
  return toBoard(shape.at[0], shape.at[1]);
}

test('units that the fire service watches are generated firms in generated buildings', () => {
  const firms = new Map<string, { name: string; building: string }>();
  for (const firm of context.enterprises()) firms.set(firm.uscc, { name: firm.name, building: firm.building.code });
  const units = rowsOf('fire_key_unit');
  for (const { values } of units)
    expect(firms.get(String(values.uscc))).toEqual({ name: values.name, building: values.building_code });
  expect(new Set(units.map(({ values }) => values.building_code)).size).toBe(units.length);
});

test('dangerous works are kept out of the old city, and hold more than paint shops do', () => {
  const towns = new Map<string, string>();
  for (const { uscc, building } of context.enterprises())
    towns.set(uscc, context.district.towns[context.blockOf(building).town]?.name ?? '');
  const firms = rowsOf('hazchem_enterprise');
  expect(firms.length).toBeGreaterThan(270);
  for (const { values } of firms)
    if (values.kind !== 'trade') expect(towns.get(String(values.uscc))).not.toBe('祖庙街道');
  const mean = (kind: string): number => {
    const list = firms.filter(({ values }) => values.kind === kind).map(({ values }) => Number(values.storage_t));
    return list.reduce((sum, n) => sum + n, 0) / list.length;
  };
  expect(mean('storage')).toBeGreaterThan(10 * mean('trade'));
  for (const { values } of firms) if (Number(values.storage_t) < 200) expect(values.major_hazard_level).toBe('none');
});

test('readings of a sensor agree with its alarm', () => {
  for (const { values } of rowsOf('fire_iot_alarm')) {
    const { kind, alarm, value } = values;
    if (alarm === 'offline' || alarm === 'fault') expect(value).toBeNull();
    else if (kind === 'water_pressure') expect(Number(value) < 0.2).toBe(alarm !== 'normal');
    else if (kind === 'gas') expect(Number(value) > 10).toBe(alarm !== 'normal');
  }
});

test('fuel stations stand apart', () => {
  const places = rowsOf('fuel_station').map(pointOf);
  expect(places).toHaveLength(74);
  places.forEach((a, i) => {
    for (const b of places.slice(i + 1)) expect(separation(a, b)).toBeGreaterThan(499);
  });
});

test('evacuation routes end at a shelter nearby, by streets', () => {
  const shelters = new Map(rowsOf('emergency_shelter').map((row) => [row.values.shelter_code, row]));
  const routes = rowsOf('evacuation_route');
  expect(routes.length).toBeGreaterThan(180);
  const away: number[] = [];
  for (const { values, shape } of routes) {
    const shelter = shelters.get(values.shelter_code ?? null);
    if (!shelter || shape?.type !== 'LineString') throw new Error('no shelter');
    expect(values.shelter).toBe(shelter.values.name);
    const [lon, lat] = shape.line.at(-1) as Point;
    away.push(separation(toBoard(lon, lat), pointOf(shelter)));
    expect(Number(values.length_m)).toBeGreaterThan(100);
  }
  expect(away.toSorted((p, q) => p - q)[Math.floor(away.length * 0.9)]).toBeLessThan(300);
  expect(new Set(routes.map(({ values }) => values.community_code)).size).toBeGreaterThan(140);
});

test('rain falls where the shower went, and a day holds its last hour', () => {
  const gauges = rowsOf('rain_gauge');
  const centre = toBoard(113.045, 23.03);
  const sums = { near: 0, far: 0 };
  for (const gauge of gauges) {
    const { rain_5min_mm: five, rain_1h_mm: hour, rain_24h_mm: day } = gauge.values;
    expect(Number(five)).toBeLessThanOrEqual(Number(hour));
    expect(Number(hour)).toBeLessThanOrEqual(Number(day));
    const d = separation(pointOf(gauge), centre);
    if (d < 2500) sums.near = Math.max(sums.near, Number(hour));
    if (d > 9000) sums.far = Math.max(sums.far, Number(hour));
  }
  expect(sums.near).toBeGreaterThan(3);
  expect(sums.far).toBeLessThan(1);
});

test('warnings in force are those that have not expired by 08:00, and seasons are those of the delta', () => {
  const warnings = rowsOf('weather_warning');
  for (const { values } of warnings) {
    expect(values.state === 'active').toBe(String(values.expires_at) > '2026-11-01T08:00:00+08:00');
    expect(String(values.issued_at) < '2026-11-01T08:00:00+08:00').toBe(true);
    const month = Number(String(values.issued_at).slice(5, 7));
    if (values.kind === 'typhoon') expect(month).toBeGreaterThanOrEqual(6);
    if (values.kind === 'cold') expect([1, 2, 3, 11, 12]).toContain(month);
  }
  expect(warnings.filter(({ values }) => values.state === 'active')).toHaveLength(6);
});

test('typhoons come from the sea, and their nearest approach is measured', () => {
  for (const { values, shape } of rowsOf('typhoon_track')) {
    if (shape?.type !== 'LineString') throw new Error('no line');
    const [first] = shape.line;
    expect((first as Point)[0]).toBeGreaterThan(120);
    const nearest =
      Math.min(...shape.line.map(([lon, lat]) => separation(toBoard(lon, lat), toBoard(113.07, 23)))) / 1000;
    // Corners are further than the line between them.
    expect(Number(values.nearest_km)).toBeLessThanOrEqual(Math.ceil(nearest));
    expect(nearest - Number(values.nearest_km)).toBeLessThan(120);
  }
});

test('people of a risk zone are those who live in its block, and go to a shelter there is', () => {
  const shelters = new Set(rowsOf('emergency_shelter').map(({ values }) => values.shelter_code));
  const zones = rowsOf('hazard_risk_zone');
  const kinds = new Set(zones.map(({ values }) => values.hazard));
  expect(kinds.size).toBe(6);
  for (const { values } of zones) expect(shelters.has(values.transfer_to ?? null)).toBe(true);
  const people = zones.reduce((sum, { values }) => sum + Number(values.people), 0);
  expect(people).toBeGreaterThan(500);
  expect(people).toBeLessThan(65_000 * 0.25);
});
