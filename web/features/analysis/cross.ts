/** Columns of an aggregate as a table of rows and columns. */
import type { Aggregate } from '../../../server/app.ts';

type Key = string | number | boolean;

export interface Cross {
  rows: Key[];
  /** Null: the only column, of an answer with one grouping. */
  columns: (Key | null)[];
  /** By row and column; null is withheld or has no value, undefined is no group. */
  values: (number | string | null | undefined)[][];
  /** The largest number. */
  most: number;
}

export function crossOf({ keys = [], counts, values, by }: Aggregate): Cross {
  const [first = [], second] = keys;
  const rows = [...new Set(first)];
  const columns: (Key | null)[] = by.length < 2 || second === undefined ? [null] : ordered(second);
  const rowOf = new Map(rows.map((key, index) => [key, index]));
  const columnOf = new Map(columns.map((key, index) => [key, index]));
  const isCount = values === undefined;
  // Where rows are counted, a group that is not told has none.
  const table: Cross['values'] = rows.map(() => columns.map(() => (isCount ? 0 : undefined)));
  let most = 0;
  first.forEach((key, index) => {
    const value = (values ?? counts)[index] ?? null;
    const row = table[rowOf.get(key) ?? -1];
    if (row) row[columnOf.get(second === undefined || by.length < 2 ? null : (second[index] as Key)) ?? -1] = value;
    if (typeof value === 'number') most = Math.max(most, value);
  });
  return { rows, columns, values: table, most };
}

/** Columns come row by row; their order is that of the keys: numbers and bands by what they begin with, texts as texts. */
function ordered(keys: readonly Key[]): Key[] {
  const start = (key: Key): number => {
    if (typeof key !== 'string') return Number(key);
    const band = /^[[(](-?[\d.]*),/.exec(key);
    if (band === null) return Number.NaN;
    return band[1] === '' ? -Infinity : Number(band[1]);
  };
  return [...new Set(keys)].toSorted((a, b) => {
    const [x, y] = [start(a), start(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return String(a) < String(b) ? -1 : 1;
    return x === y ? 0 : x < y ? -1 : 1;
  });
}
