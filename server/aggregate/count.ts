import { toColumns } from '../filter/to-columns.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import type { ColumnTable } from './column-table.ts';

/** Counts per group, and the rows that match but belong to no group. `groups` and `counts` belong together. */
export interface GroupCounts {
  groups: string[];
  counts: number[];
  /** Matching rows without a place (hexagons) or without a cell code (cells). */
  outside: number;
}

type Loop = (...values: unknown[]) => number;

/** Loops by their source, the most recently used last. Filters that differ only in values have the same source. */
const loops = new Map<string, Loop>();
const MOST_LOOPS = 300;

function compiled(parameters: readonly string[], body: string): Loop {
  const key = `${parameters.join()}:${body}`;
  let loop = loops.get(key);
  if (loop === undefined) {
    // oxlint-disable-next-line no-new-func, no-implied-eval -- a generated loop is 5-20 times faster than an interpreted tree
    loop = new Function(...parameters, `"use strict"; ${body}`) as Loop;
    const oldest = loops.keys().next();
    if (loops.size >= MOST_LOOPS && oldest.done === false) loops.delete(oldest.value);
  } else {
    loops.delete(key);
  }
  loops.set(key, loop);
  return loop;
}

/**
 * Runs a loop over the table's rows. `body` makes its source from the test of row `i`, which is worth 0, 1, true or
 * false; `values` are its parameters by name.
 */
function run(
  table: ColumnTable,
  predicate: Predicate,
  values: Readonly<Record<string, unknown>>,
  body: (test: string) => string,
): number {
  const { expression, captured } = toColumns(table, predicate);
  const names = [...Object.keys(values), ...captured.map((_, index) => `c${index}`)];
  return compiled(names, body(`(${expression} & 1)`))(...Object.values(values), ...captured);
}

/** Rows in `[from, to)` that match. */
export function countRows(table: ColumnTable, predicate: Predicate, from = 0, to = table.rows): number {
  return run(
    table,
    predicate,
    { from, to },
    (test) => `let n = 0; for (let i = from; i < to; i++) n += ${test}; return n;`,
  );
}

/** Lower-case hexadecimal H3 id at `res` from the upper 11 and lower 32 bits of a row's 43-bit key. */
export function cellName(high: number, low: number, res: number): string {
  const unused = 3 * (15 - res);
  let upper = 0x08000000 | (res << 20) | (high << 9) | (low >>> 23);
  let lower = ((low << 9) | 0x1ff) >>> 0;
  if (unused >= 32) {
    lower = 0xffffffff;
    upper |= 2 ** (unused - 32) - 1;
  } else {
    lower = (lower | (2 ** unused - 1)) >>> 0;
  }
  return upper.toString(16) + lower.toString(16).padStart(8, '0');
}

/** Matching rows per H3 cell of resolution 5-12: one pass, as rows stand in the order of their cells. */
export function countHexagons(table: ColumnTable, predicate: Predicate, res: number): GroupCounts {
  const shift = 3 * (12 - res);
  const uniform = typeof table.cellHigh === 'number';
  const highs: number[] = [];
  const lows: number[] = [];
  const counts: number[] = [];
  const step = `
    if (low !== lastLow || high !== lastHigh) {
      if (n > 0) { highs.push(lastHigh); lows.push(lastLow << shift); counts.push(n); n = 0; }
      lastLow = low; lastHigh = high;
    }`;
  const { cellLow, cellHigh } = table;
  run(
    table,
    predicate,
    { to: table.located, shift, cellLow, cellHigh, highs, lows, counts },
    (test) => `
      let lastLow = -1, lastHigh = -1, n = 0;
      for (let i = 0; i < to; i++) {
        const low = cellLow[i] >>> shift, high = ${uniform ? 'cellHigh' : 'cellHigh[i]'};${step}
        n += ${test};
      }
      if (n > 0) { highs.push(lastHigh); lows.push(lastLow << shift); counts.push(n); }
      return counts.length;`,
  );
  return {
    groups: lows.map((low, index) => cellName(highs[index] as number, low >>> 0, res)),
    counts,
    outside: countRows(table, predicate, table.located, table.rows),
  };
}

/** Matching rows per grid, community or town code, in the order of the codes. */
export function countCells(table: ColumnTable, predicate: Predicate, by: CellLevel): GroupCounts {
  const { codes, dictionary } = table.cells[by];
  const sums = new Uint32Array(dictionary.length);
  run(
    table,
    predicate,
    { to: table.rows, codes, sums },
    (test) => `for (let i = 0; i < to; i++) sums[codes[i]] += ${test}; return 0;`,
  );
  const result: GroupCounts = { groups: [], counts: [], outside: sums[0] ?? 0 };
  for (let code = 1; code < sums.length; code++) {
    const count = sums[code] as number;
    if (count === 0) continue;
    result.groups.push(dictionary[code] as string);
    result.counts.push(count);
  }
  return result;
}
