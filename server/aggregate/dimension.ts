import { bucketKey, bucketOf, type BucketGrouping } from './bucket.ts';
import type { Grouping, Key } from './aggregate-query.ts';
import type { Column, ColumnTable, IntColumn, TextColumn } from './column-table.ts';

/** A grouping of a table's rows for a generated loop: every row has a code, 0 where it belongs to no group. */
export interface Dimension {
  /** Codes are `[0, size)`, and rise with the key. */
  size: number;
  /** Expression for the code of row `i`. `capture` takes a value and gives the name it goes by in the loop. */
  code(capture: (value: unknown) => string): string;
  key(code: number): Key;
}

/** Every grouping but that by H3 cell, which loops over the cells instead. */
export type ColumnGrouping = Exclude<Grouping, { kind: 'h3' }>;

/** More codes than this are counted in the database: arrays over all of them would cost more than the rows. */
const MOST_CODES = 2 ** 21;

/** Dimensions that are kept for a table: a report of an area asks for the same ones again and again. */
const MOST_KEPT = 32;
const kept = new WeakMap<ColumnTable, Map<string, Dimension | null>>();

/** Null when the table cannot tell: the field is not in it, or its values are too far apart for an array. */
export function dimensionOf(table: ColumnTable, grouping: ColumnGrouping): Dimension | null {
  const name = JSON.stringify(grouping);
  let ofTable = kept.get(table);
  if (ofTable === undefined) kept.set(table, (ofTable = new Map()));
  const known = ofTable.get(name);
  if (known !== undefined) return known;
  const made = makeDimension(table, grouping);
  const [oldest] = ofTable.keys();
  if (ofTable.size >= MOST_KEPT && oldest !== undefined) ofTable.delete(oldest);
  ofTable.set(name, made);
  return made;
}

function makeDimension(table: ColumnTable, grouping: ColumnGrouping): Dimension | null {
  if (grouping.kind === 'cells') return ofText(table.cells[grouping.by]);
  const column = table.fields.get(grouping.field.name);
  if (column === undefined) return null;
  if (grouping.kind === 'values') {
    switch (column.kind) {
      case 'text':
        return ofText(column);
      case 'bool':
        return {
          size: 3,
          code: (capture) => `${capture(column.values)}[i]`,
          key: (code) => code === 2,
        };
      case 'int':
        return ofInts(
          column,
          (value) => value,
          (bucket) => bucket,
        );
      case 'float':
        return null;
    }
  }
  const key = (bucket: number): Key => bucketKey(grouping, bucket);
  if (column.kind === 'int') return ofInts(column, bucketOf(grouping), key);
  return column.kind === 'float' ? ofFloats(column.values, grouping, key) : null;
}

function ofText({ codes, dictionary }: TextColumn): Dimension {
  return {
    size: dictionary.length,
    code: (capture) => `${capture(codes)}[i]`,
    key: (code) => dictionary[code] as string,
  };
}

/** Whole numbers and days: the codes of all values between the smallest and the largest are looked up. */
function ofInts(column: IntColumn, bucket: (value: number) => number, key: (bucket: number) => Key): Dimension | null {
  const [low, high] = rangeOf(column);
  if (low > high) return { size: 1, code: () => '0', key };
  if (high - low > MOST_CODES) return null;
  const [first, last] = [bucket(low), bucket(high)].toSorted((a, b) => a - b) as [number, number];
  const size = last - first + 2;
  if (size > MOST_CODES) return null;
  const codes = Uint32Array.from({ length: high - low + 1 }, (_, index) => bucket(low + index) - first + 1);
  return {
    size,
    code: (capture) => {
      const value = `${capture(column.values)}[i]`;
      return `(${value} === ${capture(column.none)} ? 0 : ${capture(codes)}[${value} - ${capture(low)}])`;
    },
    key: (code) => key(code - 1 + first),
  };
}

function ofFloats(values: Float64Array, grouping: BucketGrouping, key: (bucket: number) => Key): Dimension | null {
  const bucket = bucketOf(grouping);
  const isTime = grouping.field.type === 'datetime';
  const isValue = (value: number): boolean => (isTime ? isInstant(value) : !Number.isNaN(value));
  const [low, high] = rangeOf({ kind: 'float', values }, isTime);
  if (low > high) return { size: 1, code: () => '0', key };
  const [first, last] = [bucket(low), bucket(high)] as [number, number];
  const size = last - first + 2;
  if (size > MOST_CODES) return null;
  const codeOf = (value: number): number => (isValue(value) ? bucket(value) - first + 1 : 0);
  return {
    size,
    code: (capture) => `${capture(codeOf)}(${capture(values)}[i])`,
    key: (code) => key(code - 1 + first),
  };
}

/** PostgreSQL's `infinity` is the largest number of microseconds. It is no instant. */
const END_OF_TIME = 9e18;

export function isInstant(value: number): boolean {
  return value < END_OF_TIME && value > -END_OF_TIME;
}

const ranges = new WeakMap<object, readonly [number, number]>();

/** The smallest and the largest value of a column, the wrong way round when there is none. */
export function rangeOf(column: Exclude<Column, TextColumn>, isTime = false): readonly [number, number] {
  const { values } = column;
  let range = ranges.get(values);
  if (range === undefined) {
    const none = column.kind === 'int' ? column.none : column.kind === 'bool' ? 0 : Number.NaN;
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value === none || (isTime && !isInstant(value))) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    ranges.set(values, (range = [low, high]));
  }
  return range;
}
