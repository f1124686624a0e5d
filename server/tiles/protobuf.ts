/** Below so many bytes a loop is faster than a call. */
const COPIED_BY_HAND = 256;
/** Writers that are used again and again let go of larger buffers than this. */
const LARGEST_KEPT = 16 * 1024 ** 2;
/** Four bytes of a varint hold 28 bits: what is below and above them is written apart, as small integers. */
const BITS_28 = 2 ** 28;

/** Most bytes a number from 0 to 2^53 takes as a varint. */
export const LONGEST_VARINT = 8;

/** Writes a whole number from 0 to 2^53 at a place of a buffer that has room for it. @returns the place behind it */
export function putVarint(buffer: Uint8Array, place: number, value: number): number {
  let at = place;
  if (value < BITS_28) return putSmall(buffer, at, value);
  const high = Math.floor(value / BITS_28);
  const low = value - high * BITS_28;
  buffer[at++] = (low & 127) | 128;
  buffer[at++] = ((low >>> 7) & 127) | 128;
  buffer[at++] = ((low >>> 14) & 127) | 128;
  buffer[at++] = (low >>> 21) | 128;
  return putSmall(buffer, at, high);
}

/** The same of a number below 2^31. */
function putSmall(buffer: Uint8Array, place: number, value: number): number {
  let at = place;
  let rest = value;
  while (rest > 127) {
    buffer[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/** Writes a signed whole number within ±2^31, zigzag encoded: five bytes at most. @returns the place behind it */
export function putSigned(buffer: Uint8Array, place: number, value: number): number {
  let at = place;
  let rest = (value << 1) ^ (value >> 31);
  while (rest >>> 0 > 127) {
    buffer[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/** Bytes a number from 0 to 2^53 takes as a varint. */
export function varintLength(value: number): number {
  if (value < 128) return 1;
  if (value >= BITS_28) return 4 + varintLength(Math.floor(value / BITS_28));
  return value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

/** Writes protocol buffers. Text goes through Buffer, which keeps characters outside the basic plane whole. */
export class ProtobufWriter {
  private buffer: Buffer;
  length = 0;

  constructor(size = 256) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  /**
   * The buffer, with room for so many bytes from `length` on: who writes many numbers puts them there and says in `length`
   * where they end. Valid until the next call.
   */
  reserve(bytes: number): Buffer {
    if (this.length + bytes > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    return this.buffer;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.length = putVarint(this.reserve(LONGEST_VARINT), this.length, value);
  }

  /** A signed whole number within ±2^31, zigzag encoded. */
  signed(value: number): void {
    this.length = putSigned(this.reserve(LONGEST_VARINT), this.length, value);
  }

  double(value: number): void {
    this.length = this.reserve(8).writeDoubleLE(value, this.length);
  }

  /** Length and content, without a tag. */
  bytes(content: Buffer): void {
    this.part(content, 0, content.length);
  }

  /** The same with a part of a buffer. */
  part(content: Buffer, start: number, end: number): void {
    this.varint(end - start);
    this.length = copyBytes(content, start, end, this.reserve(end - start), this.length);
  }

  text(content: string): void {
    this.bytes(Buffer.from(content, 'utf8'));
  }

  /** What another writer holds, without its length. */
  append({ buffer, length }: ProtobufWriter): void {
    this.length = copyBytes(buffer, 0, length, this.reserve(length), this.length);
  }

  /** For the next use. */
  clear(): void {
    this.length = 0;
    if (this.buffer.length > LARGEST_KEPT) this.buffer = Buffer.allocUnsafe(256);
  }

  /** What was written: a view, valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/** By hand where it is short: most texts and shapes are. @returns the place behind the copy */
export function copyBytes(from: Buffer, start: number, end: number, to: Buffer, place: number): number {
  if (end - start > COPIED_BY_HAND) from.copy(to, place, start, end);
  else for (let i = start, at = place; i < end; i += 1, at += 1) to[at] = from[i] as number;
  return place + end - start;
}
