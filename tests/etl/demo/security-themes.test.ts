import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { TODAY } from '../../../etl/demo/moment.ts';
import { type Point, isInside, ringArea, toBoard } from '../../../etl/demo/plane.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.02, 5);
const { buildings, district } = context;

function rowsOf(id: string): Row[] {
  return [...(deliveries[id]?.(context).rows ?? [])];
}

function pointOf({ shape }: Row): Point {
  if (shape?.type !== 'Point') throw new Error('no point');
  return toBoard(shape.at[0], shape.at[1]);
}

function outlineOf({ shape }: Row): Point[] {
  if (shape?.type !== 'Polygon') throw new Error('no polygon');
  return (shape.rings[0] ?? []).map(([lon, lat]) => toBoard(lon, lat));
}

function mean(list: number[] = []): number {
  return list.reduce((sum, n) => sum + n, 0) / list.length;
}

test('every room has one standard address, which lies in its building', () => {
  const rooms = rowsOf('room');
  const addresses = rowsOf('standard_address');
  expect(addresses.map(({ values }) => values.room_code)).toEqual(rooms.map(({ values }) => values.room_code));
  const outline = new Map(buildings.map((building) => [building.code, building.outline]));
  const outside = addresses.filter((address) => {
    const [x, y] = pointOf(address);
    return !isInside(outline.get(String(address.values.building_code)) ?? [], x, y);
  });
  // The two wings of a U may leave its middle outside; nothing else may.
  expect(outside.length / addresses.length).toBeLessThan(0.03);
  for (const { values } of addresses.slice(0, 200)) {
    for (const part of ['road', 'house_no', 'room_no'] as const)
      expect(String(values.full_name)).toContain(String(values[part]));
  }
});

test('staircases count the rooms there are, and no room twice', () => {
  const units = rowsOf('building_unit');
  const rooms = rowsOf('room');
  expect(units.reduce((sum, { values }) => sum + Number(values.rooms), 0)).toBe(rooms.length);
  expect(new Set(units.map(({ values }) => values.unit_code))).toEqual(
    new Set(rooms.map(({ values }) => values.unit_code)),
  );
});

test('rental houses add up to the let rooms and those who live in them', () => {
  let rooms = 0;
  let tenants = 0;
  for (const { occupancy, household } of context.dwellings()) {
    if (occupancy !== 'rented') continue;
    rooms += 1;
    tenants += household?.persons.length ?? 0;
  }
  const houses = rowsOf('rental_house');
  expect(houses.reduce((sum, { values }) => sum + Number(values.rooms), 0)).toBe(rooms);
  expect(houses.reduce((sum, { values }) => sum + Number(values.tenants), 0)).toBe(tenants);
  const high = houses.filter(({ values }) => values.risk_level === 'high');
  const codes = new Set(
    buildings.filter((b) => ['village', 'old_town'].includes(context.blockOf(b).use)).map(({ code }) => code),
  );
  const share = (list: Row[]): number =>
    list.filter(({ values }) => codes.has(String(values.building_code))).length / list.length;
  expect(share(high)).toBeGreaterThan(share(houses));
});

test('only people registered elsewhere hold a residence registration, where they live', () => {
  const home = new Map<string, string>();
  for (const { roomCode, household } of context.dwellings()) {
    for (const person of household?.persons ?? []) if (person.residence !== 'registered') home.set(person.id, roomCode);
  }
  const permits = rowsOf('residence_permit');
  for (const { values } of permits) expect(home.get(String(values.person_id))).toBe(values.room_code);
  expect(permits.length / home.size).toBeGreaterThan(0.88);
  expect(new Set(permits.map(({ values }) => values.person_id)).size).toBe(permits.length);
});

test('police areas tile the district: each micro-grid lies in exactly one', () => {
  const areas = rowsOf('police_area');
  expect(areas.length).toBeGreaterThan(170);
  const land = areas.reduce((sum, area) => {
    const rings = area.shape?.type === 'Polygon' ? area.shape.rings : [];
    return sum + rings.reduce((part, ring) => part + ringArea(ring.map(([lon, lat]) => toBoard(lon, lat))), 0);
  }, 0);
  expect(land / 1e6 / district.district.areaKm2).toBeCloseTo(1, 2);
  expect(areas.reduce((sum, { values }) => sum + Number(values.grids), 0)).toBe(district.grids.length);
  const outlines = areas.map(outlineOf);
  for (const grid of district.grids.filter((_, i) => i % 17 === 0)) {
    const inside = outlines.filter((outline) => isInside(outline, grid.inner[0], grid.inner[1]));
    expect(inside, grid.code).toHaveLength(1);
  }
});

test('hotspot cells count exactly the calls of public order of the last 30 days', () => {
  const from = new Date((TODAY - 29) * 86_400_000).toISOString().slice(0, 10);
  const calls = rowsOf('police_incident').filter(
    ({ values }) =>
      ['theft', 'fraud', 'fight'].includes(String(values.category)) && String(values.received_at).slice(0, 10) >= from,
  );
  const cells = rowsOf('crime_hotspot');
  const outlines = cells.map(outlineOf);
  const counted = cells.reduce((sum, { values }) => sum + Number(values.incidents_30d), 0);
  // A cell at the border is left out when its middle lies outside.
  expect(counted).toBeGreaterThan(calls.length * 0.97);
  expect(counted).toBeLessThanOrEqual(calls.length);
  const most = cells.reduce(
    (best, cell, i) => (Number(cell.values.incidents_30d) > Number(cells[best]?.values.incidents_30d) ? i : best),
    0,
  );
  const inside = calls.filter((call) => isInside(outlines[most] ?? [], ...pointOf(call)));
  expect(inside.length).toBe(Number(cells[most]?.values.incidents_30d));
  expect(Number(cells[most]?.values.gi_score)).toBeGreaterThan(1.96);
});

test('calls end at the reference morning, and only fresh ones are open', () => {
  const calls = rowsOf('police_incident');
  const times = calls.map(({ values }) => String(values.received_at));
  expect(times.toSorted()).toEqual(times);
  expect((times.at(-1) as string) < '2026-11-01T08:00:00+08:00').toBe(true);
  for (const { values } of calls) {
    if (!['closed', 'transferred'].includes(String(values.state)))
      expect(String(values.received_at) > '2026-11-01T07:00').toBe(true);
    if (values.arrived_at !== null) expect(String(values.arrived_at) > String(values.received_at)).toBe(true);
  }
});

test('live traffic names true streets, slower in the old town than in the west', () => {
  const roads = new Map(rowsOf('road_centerline').map(({ values }) => [values.road_code, values.name]));
  const segments = rowsOf('road_congestion');
  const index: Record<string, number[]> = {};
  const towns = new Map(context.roads.map((road, i) => [`L${String(i + 1).padStart(6, '0')}`, road.town]));
  for (const { values } of segments) {
    expect(roads.get(values.road_code)).toBe(values.road);
    const town = district.towns[towns.get(String(values.road_code)) ?? -1]?.name ?? '';
    (index[town] ??= []).push(Number(values.congestion_index));
  }
  expect(mean(index['祖庙街道'])).toBeGreaterThan(mean(index['南庄镇']) + 0.15);
});

test('routes of mass events run along streets through the place of the event', () => {
  const bridge = toBoard(113.113, 23.021);
  const routes = rowsOf('event_route').filter(({ values }) => String(values.event_name).includes('行通济'));
  expect(routes.length).toBeGreaterThan(12);
  const vertices = new Set(
    context.roads.flatMap((road) => road.line.map(([x, y]) => `${Math.round(x)},${Math.round(y)}`)),
  );
  for (const { shape, values } of routes) {
    if (shape?.type !== 'LineString') throw new Error('no line');
    const line = shape.line.map(([lon, lat]) => toBoard(lon, lat));
    for (const [x, y] of line) expect(vertices.has(`${Math.round(x)},${Math.round(y)}`)).toBe(true);
    const near = Math.min(...line.map(([x, y]) => Math.hypot(x - bridge[0], y - bridge[1])));
    expect(near, String(values.route_name)).toBeLessThan(1500);
  }
});
