import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import { pipeNetwork } from '../../../etl/demo/pipe-network.ts';
import { lineDistance, separation } from '../../../etl/demo/plane.ts';
import { pipes as theme } from '../../../etl/demo/themes/pipes.ts';
import { getLayer } from '../../../layers/index.ts';

const context = createContext(0.01, 1);
const { pipes, manholes, supply } = pipeNetwork(context);

const rowsOf = (id: string): Record<string, unknown>[] =>
  [...(theme[id]?.(context).rows ?? [])].map(({ values }) => values);

test('every manhole of a sewer is a vertex of its line, its ends are manholes', () => {
  for (const { no, line, manholes: own } of pipes) {
    const vertices = new Set(line.map(String));
    expect(
      own.filter((manhole) => !vertices.has(String(manhole.at))),
      no,
    ).toEqual([]);
    expect(line[0], no).toEqual(own[0]?.at);
    expect(line.at(-1), no).toEqual(own.at(-1)?.at);
  }
  expect(new Set(manholes.map(({ no }) => no)).size).toBe(manholes.length);
});

test('sewers hang together: most of a kind can be reached from any other', () => {
  for (const system of ['rain', 'sewage'] as const) {
    const own = pipes.filter(({ kind }) => (kind === 'rain') === (system === 'rain'));
    const root = new Map<string, string>();
    const find = (no: string): string => {
      const up = root.get(no) ?? no;
      return up === no ? no : find(up);
    };
    for (const { manholes: passed } of own) {
      for (const manhole of passed) root.set(find(manhole.no), find(passed[0]?.no ?? ''));
    }
    const sizes = new Map<string, number>();
    for (const { manholes: passed } of own) {
      const r = find(passed[0]?.no ?? '');
      sizes.set(r, (sizes.get(r) ?? 0) + 1);
    }
    expect(Math.max(...sizes.values()) / own.length, system).toBeGreaterThan(0.7);
  }
});

test('pipes lie under their street, side by side', () => {
  for (const { road, line, no } of pipes) {
    for (const [x, y] of line) expect(lineDistance(x, y, road.line), no).toBeLessThan(2.5);
  }
  for (const { road, line, no } of supply) {
    for (const [x, y] of line) expect(lineDistance(x, y, road.line), no).toBeLessThan(4);
  }
  for (const { manholes: own } of pipes) {
    for (let i = 1; i < own.length; i++) {
      expect(separation(own[i - 1]?.at ?? [0, 0], own[i]?.at ?? [0, 0])).toBeLessThan(75);
    }
  }
});

test('grates drain into manholes of rain water, and sensors hang in manholes that are there', () => {
  const known = new Map(manholes.map((manhole) => [manhole.no, manhole]));
  const grates = rowsOf('rain_grate');
  expect(grates.length).toBeGreaterThan(2000);
  for (const { manhole_no } of grates) expect(known.has(String(manhole_no))).toBe(true);
  const sensors = rowsOf('pipe_level_sensor');
  expect(sensors).toHaveLength(240);
  for (const { manhole_no, kind } of sensors) expect(known.get(String(manhole_no))?.kind).toBe(kind);
});

test('old sewers are smaller and of old materials', () => {
  const rows = rowsOf('drainage_pipe');
  const mean = (list: typeof rows): number => list.reduce((sum, r) => sum + Number(r.diameter_mm), 0) / list.length;
  const old = rows.filter((r) => Number(r.built_year) < 1990 && r.kind === 'rain');
  const young = rows.filter((r) => Number(r.built_year) >= 2000 && r.kind === 'rain');
  expect(old.length).toBeGreaterThan(10);
  expect(mean(old)).toBeLessThan(mean(young) * 0.85);
  expect(rows.filter((r) => Number(r.built_year) >= 2002 && r.material === 'brick')).toEqual([]);
  expect(rows.filter((r) => Number(r.built_year) < 1980 && r.material === 'hdpe')).toEqual([]);
});

test('the full district has as many as the definitions expect', () => {
  const full = pipeNetwork({ ...context, scale: 1 });
  for (const [id, count] of [
    ['drainage_pipe', full.pipes.length],
    ['drainage_manhole', full.manholes.length],
    ['water_supply_pipe', full.supply.length],
  ] as const) {
    const [least, most] = getLayer(id).checks.rows;
    expect(count, id).toBeGreaterThan(least);
    expect(count, id).toBeLessThan(most);
  }
});
