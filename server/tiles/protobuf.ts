/** Below so many bytes a loop is faster than a call. */
const COPIED_BY_HAND = 256;

/** Writes protocol buffers. Text goes through Buffer, which keeps characters outside the basic plane whole. */
export class ProtobufWriter {
  private buffer: Buffer;
  length = 0;

  constructor(size = 256) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    if (value < 128) {
      this.reserve(1);
      this.buffer[this.length++] = value;
      return;
    }
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80000000) {
      this.buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.buffer[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** A signed whole number within ±2^31, zigzag encoded. */
  signed(value: number): void {
    this.reserve(5);
    const { buffer } = this;
    let { length } = this;
    let rest = (value << 1) ^ (value >> 31);
    while (rest >>> 0 > 127) {
      buffer[length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[length++] = rest;
    this.length = length;
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** Length and content, without a tag. */
  bytes(content: Buffer): void {
    this.varint(content.length);
    this.raw(content);
  }

  /** What another writer holds, with its length. Copied by hand where it is short: most features are. */
  message({ buffer, length }: ProtobufWriter): void {
    this.varint(length);
    this.reserve(length);
    const start = this.length;
    if (length > COPIED_BY_HAND) buffer.copy(this.buffer, start, 0, length);
    else for (let i = 0; i < length; i++) this.buffer[start + i] = buffer[i] as number;
    this.length = start + length;
  }

  text(content: string): void {
    this.bytes(Buffer.from(content, 'utf8'));
  }

  raw(content: Buffer): void {
    this.reserve(content.length);
    content.copy(this.buffer, this.length);
    this.length += content.length;
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written: a view, valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/** Bytes a number from 0 to 2^53 takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
