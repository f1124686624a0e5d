/** Counts from memory: of all rows, per hexagon, per cell. */
import { toColumns } from '../filter/to-columns.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import { aggregate } from './aggregate.ts';
import type { Grouping } from './aggregate-query.ts';
import type { ColumnTable } from './column-table.ts';
import { runLoop } from './loop.ts';

/** Counts per group, and the rows that match but belong to no group. `groups` and `counts` belong together. */
export interface GroupCounts {
  groups: string[];
  counts: number[];
  /** Matching rows without a place (hexagons) or without a cell code (cells). */
  outside: number;
}

/** Rows in `[from, to)` that match. */
export function countRows(table: ColumnTable, predicate: Predicate, from = 0, to = table.rows): number {
  const { expression, captured } = toColumns(table, predicate);
  const names = ['from', 'to', ...captured.map((_, index) => `c${index}`)];
  const body = `let n = 0; for (let i = from; i < to; i++) n += (${expression} & 1); return n;`;
  return runLoop(names, body, [from, to, ...captured]);
}

function countsBy(table: ColumnTable, predicate: Predicate, grouping: Grouping): GroupCounts {
  const { keys, counts, outside } = aggregate(table, { predicate, metric: { kind: 'count' }, by: [grouping] });
  return { groups: keys[0] as string[], counts, outside };
}

/** Matching rows per H3 cell of resolution 5-12. */
export function countHexagons(table: ColumnTable, predicate: Predicate, res: number): GroupCounts {
  return countsBy(table, predicate, { kind: 'h3', res });
}

/** Matching rows per grid, community or town code, in the order of the codes. */
export function countCells(table: ColumnTable, predicate: Predicate, by: CellLevel): GroupCounts {
  return countsBy(table, predicate, { kind: 'cells', by });
}
