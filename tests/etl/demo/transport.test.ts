import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { highwaysOf } from '../../../etl/demo/highways.ts';
import { type Point, lineDistance, toBoard } from '../../../etl/demo/plane.ts';
import { reachesOf } from '../../../etl/demo/reaches.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.05, 1);
const rowsOf = (id: string): Row[] => [...(deliveries[id]?.(context).rows ?? [])];
const pointOf = ({ shape }: Row): Point => {
  if (shape?.type !== 'Point') throw new Error('no point');
  return toBoard(shape.at[0], shape.at[1]);
};

test('stakes count up along each road without gap or overlap', () => {
  const roads = new Map<string, { from: number; to: number; road: { length: number; name: string } }[]>();
  for (const piece of highwaysOf(context)) {
    const list = roads.get(piece.roadNo) ?? [];
    list.push(piece);
    roads.set(piece.roadNo, list);
  }
  expect(roads.size).toBeGreaterThan(3000);
  for (const [no, pieces] of roads) {
    expect(new Set(pieces.map(({ road }) => road.name)).size, no).toBe(1);
    pieces.forEach(({ from, to, road }, i) => {
      expect(Math.abs((to - from) * 1000 - road.length)).toBeLessThan(0.001);
      if (i > 0) expect(from).toBe(pieces[i - 1]?.to);
    });
  }
});

test('pieces of an arterial follow one another on the ground as their stakes do', () => {
  const trunk = highwaysOf(context).filter(({ roadNo }) => roadNo === 'G325');
  expect(trunk.length).toBeGreaterThan(40);
  const jumps = trunk.slice(1).filter(({ line }, i) => {
    const end = trunk[i]?.line.at(-1) as Point;
    return Math.hypot((line[0] as Point)[0] - end[0], (line[0] as Point)[1] - end[1]) > 1;
  });
  expect(jumps.length).toBeLessThan(trunk.length * 0.1);
});

test('tankers belong to firms licensed for dangerous goods, and set off an alarm in the old town', () => {
  const companies = rowsOf('freight_company');
  const licensed = new Set(
    companies.filter(({ values }) => values.scope === 'hazmat').map(({ values }) => values.licence_no),
  );
  const firms = new Map([...context.enterprises()].map((firm) => [firm.uscc, firm.name]));
  for (const { values } of companies) expect(firms.get(String(values.uscc))).toBe(values.name);
  for (const row of rowsOf('hazmat_vehicle_position')) {
    expect(licensed.has(row.values.licence_no ?? null)).toBe(true);
    expect(String(row.values.plate_no)).toMatch(/^粤E[IO]\d{4}$/);
    const [x, y] = pointOf(row);
    if (Math.hypot(x - 4360, y - 4650) < 1500 && row.values.cargo !== 'empty')
      expect(['no_entry', 'overspeed']).toContain(row.values.alarm);
  }
});

test('ships are in the water, moored ones at a quay, and nobody has their number', () => {
  const rivers = reachesOf(context).filter(({ kind }) => kind === 'river');
  const quays = rowsOf('wharf').map(pointOf);
  const rows = rowsOf('ship_position');
  expect(rows).toHaveLength(340);
  for (const row of rows) {
    const [x, y] = pointOf(row);
    expect(String(row.values.mmsi)).toMatch(/^499\d{6}$/);
    expect(Math.min(...rivers.map(({ line, width }) => lineDistance(x, y, line) - width / 2))).toBeLessThan(40);
    if (row.values.status === 'moored') {
      expect(Math.min(...quays.map((quay) => Math.hypot(quay[0] - x, quay[1] - y)))).toBeLessThan(14);
      expect(row.values.speed_kn).toBe(0);
    }
  }
});

test('the control zone of a tunnel is ten times as wide as the special one', () => {
  const area = { control: 0, special: 0 };
  for (const { values } of rowsOf('metro_protection_zone'))
    area[values.zone_kind as keyof typeof area] += Number(values.area_m2);
  expect(area.control / area.special).toBeGreaterThan(9.5);
  expect(area.control / area.special).toBeLessThan(10.5);
});
