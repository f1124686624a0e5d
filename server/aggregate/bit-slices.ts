import { setImmediate } from 'node:timers/promises';
import type { BoolColumn, ColumnTable, IntColumn, TextColumn } from './column-table.ts';
import { rangeOf } from './dimension.ts';

/** Columns whose values are whole numbers in memory: only those can be sliced. */
export type SliceableColumn = TextColumn | IntColumn | BoolColumn;

/**
 * A column once more, turned round: one bit of 32 rows after the other, the highest first, so that 32 rows are compared with
 * a value by a few operations. `words[32-row block * bits + n]` is the n-th bit of these rows, the first row lowest.
 */
export interface BitSlices {
  bits: number;
  words: Int32Array;
  /** The code in the slices is the value less this. */
  base: number;
  /** Codes are `[0, top]`. Of numbers `top` stands for no value, of texts and yes-no 0 does, as in the column. */
  top: number;
}

/** Numbers that need more bits are compared row by row. */
const MOST_BITS = 24;
/** 32-row blocks that are turned round without a pause: some milliseconds. */
const BLOCKS_AT_ONCE = 2 ** 12;

interface Slicing {
  slices: BitSlices | null;
  done: number;
  /** Resolves when all is sliced. */
  finished: Promise<void> | null;
}

const known = new WeakMap<object, Slicing>();

function arrayOf(column: SliceableColumn): TextColumn['codes'] | IntColumn['values'] {
  return column.kind === 'text' ? column.codes : column.values;
}

function slicingOf(column: SliceableColumn): Slicing {
  const array = arrayOf(column);
  let slicing = known.get(array);
  if (slicing === undefined) known.set(array, (slicing = { slices: emptySlices(column), done: 0, finished: null }));
  return slicing;
}

/** Null when the values are too far apart. */
function emptySlices(column: SliceableColumn): BitSlices | null {
  let [base, top] = [0, 2];
  if (column.kind === 'text') top = Math.max(1, column.dictionary.length - 1);
  if (column.kind === 'int') {
    const [low, high] = rangeOf(column);
    [base, top] = low > high ? [0, 0] : [low, high - low + 1];
  }
  const bits = Math.max(1, Math.ceil(Math.log2(top + 1)));
  if (bits > MOST_BITS) return null;
  return { bits, base, top, words: new Int32Array(Math.ceil(arrayOf(column).length / 32) * bits) };
}

/** Slices up to so many blocks more. @returns whether that was all */
function sliceOn(column: SliceableColumn, slicing: Slicing, blocks: number): boolean {
  const { slices } = slicing;
  const array = arrayOf(column);
  const all = Math.ceil(array.length / 32);
  if (slices === null) return true;
  const { bits, words, base, top } = slices;
  const none = column.kind === 'int' ? column.none : null;
  const square = new Int32Array(32);
  const end = Math.min(all, slicing.done + blocks);
  for (let block = slicing.done; block < end; block++) {
    const from = block * 32;
    const rows = Math.min(32, array.length - from);
    for (let row = 0; row < rows; row++) {
      const value = array[from + row] as number;
      square[31 - row] = value === none ? top : value - base;
    }
    square.fill(0, 0, 32 - rows);
    transpose(square);
    const at = block * bits;
    for (let bit = 0; bit < bits; bit++) words[at + bit] = square[32 - bits + bit] as number;
  }
  slicing.done = end;
  return end === all;
}

/** Rows and columns of 32 × 32 bits change places: halves, quarters, … across the diagonal. */
function transpose(square: Int32Array): void {
  for (let step = 16, mask = 0xffff; step !== 0; step >>= 1, mask ^= mask << step) {
    for (let row = 0; row < 32; row = (row + step + 1) & ~step) {
      const [upper, lower] = [square[row] as number, square[row + step] as number];
      const other = (upper ^ (lower >>> step)) & mask;
      square[row] = upper ^ other;
      square[row + step] = lower ^ (other << step);
    }
  }
}

/** The slices of a column, made now as far as they are not made yet. Null when its values are too far apart. */
export function slicesOf(column: SliceableColumn): BitSlices | null {
  const slicing = slicingOf(column);
  sliceOn(column, slicing, Infinity);
  return slicing.slices;
}

/** Whether `slicesOf` need not make anything. */
export function isSliced(column: SliceableColumn): boolean {
  const slicing = slicingOf(column);
  return slicing.slices === null || slicing.done * 32 >= arrayOf(column).length;
}

/** Makes the slices of a column with turns of the event loop in between. */
export async function makeSlices(column: SliceableColumn): Promise<void> {
  const slicing = slicingOf(column);
  slicing.finished ??= (async () => {
    while (!sliceOn(column, slicing, BLOCKS_AT_ONCE)) await setImmediate();
  })();
  await slicing.finished;
}

/** Memory that slices of a table's columns take at the moment, bytes. */
export function bytesOfSlices({ cells, fields }: ColumnTable): number {
  let bytes = 0;
  for (const column of new Set([...Object.values(cells), ...fields.values()])) {
    if (column.kind !== 'float') bytes += known.get(arrayOf(column))?.slices?.words.byteLength ?? 0;
  }
  return bytes;
}
