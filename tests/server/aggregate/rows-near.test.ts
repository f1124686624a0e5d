import { expect, test } from 'vitest';
import type { ColumnTable } from '../../../server/aggregate/column-table.ts';
import { rowsNear } from '../../../server/aggregate/rows-near.ts';
import type { Predicate } from '../../../server/filter/predicate.ts';

/** Ten thousand rows along a line, and a hundred without a place. */
const table = {
  rows: 10_100,
  located: 10_000,
  lon: Float64Array.from({ length: 10_000 }, (_, i) => 113 + i * 1e-5),
  lat: new Float64Array(10_000).fill(23),
} as ColumnTable;
const box = (west: number, east: number): Predicate => ({ kind: 'bbox', bbox: [west, 22.9, east, 23.1] });
const rowsOf = (predicate: Predicate): number =>
  rowsNear(table, predicate).reduce((sum, [from, to]) => sum + to - from, 0);

test('a small area is looked for among few rows, and all of its rows are among them', () => {
  const runs = rowsNear(table, { kind: 'and', of: [box(113.05, 113.0501)] });
  expect(runs.length).toBe(1);
  const [from, to] = runs[0] as [number, number];
  expect(from).toBeLessThanOrEqual(5000);
  expect(to).toBeGreaterThan(5010);
  expect(to - from).toBeLessThanOrEqual(1024);
});

test('what says nothing of the place is looked for among all rows', () => {
  expect(rowsOf({ kind: 'and', of: [] })).toBe(10_100);
  expect(rowsOf({ kind: 'not', of: box(113.05, 113.06) })).toBe(10_100);
  expect(rowsOf({ kind: 'or', of: [box(113, 113.01), box(113.09, 113.1)] })).toBe(10_100);
});

test('far from every row there is none to look at', () => {
  expect(rowsNear(table, box(114, 115))).toEqual([]);
});
