import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { pumpStations, sluices } from '../../../etl/demo/hydraulic-works.ts';
import { type Point, isInside, lineDistance, toBoard } from '../../../etl/demo/plane.ts';
import { reachesOf } from '../../../etl/demo/reaches.ts';
import { isSimple } from '../../../etl/demo/strip.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.01, 1);
const reaches = reachesOf(context);
const byCode = new Map(reaches.map((reach) => [reach.code, reach]));
const wet = context.district.blocks.filter((block) => block.use === 'water');
const isWet = ([x, y]: Point): boolean => wet.some((block) => isInside(block.ring, x, y));

const rowsOf = (id: string): Row[] => [...(deliveries[id]?.(context).rows ?? [])];
const pointOf = ({ shape }: Row): Point => {
  if (shape?.type !== 'Point') throw new Error('no point');
  return toBoard(shape.at[0], shape.at[1]);
};
const ringsOf = ({ shape }: Row): Point[][] =>
  shape?.type === 'Polygon' ? shape.rings.map((ring) => ring.slice(0, -1).map(([x, y]) => toBoard(x, y))) : [];

test('reaches lie in the water, creeks end where their river begins', () => {
  expect(reaches.length).toBeGreaterThan(200);
  const points = reaches.flatMap(({ line }) => line);
  expect(points.filter(isWet).length / points.length).toBeGreaterThan(0.93);
  const mouths = reaches.flatMap((reach) => reach.mouths);
  expect(mouths.length).toBeGreaterThan(8);
  const rivers = reaches.filter(({ kind }) => kind === 'river');
  for (const [x, y] of mouths) {
    const nearest = Math.min(...rivers.map(({ line, width }) => lineDistance(x, y, line) - width / 2));
    expect(nearest).toBeLessThan(60);
  }
});

test('sluices stand in the stream and pumps beside it, on the reach they name', () => {
  for (const { at, reach, name } of sluices(context))
    expect(lineDistance(at[0], at[1], reach.line), name).toBeLessThan(1);
  for (const { at, reach, name } of pumpStations(context)) {
    const d = lineDistance(at[0], at[1], reach.line);
    expect(d, name).toBeGreaterThan(reach.width * 0.3);
    expect(d, name).toBeLessThan(reach.width * 0.75 + 20);
  }
  expect(new Set(sluices(context).map(({ name }) => name)).size).toBe(112);
  expect(new Set(pumpStations(context).map(({ name }) => name)).size).toBe(86);
});

test('a pump that does not run lifts nothing, and none lifts more than it can', () => {
  const flows = new Map(pumpStations(context).map((station) => [station.no, station]));
  let running = 0;
  for (const { values } of rowsOf('pump_operation')) {
    const station = flows.get(String(values.station_no));
    expect(station?.name).toBe(values.station_name);
    if (values.run_state === 'running') {
      running += 1;
      expect(Number(values.units_on)).toBeGreaterThan(0);
      expect(Number(values.flow_m3s)).toBeGreaterThan(0);
      expect(Number(values.flow_m3s)).toBeLessThanOrEqual(station?.flow ?? 0);
    } else expect(Number(values.flow_m3s)).toBe(0);
  }
  expect(running).toBeGreaterThan(3);
});

test.each(['river_outfall', 'river_patrol_issue', 'surface_water_section', 'water_auto_station', 'flow_station'])(
  '%s: each row is by the reach it names',
  (id) => {
    for (const row of rowsOf(id)) {
      const reach = byCode.get(String(row.values.reach_code));
      expect(reach?.river).toBe(row.values.river);
      const [x, y] = pointOf(row);
      expect(lineDistance(x, y, reach?.line ?? [])).toBeLessThan((reach?.width ?? 0) * 0.75 + 10);
    }
  },
);

test.each([
  'river_management_scope',
  'metro_protection_zone',
  'water_source_zone',
  'noise_function_zone',
  'inundation_model',
])(
  '%s: no outline crosses itself',
  (id) => {
    const rows = rowsOf(id);
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows)
      for (const ring of ringsOf(row)) expect(isSimple(ring), JSON.stringify(row.values)).toBe(true);
  },
  30_000,
);

test('rarer storms stand deeper and wider at every spot', () => {
  const area = new Map<string, number>();
  const depth = new Map<string, number>();
  for (const { values } of rowsOf('inundation_model')) {
    const key = `${values.spot_no} ${values.return_period_y}`;
    area.set(key, (area.get(key) ?? 0) + Number(values.area_m2));
    depth.set(key, Math.max(depth.get(key) ?? 0, Number(values.depth_m)));
  }
  const spots = new Set([...area.keys()].map((key) => key.split(' ')[0]));
  expect(spots.size).toBe(78);
  for (const spot of spots) {
    for (const [rare, common] of [
      [100, 50],
      [50, 20],
      [20, 10],
      [10, 5],
    ]) {
      expect(area.get(`${spot} ${rare}`)).toBeGreaterThan(area.get(`${spot} ${common}`) as number);
      expect(depth.get(`${spot} ${rare}`)).toBeGreaterThan(depth.get(`${spot} ${common}`) as number);
    }
  }
});

test('homes use water where people live, works where there are works', () => {
  const byGrid = new Map(context.district.grids.map((grid, i) => [grid.code, i]));
  for (const { values } of rowsOf('water_usage')) {
    const grid = byGrid.get(String(values.grid_code)) as number;
    if (values.industry === 'residential')
      expect(Number(values.usage_m3) > 0).toBe((context.perGrid.persons[grid] as number) > 0);
  }
});
