import { type BitSlices, type SliceableColumn, slicesOf } from '../aggregate/bit-slices.ts';
import type { Column, ColumnTable, TextColumn } from '../aggregate/column-table.ts';
import { inUnits } from './in-units.ts';
import { compileLike, lowerLatin } from './like.ts';
import type { Condition, Predicate } from './predicate.ts';

/** Codes from the first to the second, both included. */
type Range = readonly [low: number, high: number];

/** Conditions as ranges of codes of sliced columns. */
type BitTest =
  | { kind: 'and' | 'or'; of: readonly BitTest[] }
  | { kind: 'not'; of: BitTest }
  | {
      kind: 'ranges';
      slices: BitSlices;
      ranges: readonly { low: Int32Array | null; high: Int32Array | null; isOne: boolean }[];
    };

/** A test of more ranges costs more than looking at each row. */
const MOST_RANGES = 4;
/** Texts of longer lists are not all looked at for a test of bits. */
const MOST_TEXTS = 4096;

/** Words of 32 rows that go through all tests together: they stay next to the processor. */
const BLOCK = 1024;
/** A block for each level of the tree. */
const spare: Int32Array[] = [];

function spareBlock(depth: number): Int32Array {
  return (spare[depth] ??= new Int32Array(BLOCK));
}

/**
 * The rows that match, a bit for each (`bits[row >>> 5] >>> (row & 31) & 1`), from the bit slices of the columns. Null when
 * a condition cannot be told from them: on numbers with fractions, times, places, or on very many texts.
 */
export function matchingBits(table: ColumnTable, predicate: Predicate): Int32Array | null {
  const test = toTest(table, predicate);
  return test === null ? null : bitsOfTest(table, test);
}

function bitsOfTest(table: ColumnTable, test: BitTest): Int32Array {
  const words = Math.ceil(table.rows / 32);
  const bits = new Int32Array(words);
  for (let from = 0; from < words; from += BLOCK) {
    const block = bits.subarray(from, Math.min(words, from + BLOCK));
    block.fill(-1);
    if (from + block.length === words && table.rows % 32 !== 0) block[block.length - 1] = 2 ** (table.rows % 32) - 1;
    narrow(test, block, from, 0);
  }
  return bits;
}

/**
 * Of the parts of an `and` or `or` those that can be told from the bit slices, as one answer, null when there are none; and
 * the others.
 */
export function partlyMatchingBits(
  table: ColumnTable,
  kind: 'and' | 'or',
  parts: readonly Predicate[],
): { bits: Int32Array | null; rest: Predicate[] } {
  const rest: Predicate[] = [];
  const tests: BitTest[] = [];
  for (const part of parts) {
    const test = toTest(table, part);
    if (test === null) rest.push(part);
    else tests.push(test);
  }
  return { bits: tests.length === 0 ? null : bitsOfTest(table, joinedTests(kind, tests)), rest };
}

/** What costs little goes first: where it leaves nothing, the rest is quick. */
function joinedTests(kind: 'and' | 'or', of: readonly BitTest[]): BitTest {
  return { kind, of: of.toSorted((a, b) => costOf(a) - costOf(b)) };
}

/** The columns of which `matchingBits` may want the slices. */
export function slicedColumns(table: ColumnTable, predicate: Predicate): SliceableColumn[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap((part) => slicedColumns(table, part));
    case 'not':
      return slicedColumns(table, predicate.of);
    case 'bbox':
    case 'within':
      return [];
    case 'cells':
    case 'outside':
      return [table.cells[predicate.by]];
    default: {
      const column = table.fields.get(predicate.field.name);
      return column === undefined || column.kind === 'float' ? [] : [column];
    }
  }
}

function toTest(table: ColumnTable, predicate: Predicate): BitTest | null {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const of: BitTest[] = [];
      for (const part of predicate.of) {
        const test = toTest(table, part);
        if (test === null) return null;
        of.push(test);
      }
      return joinedTests(predicate.kind, of);
    }
    case 'not': {
      const of = toTest(table, predicate.of);
      return of === null ? null : { kind: 'not', of };
    }
    case 'bbox':
    case 'within':
      return null;
    case 'cells':
    case 'outside': {
      const column = table.cells[predicate.by];
      const ranges: Range[] =
        predicate.kind === 'outside' ? [[0, 0]] : joined(predicate.codes.flatMap((code) => rangeOfText(column, code)));
      return rangesTest(column, ranges);
    }
    default: {
      const column = table.fields.get(predicate.field.name);
      if (column === undefined || column.kind === 'float') return null;
      const ranges = column.kind === 'text' ? rangesOfTexts(column, predicate) : rangesOfNumbers(column, predicate);
      return ranges === null ? null : rangesTest(column, ranges);
    }
  }
}

function costOf(test: BitTest): number {
  if (test.kind === 'ranges') return test.ranges.length * test.slices.bits;
  return test.kind === 'not' ? costOf(test.of) : test.of.reduce((sum, part) => sum + costOf(part), 0);
}

function rangesTest(column: SliceableColumn, ranges: readonly Range[]): BitTest | null {
  if (ranges.length > MOST_RANGES) return null;
  const slices = slicesOf(column);
  if (slices === null) return null;
  const { bits, top } = slices;
  return {
    kind: 'ranges',
    slices,
    ranges: ranges.map(([low, high]) => ({
      // What comes before the first is dropped, where there is any.
      low: low > 0 && low < high ? bitsOf(low - 1, bits) : null,
      high: high < top || low === high ? bitsOf(high, bits) : null,
      isOne: low === high,
    })),
  };
}

/** All bits set where that bit of the code is, the highest first. */
function bitsOf(code: number, bits: number): Int32Array {
  return Int32Array.from({ length: bits }, (_, bit) => (((code >>> (bits - 1 - bit)) & 1) === 1 ? -1 : 0));
}

/** Neighbouring codes become one range. */
function joined(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [low, high] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else result.push([low, high]);
  }
  return result;
}

/** The first code whose text is not less, or with `isAfter` greater; the dictionary is in code point order. */
function firstCode({ dictionary }: TextColumn, text: string, isAfter: boolean): number {
  const bytes = Buffer.from(text);
  let [low, high] = [1, dictionary.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = Buffer.compare(Buffer.from(dictionary[middle] as string), bytes);
    if (order < 0 || (isAfter && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rangeOfText(column: TextColumn, text: string): Range[] {
  const code = firstCode(column, text, false);
  return column.dictionary[code] === text ? [[code, code]] : [];
}

function codes(low: number, high: number): Range[] {
  return low > high ? [] : [[low, high]];
}

/** Null when too many texts would have to be looked at. */
function rangesOfTexts(column: TextColumn, condition: Condition): Range[] | null {
  const last = column.dictionary.length - 1;
  switch (condition.kind) {
    case 'null':
      return [[0, 0]];
    case 'notnull':
      return codes(1, last);
    case 'compare': {
      const from = firstCode(column, condition.value as string, false);
      const after = firstCode(column, condition.value as string, true);
      switch (condition.op) {
        case '=':
          return codes(from, after - 1);
        case '!=':
          return [...codes(1, from - 1), ...codes(after, last)];
        case '<':
          return codes(1, from - 1);
        case '<=':
          return codes(1, after - 1);
        case '>':
          return codes(after, last);
        case '>=':
          return codes(from, last);
      }
    }
    case 'between':
      return codes(
        firstCode(column, condition.low as string, false),
        firstCode(column, condition.high as string, true) - 1,
      );
    case 'in':
      return joined(condition.values.flatMap((value) => rangeOfText(column, value as string)));
    case 'like':
      return rangesWhere(column, compileLike(condition.pattern, condition.ignoreCase));
    case 'contains': {
      if (condition.ignoreCase !== true) return rangesWhere(column, (text) => text.includes(condition.text));
      const lower = lowerLatin(condition.text);
      return rangesWhere(column, (text) => lowerLatin(text).includes(lower));
    }
    default:
      return null;
  }
}

function rangesWhere({ dictionary }: TextColumn, test: (text: string) => boolean): Range[] | null {
  if (dictionary.length > MOST_TEXTS) return null;
  const hits: Range[] = [];
  for (let code = 1; code < dictionary.length; code++) if (test(dictionary[code] as string)) hits.push([code, code]);
  return joined(hits);
}

/** Of numbers, days and yes-no, in codes of the slices. Null for a number that is none. */
function rangesOfNumbers(
  column: Exclude<Column, TextColumn | { kind: 'float' }>,
  condition: Condition,
): Range[] | null {
  const slices = slicesOf(column);
  if (slices === null) return null;
  const { base, top } = slices;
  const [first, last] = column.kind === 'int' ? [0, top - 1] : [1, top];
  const none = column.kind === 'int' ? top : 0;
  /** Values from `low` to `high` as codes. */
  const between = (low: number, high: number): Range[] => {
    const from = Math.max(first, Math.ceil(low) - base);
    const to = Math.min(last, Math.floor(high) - base);
    return from > to ? [] : [[from, to]];
  };
  switch (condition.kind) {
    case 'null':
      return [[none, none]];
    case 'notnull':
      return first > last ? [] : [[first, last]];
    case 'compare': {
      const value = inUnits(condition.field, condition.value);
      if (!Number.isFinite(value)) return null;
      switch (condition.op) {
        case '=':
          return between(value, value);
        case '!=':
          return [...between(-Infinity, Math.ceil(value) - 1), ...between(Math.floor(value) + 1, Infinity)];
        case '<':
          return between(-Infinity, Math.ceil(value) - 1);
        case '<=':
          return between(-Infinity, value);
        case '>':
          return between(Math.floor(value) + 1, Infinity);
        case '>=':
          return between(value, Infinity);
      }
    }
    case 'between': {
      const [low, high] = [inUnits(condition.field, condition.low), inUnits(condition.field, condition.high)];
      return Number.isFinite(low) && Number.isFinite(high) ? between(low, high) : null;
    }
    case 'in': {
      const values = condition.values.map((value) => inUnits(condition.field, value));
      return values.every(Number.isFinite) ? joined(values.flatMap((value) => between(value, value))) : null;
    }
    default:
      return null;
  }
}

/** Takes the rows that do not satisfy the test out of `rows`, which are words from `from` on. */
function narrow(test: BitTest, rows: Int32Array, from: number, depth: number): void {
  switch (test.kind) {
    case 'and':
      for (const part of test.of) narrow(part, rows, from, depth);
      return;
    case 'or': {
      if (test.of.length === 1) return narrow(test.of[0] as BitTest, rows, from, depth);
      const [found, part] = [spareBlock(depth), spareBlock(depth + 1)];
      found.fill(0);
      for (const each of test.of) {
        for (let i = 0; i < rows.length; i++) part[i] = (rows[i] as number) & ~(found[i] as number);
        narrow(each, part.subarray(0, rows.length), from, depth + 2);
        for (let i = 0; i < rows.length; i++) found[i] = (found[i] as number) | (part[i] as number);
      }
      rows.set(found.subarray(0, rows.length));
      return;
    }
    case 'not': {
      const others = spareBlock(depth).subarray(0, rows.length);
      others.set(rows);
      narrow(test.of, others, from, depth + 1);
      for (let i = 0; i < rows.length; i++) rows[i] = (rows[i] as number) & ~(others[i] as number);
      return;
    }
    case 'ranges':
      narrowToRanges(test, rows, from, depth);
  }
}

function narrowToRanges(
  { slices, ranges }: Extract<BitTest, { kind: 'ranges' }>,
  rows: Int32Array,
  from: number,
  depth: number,
): void {
  const { words, bits } = slices;
  if (ranges.length === 0) {
    rows.fill(0);
    return;
  }
  const found = spareBlock(depth);
  if (ranges.length > 1) found.fill(0);
  for (const [index, { low, high, isOne }] of ranges.entries()) {
    const isOnly = ranges.length === 1;
    const part = isOnly ? rows : spareBlock(depth + 1).subarray(0, rows.length);
    if (!isOnly) part.set(rows);
    if (isOne && high !== null) keepEqual(words, bits, high, part, from);
    else {
      if (high !== null) keepUpTo(words, bits, high, part, from);
      if (low !== null) dropUpTo(words, bits, low, part, from);
    }
    if (isOnly) return;
    for (let i = 0; i < rows.length; i++)
      found[i] = index === 0 ? (part[i] as number) : (found[i] as number) | (part[i] as number);
  }
  rows.set(found.subarray(0, rows.length));
}

function keepEqual(words: Int32Array, bits: number, code: Int32Array, rows: Int32Array, from: number): void {
  for (let i = 0; i < rows.length; i++) {
    let equal = rows[i] as number;
    const at = (from + i) * bits;
    for (let bit = 0; bit < bits && equal !== 0; bit++) {
      equal &= ~((words[at + bit] as number) ^ (code[bit] as number));
    }
    rows[i] = equal;
  }
}

/**
 * Of each row it is known after a few bits whether it is below or above; most blocks need half of theirs. `equal` are the
 * rows whose bits so far are those of the code, `below` those that are less.
 */
function keepUpTo(words: Int32Array, bits: number, code: Int32Array, rows: Int32Array, from: number): void {
  for (let i = 0; i < rows.length; i++) {
    let equal = rows[i] as number;
    let below = 0;
    const at = (from + i) * bits;
    for (let bit = 0; bit < bits && equal !== 0; bit++) {
      const slice = words[at + bit] as number;
      if (code[bit] === 0) {
        equal &= ~slice;
      } else {
        below |= equal & ~slice;
        equal &= slice;
      }
    }
    rows[i] = below | equal;
  }
}

function dropUpTo(words: Int32Array, bits: number, code: Int32Array, rows: Int32Array, from: number): void {
  for (let i = 0; i < rows.length; i++) {
    let equal = rows[i] as number;
    let above = 0;
    const at = (from + i) * bits;
    for (let bit = 0; bit < bits && equal !== 0; bit++) {
      const slice = words[at + bit] as number;
      if (code[bit] === 0) {
        above |= equal & slice;
        equal &= ~slice;
      } else {
        equal &= slice;
      }
    }
    rows[i] = above;
  }
}
