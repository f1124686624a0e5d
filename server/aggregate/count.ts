import { matchingBits } from '../filter/matching-bits.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toColumns } from '../filter/to-columns.ts';
import type { ColumnTable } from './column-table.ts';
import { countBits } from './count-bits.ts';
import { runLoop } from './loop.ts';

/** Rows in `[from, to)` that match, from memory. */
export function countRows(table: ColumnTable, predicate: Predicate, from = 0, to = table.rows): number {
  const bits = matchingBits(table, predicate);
  if (bits !== null) return countBits(bits, from, to);
  const { expression, captured } = toColumns(table, predicate);
  const names = ['from', 'to', ...captured.map((_, index) => `c${index}`)];
  const body = `let n = 0; for (let i = from; i < to; i++) n += (${expression} & 1); return n;`;
  return runLoop(names, body, [from, to, ...captured]);
}
