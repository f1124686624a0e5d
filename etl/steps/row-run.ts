import { BinaryRows } from '../../server/db/copy-binary.ts';

/** Most rows in a run: their numbers take 18 bits, see `order`. */
export const RUN_ROWS = 2 ** 18;
/** Rows there is room for at first: most layers need a hundredth of a run. */
const FIRST_ROWS = 2 ** 12;
const FIRST_BYTES = 1 << 18;
/** Sorts unlocated rows behind all others: above every 44-bit key. */
const NO_PLACE = 2 ** 45;
/** Numbers kept of each row: its first byte and the byte after its last, and the same of what follows it in `tails`. */
const WORDS = 4;

/**
 * Rows that wait to be sorted and sent: each is a stretch of bytes and a tail, which may be that of several rows. No row is moved
 * before the order is known.
 */
export class RowRun {
  count = 0;
  /** Bytes of all rows. */
  size = 0;
  /** Rows that are written here. */
  readonly rows = new BinaryRows(FIRST_BYTES);
  /** What follows the rows. */
  readonly tails = new BinaryRows(FIRST_BYTES);
  /** The block of others of which the last rows are, and where its first byte stands, or would stand, among `rows`. */
  private block: Uint8Array | null = null;
  private blockStart = 0;
  private numbers = new Uint32Array(FIRST_ROWS * WORDS);
  private keys = new Float64Array(FIRST_ROWS);
  /** For rows that are being sent, and to sort them: kept, since one run after the other needs as much. */
  private sent: [Buffer, Buffer] | null = null;
  private packed = new BigUint64Array(FIRST_ROWS);
  /** Rows that `fill` has copied so far. */
  private filled = 0;

  /** Adds what was written to `rows` since `start`. @param key where it is sorted; null for a row without a place */
  addOwn(start: number, key: number | null): void {
    this.add(start, this.rows.size, 0, 0, key);
  }

  /** Adds a stretch of a block that somebody else has written, and the tail that follows it. One block after the other, each from front to back. */
  addFrom(block: Uint8Array, start: number, end: number, tail: number, tailEnd: number, key: number | null): void {
    if (this.block !== block) {
      // All that is left of it at once: that is cheaper than row by row.
      this.blockStart = this.rows.size - start;
      this.rows.raw(block.subarray(start));
      this.block = block;
    }
    this.add(this.blockStart + start, this.blockStart + end, tail, tailEnd, key);
  }

  private add(start: number, end: number, tail: number, tailEnd: number, key: number | null): void {
    if (this.count === this.keys.length) this.makeRoom();
    const at = this.count * WORDS;
    const { numbers } = this;
    numbers[at] = start;
    numbers[at + 1] = end;
    numbers[at + 2] = tail;
    numbers[at + 3] = tailEnd;
    this.keys[this.count] = key ?? NO_PLACE;
    this.count += 1;
    this.size += end - start + tailEnd - tail;
  }

  private makeRoom(): void {
    const [numbers, keys] = [new Uint32Array(this.numbers.length * 2), new Float64Array(this.keys.length * 2)];
    numbers.set(this.numbers);
    keys.set(this.keys);
    this.numbers = numbers;
    this.keys = keys;
  }

  clear(): void {
    this.count = 0;
    this.size = 0;
    this.rows.clear();
    this.tails.clear();
    this.block = null;
  }

  /** All rows in the order of their keys, in pieces of about `size` bytes. A piece is valid until the one after the next is asked for. */
  *pieces(size: number): Generator<Buffer> {
    const rows = viewOf(this.rows.peek());
    const tails = viewOf(this.tails.peek());
    const order = this.order();
    this.sent ??= [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
    let [piece, other] = this.sent;
    for (let next = 0; next < order.length;) {
      const first = this.lengthOf(order[next] as number);
      if (first > piece.length) piece = Buffer.allocUnsafeSlow(first);
      const end = this.fill(viewOf(piece), order, next, rows, tails);
      next = this.filled;
      yield piece.subarray(0, end);
      [piece, other] = [other, piece];
    }
  }

  private lengthOf(row: number): number {
    const { numbers } = this;
    const word = row * WORDS;
    const [start, end] = [numbers[word] as number, numbers[word + 1] as number];
    return end - start + (numbers[word + 3] as number) - (numbers[word + 2] as number);
  }

  /** Copies rows from `next` on while there is room; `filled` is then the next one. @returns bytes copied */
  private fill(piece: DataView, order: Uint32Array, next: number, rows: DataView, tails: DataView): number {
    const { numbers } = this;
    let at = 0;
    let i = next;
    for (; i < order.length; i += 1) {
      const word = (order[i] as number) * WORDS;
      const start = numbers[word] as number;
      const end = numbers[word + 1] as number;
      const tail = numbers[word + 2] as number;
      const tailEnd = numbers[word + 3] as number;
      if (at + end - start + tailEnd - tail > piece.byteLength) break;
      copy(rows, start, end, piece, at);
      at += end - start;
      copy(tails, tail, tailEnd, piece, at);
      at += tailEnd - tail;
    }
    this.filled = i;
    return at;
  }

  /** Numbers of the rows in ascending order of their keys, which are below 2^46. */
  private order(): Uint32Array {
    const { count, keys } = this;
    // Key above number in one 64-bit integer: a typed array sorts natively, without a callback.
    if (this.packed.length < count) this.packed = new BigUint64Array(keys.length);
    const packed = this.packed.subarray(0, count);
    const halves = new Uint32Array(packed.buffer);
    for (let i = 0; i < count; i += 1) {
      const key = keys[i] as number;
      const high = Math.floor(key / 2 ** 14);
      halves[i * 2 + 1] = high;
      halves[i * 2] = ((key - high * 2 ** 14) << 18) | i;
    }
    packed.sort();
    // The numbers move together at the front of the same memory.
    for (let i = 0; i < count; i += 1) halves[i] = (halves[i * 2] as number) & (RUN_ROWS - 1);
    return halves.subarray(0, count);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Copies a short stretch of bytes, four at a time: a call into native code, and the object it wants, would cost more. */
function copy(from: DataView, start: number, end: number, to: DataView, at: number): void {
  let [source, target] = [start, at];
  for (; source + 4 <= end; source += 4, target += 4) to.setUint32(target, from.getUint32(source, true), true);
  for (; source < end; source += 1, target += 1) to.setUint8(target, from.getUint8(source));
}
