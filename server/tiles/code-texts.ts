import type { PackedBytes } from '../queries/packed.ts';

/** Used again by each column: a number of the row in which a text was first seen, from 1; 0 where none was. */
let slots = new Int32Array(4096);
let hashes = new Int32Array(4096);

/** After a giant the next column takes new ones. */
const LARGEST_KEPT = 2 ** 18;

/**
 * Gives equal texts of a column equal numbers, from 0 in the order of first sight; -1 stands for no value. Texts are
 * compared where they lie: most rows have one that was there before. `firsts` are the rows in which each was first seen.
 */
export function codeTexts({ buffer, starts, ends }: PackedBytes): { codes: Int32Array; firsts: number[] } {
  const codes = new Int32Array(starts.length);
  const firsts: number[] = [];
  // Never more than half full.
  let size = 64;
  while (size < starts.length * 2) size *= 2;
  if (slots.length < size || slots.length > LARGEST_KEPT) {
    slots = new Int32Array(size);
    hashes = new Int32Array(size);
  } else slots.fill(0, 0, size);
  const mask = size - 1;
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  for (let row = 0; row < starts.length; row += 1) {
    const start = starts[row] as number;
    const end = ends[row] as number;
    if (end < 0) {
      codes[row] = -1;
      continue;
    }
    const hash = hashOf(view, start, end);
    let slot = hash & mask;
    let first = slots[slot] as number;
    while (first !== 0) {
      if (hashes[slot] === hash) {
        const other = starts[first - 1] as number;
        if ((ends[first - 1] as number) - other === end - start && areEqual(view, other, start, end)) break;
      }
      slot = (slot + 1) & mask;
      first = slots[slot] as number;
    }
    if (first === 0) {
      slots[slot] = row + 1;
      hashes[slot] = hash;
      codes[row] = firsts.push(row) - 1;
    } else codes[row] = codes[first - 1] as number;
  }
  return { codes, firsts };
}

/** Of all bytes, four at a time. */
function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mixed(hash, view.getInt32(at, true));
  let rest = 0;
  for (; at < end; at += 1) rest = (rest << 8) | view.getUint8(at);
  hash = mixed(hash, rest);
  return hash ^ (hash >>> 15);
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** Whether the bytes from `other` on are those from `start` to `end`. */
function areEqual(view: DataView, other: number, start: number, end: number): boolean {
  const apart = other - start;
  let at = start;
  for (; at + 4 <= end; at += 4) if (view.getInt32(at, true) !== view.getInt32(at + apart, true)) return false;
  for (; at < end; at += 1) if (view.getUint8(at) !== view.getUint8(at + apart)) return false;
  return true;
}
