import { matchingBits } from '../filter/matching-bits.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toColumns } from '../filter/to-columns.ts';
import type { ColumnTable } from './column-table.ts';
import { countBits } from './count-bits.ts';
import { runLoop } from './loop.ts';
import { rowsNear } from './rows-near.ts';

/** Rows that match, from memory. */
export function countRows(table: ColumnTable, predicate: Predicate): number {
  const bits = matchingBits(table, predicate);
  if (bits !== null) return countBits(bits, 0, table.rows);
  const { expression, captured } = toColumns(table, predicate);
  const names = ['from', 'to', ...captured.map((_, index) => `c${index}`)];
  const body = `let n = 0; for (let i = from; i < to; i++) n += (${expression} & 1); return n;`;
  let count = 0;
  for (const [from, to] of rowsNear(table, predicate)) count += runLoop(names, body, [from, to, ...captured]);
  return count;
}
