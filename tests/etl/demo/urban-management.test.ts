import { describe, expect, test } from 'vitest';
import { CITY_MATTERS } from '../../../etl/demo/city-matters.ts';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { blockAt } from '../../../etl/demo/places.ts';
import { type Point, isInside, lineDistance, ringArea, segmentDistance, toBoard } from '../../../etl/demo/plane.ts';
import { KERB } from '../../../etl/demo/roadside.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';
import { type UnitGrid, unitGridsOf } from '../../../etl/demo/unit-grids.ts';

const context = createContext(0.01, 3);
const { district } = context;
const cache = new Map<string, Row[]>();

function rowsOf(id: string): Row[] {
  const known = cache.get(id) ?? [...(deliveries[id]?.(context).rows ?? [])];
  cache.set(id, known);
  return known;
}

/** A row's point on the board. */
function pointOf(row: Row): Point {
  if (row.shape?.type !== 'Point') throw new Error('the row has no point');
  return toBoard(row.shape.at[0], row.shape.at[1]);
}

function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function shareIn(list: readonly Row[], use: string): number {
  return list.filter((row) => blockAt(context, pointOf(row))?.use === use).length / list.length;
}

function northing(unit: UnitGrid | undefined): number {
  return unit?.rings[0]?.[0]?.[1] ?? Number.NaN;
}

function gridOf(at: Point): string | undefined {
  const block = blockAt(context, at);
  return block && district.grids[block.grid]?.code;
}

describe('unit grids', () => {
  const { list, locate } = unitGridsOf(context);

  test('are about 15 600 of about a hectare, and cover the district once', () => {
    expect(list.length).toBeGreaterThan(15_000);
    expect(list.length).toBeLessThan(16_200);
    const areas = list.map((unit) => unit.area).toSorted((p, q) => p - q);
    expect(areas[areas.length >> 1]).toBeGreaterThan(8000);
    expect(areas[areas.length >> 1]).toBeLessThan(12_000);
    const whole = district.blocks.reduce((sum, block) => sum + block.area, 0);
    expect(areas.reduce((sum, area) => sum + area, 0) / whole).toBeCloseTo(1, 6);
    expect(ringArea((list[0]?.rings[0] ?? []) as Point[])).toBeGreaterThan(0);
  });

  test('lie in the block and so in the community whose code they carry', () => {
    for (const { id, block, rings } of list) {
      expect(id).toMatch(/^440604\d{9}$/);
      expect(id.slice(0, 12)).toBe(district.communities[block.community]?.code);
      const ring = rings[0] as Point[];
      // Corners are those of the block or lie on its sides, or inside it.
      const [x, y] = ring[ring.length >> 1] as Point;
      const away = Math.min(
        ...block.ring.map((a, i) => segmentDistance(x, y, a, block.ring[(i + 1) % block.ring.length] as Point)),
      );
      expect(away < 0.2 || isInside(block.ring, x, y), id).toBe(true);
    }
  });

  test('are numbered from 1 without a gap in each community, north before south', () => {
    const byCommunity = groupBy(list, (unit) => unit.id.slice(0, 12));
    expect(byCommunity.size).toBe(147);
    for (const units of byCommunity.values()) {
      expect(units.map((unit) => Number(unit.id.slice(12)))).toEqual(units.map((_, i) => i + 1));
      const [first, last] = [northing(units[0]), northing(units.at(-1))];
      expect(first).toBeGreaterThanOrEqual(last);
    }
  });

  test('cut few buildings', () => {
    const cut = context.buildings.filter(({ outline, at }) => {
      const units = outline.map(([x, y]) => locate([x + (at[0] - x) * 0.05, y + (at[1] - y) * 0.05]));
      return new Set(units).size > 1;
    });
    // Buildings are large at this scale: at 0.1 it is one in twenty.
    expect(cut.length / context.buildings.length).toBeLessThan(0.16);
  });

  test('say where components and cases are', () => {
    const ringOf = new Map(list.map((unit) => [unit.id, unit.rings[0] as Point[]]));
    for (const row of [...rowsOf('city_component'), ...rowsOf('city_case')].filter((_, i) => i % 7 === 0)) {
      const [x, y] = pointOf(row);
      const ring = ringOf.get(String(row.values.grid_id)) as Point[];
      expect(ring, String(row.values.grid_id)).toBeDefined();
      const away = Math.min(...ring.map((a, i) => segmentDistance(x, y, a, ring[(i + 1) % ring.length] as Point)));
      expect(away < 0.3 || isInside(ring, x, y)).toBe(true);
    }
  });
});

test('lamps stand at the kerb of the street they name, and burn by day only when that is their fault', () => {
  const lines = groupBy(context.roads, (road) => road.name);
  for (const row of rowsOf('street_lamp')) {
    const [x, y] = pointOf(row);
    const roads = lines.get(String(row.values.road)) ?? [];
    const away = Math.min(...roads.map((road) => Math.abs(lineDistance(x, y, road.line) - KERB[road.class])));
    expect(away, String(row.values.lamp_no)).toBeLessThan(4);
    expect(row.values.is_on).toBe(row.values.fault === 'always_on');
  }
  const perTown = district.towns.map((_, town) => {
    const count = rowsOf('street_lamp').filter((row) => blockAt(context, pointOf(row))?.town === town).length;
    return count / (district.towns[town]?.areaKm2 ?? 1);
  });
  const named = (name: string): number => perTown[district.towns.findIndex((town) => town.name === name)] as number;
  expect(named('祖庙街道')).toBeGreaterThan(1.5 * named('南庄镇'));
});

test('a sensor of a manhole is at the component it names', () => {
  const components = new Map(rowsOf('city_component').map((row) => [row.values.component_code, row]));
  const manholes = rowsOf('smart_manhole');
  expect(manholes.length).toBeGreaterThan(80);
  for (const row of manholes) {
    const component = components.get(row.values.component_code as string);
    expect(component?.values.type_name).toMatch(/井盖$/);
    expect(row.shape).toEqual(component?.shape);
  }
});

test('cases carry codes of the standard, come in the order of their stages and lie where such things happen', () => {
  const names = new Map(CITY_MATTERS.map(([code, name]) => [code, name]));
  const classes: Record<string, RegExp> = {
    component: /^0[1-5]/,
    cityscape: /^(06|10)/,
    advertising: /^07/,
    construction: /^08/,
    street_order: /^09/,
  };
  const now = Date.parse('2026-11-01T08:00:00+08:00');
  const cases = rowsOf('city_case');
  for (const { values } of cases) {
    expect(names.get(String(values.type_code))).toBe(values.type_name);
    expect(values.type_code).toMatch(classes[String(values.case_class)] as RegExp);
    const reported = Date.parse(String(values.reported_at));
    expect(reported).toBeLessThanOrEqual(now);
    expect(String(values.case_no).slice(6, 14)).toBe(String(values.reported_at).slice(0, 10).replaceAll('-', ''));
    if (values.stage === 'closed') {
      expect(Date.parse(String(values.closed_at))).toBeGreaterThan(reported);
      expect(Date.parse(String(values.closed_at))).toBeLessThanOrEqual(now);
    } else expect(values.closed_at).toBeNull();
    if (values.stage === 'registered') expect(now - reported).toBeLessThanOrEqual(600_000);
  }
  const order = cases.filter((row) => row.values.case_class === 'street_order');
  const sites = cases.filter((row) => row.values.case_class === 'construction');
  expect(shareIn(order, 'old_town')).toBeGreaterThan(1.5 * shareIn(sites, 'old_town'));
  const overdue = cases.filter((row) => row.values.overdue === true).length / cases.length;
  expect(overdue).toBeGreaterThan(0.03);
  expect(overdue).toBeLessThan(0.12);
});

test('what states its micro-grid lies in it', () => {
  for (const id of ['governance_event', 'dispute_mediation', 'enforcement_case']) {
    const rows = rowsOf(id);
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows) expect(gridOf(pointOf(row)), id).toBe(row.values.grid_code);
  }
});

test('river bridges cross water, and greenways run on land beside it', () => {
  const bridges = rowsOf('bridge').filter((row) => row.values.kind === 'river');
  expect(bridges.length).toBeGreaterThan(80);
  for (const { shape, values } of bridges) {
    if (shape?.type !== 'Polygon') throw new Error('a bridge is an area');
    const corners = (shape.rings[0] ?? []).slice(0, -1).map(([lon, lat]) => toBoard(lon, lat));
    const middle = corners.reduce<Point>(
      (sum, p) => [sum[0] + p[0] / corners.length, sum[1] + p[1] / corners.length],
      [0, 0],
    );
    // A bend of the street may put the middle of the corners beside the middle of the bridge.
    const wet = [middle, ...corners].some((at) => blockAt(context, at)?.use === 'water');
    expect(wet, String(values.bridge_no)).toBe(true);
  }
  const water = district.blocks.filter((block) => block.use === 'water');
  for (const { shape, values } of rowsOf('greenway')) {
    if (shape?.type !== 'LineString') throw new Error('a greenway is a line');
    const line = shape.line.map(([lon, lat]) => toBoard(lon, lat));
    const [x, y] = line[line.length >> 1] as Point;
    expect(blockAt(context, [x, y])?.use, String(values.greenway_no)).not.toBe('water');
    const away = Math.min(...water.map((block) => lineDistance(x, y, [...block.ring, block.ring[0] as Point])));
    expect(away, String(values.greenway_no)).toBeLessThan(60);
  }
});

/** Share of spaces that are free. */
function free(kind: string): number {
  const lots = rowsOf('parking_lot').filter((row) => row.values.kind === kind);
  expect(lots.length).toBeGreaterThan(5);
  const sum = (field: string): number => lots.reduce((total, row) => total + Number(row.values[field]), 0);
  return sum('free_spaces') / sum('spaces');
}

test('on a Sunday at eight estates are full and offices empty', () => {
  expect(free('residential')).toBeLessThan(0.25);
  expect(free('office')).toBeGreaterThan(0.6);
});

test('bikes parked properly stand in a zone, and no plate can be real', () => {
  const zones = rowsOf('bike_parking_zone').map(({ shape }) => {
    if (shape?.type !== 'Polygon') throw new Error('a zone is an area');
    return (shape.rings[0] ?? []).map(([lon, lat]) => toBoard(lon, lat));
  });
  const parked = rowsOf('shared_bike_position').filter((row) => row.values.state === 'parked');
  expect(parked.length).toBeGreaterThan(200);
  for (const row of parked) {
    const [x, y] = pointOf(row);
    expect(zones.some((ring) => isInside(ring, x, y) || lineDistance(x, y, ring) < 0.3)).toBe(true);
  }
  for (const id of ['muck_truck_position', 'sanitation_vehicle_position'])
    for (const row of rowsOf(id)) expect(row.values.plate_no).toMatch(/^粤E[IO]\d{4,5}$/);
});

test('additions without permit stand within the building they name', () => {
  const buildings = new Map(context.buildings.map((building) => [building.code, building]));
  for (const { shape, values } of rowsOf('illegal_building')) {
    const building = buildings.get(String(values.building_code));
    expect(building).toBeDefined();
    if (shape?.type !== 'Polygon' || !building) continue;
    const reach = Math.max(...building.outline.map(([x, y]) => Math.hypot(x - building.at[0], y - building.at[1])));
    for (const [lon, lat] of shape.rings[0] ?? []) {
      const [x, y] = toBoard(lon, lat);
      expect(Math.hypot(x - building.at[0], y - building.at[1])).toBeLessThan(reach + 0.3);
    }
  }
});
