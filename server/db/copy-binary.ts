/** Types of columns that can be written, by the names `layerColumns` uses (a geometry with or without its kind). */
export type CopyType =
  | 'text'
  | 'int4'
  | 'int8'
  | 'float4'
  | 'float8'
  | 'bool'
  | 'date'
  | 'timestamptz'
  | 'jsonb'
  | `geometry${string}`;

/** Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
const EPOCH_DAYS = 10957;
const EPOCH_MS = EPOCH_DAYS * 86_400_000;
const SRID_FLAG = 0x20000000;

/**
 * Rows in the format of COPY BINARY, written value by value into a growing buffer:
 *
 *     rows.startRow(3); rows.int8(fid); rows.text(name); rows.point(lon, lat);
 *     if (rows.size > 1 << 20) await writer.write(rows.take());
 *
 * Nothing here knows the table: a row with too few values or a wrong type is refused by PostgreSQL. Every method takes
 * null for NULL. Methods throw RangeError for a value that the type cannot hold, and the row must then be dropped
 * with `dropRow`.
 */
export class BinaryRows {
  private buffer: Buffer;
  /** The same bytes: whole words are written by it. */
  private view: DataView;
  private at = 0;
  private rowStart = 0;

  /** @param capacity bytes reserved at once, or memory to begin with; it grows when needed */
  constructor(capacity: number | ArrayBuffer = 1 << 20) {
    this.buffer = typeof capacity === 'number' ? Buffer.allocUnsafeSlow(capacity) : Buffer.from(capacity);
    this.view = viewOf(this.buffer);
  }

  /** Bytes written since the last `take`. */
  get size(): number {
    return this.at;
  }

  /** The rows so far, whole: what `CopyWriter.write` takes. Starts a new buffer. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.at);
    this.buffer = Buffer.allocUnsafeSlow(Math.max(1 << 20, this.at + (this.at >> 3)));
    this.view = viewOf(this.buffer);
    this.at = 0;
    this.rowStart = 0;
    return taken;
  }

  /** Begins a row of `columns` values. */
  startRow(columns: number): void {
    this.reserve(2);
    this.rowStart = this.at;
    this.buffer[this.at++] = columns >> 8;
    this.buffer[this.at++] = columns;
  }

  /** Takes back the row begun last. */
  dropRow(): void {
    this.at = this.rowStart;
  }

  null(): void {
    this.reserve(4);
    this.int32(-1);
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. PostgreSQL refuses U+0000. */
  text(value: string | null): void {
    if (value === null) return this.null();
    this.reserve(4 + value.length * 3);
    const start = this.at + 4;
    // Short strings are written faster here than by a call into native code.
    const end = value.length < 32 ? this.utf8(value, start) : start + this.buffer.write(value, start, 'utf8');
    this.int32(end - start);
    this.at = end;
  }

  /** A text that stands in bytes already, as UTF-8. */
  utf8Text(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(4 + length);
    this.view.setInt32(this.at, length);
    const { buffer } = this;
    const at = this.at + 4;
    for (let i = 0; i < length; i++) buffer[at + i] = bytes[start + i]!;
    this.at = at + length;
  }

  /** An integer from -2^31 to 2^31-1. */
  int4(value: number | null): void {
    if (value === null) return this.null();
    if (value !== (value | 0)) throw new RangeError(`${value} is not an int4`);
    this.reserve(8);
    this.int32(4);
    this.int32(value);
  }

  /** A number must be a safe integer; larger values come as bigint or by `int8Parts`. */
  int8(value: number | bigint | null): void {
    if (value === null) return this.null();
    if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is not an int8`);
      return this.int8Parts(Number(value >> 32n), Number(value & 0xffffffffn));
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact int8`);
    this.int8Parts(Math.floor(value / 0x1_0000_0000), value % 0x1_0000_0000);
  }

  /** An int8 from its upper and lower 32 bits, signed or not: what h3-js calls a split long, the other way round. */
  int8Parts(high: number, low: number): void {
    this.reserve(12);
    this.int32(8);
    this.int32(high);
    this.int32(low);
  }

  /** Stored as float4. */
  float4(value: number | null): void {
    if (value === null) return this.null();
    this.reserve(8);
    this.int32(4);
    this.at = this.buffer.writeFloatBE(value, this.at);
  }

  float8(value: number | null): void {
    if (value === null) return this.null();
    this.reserve(12);
    this.int32(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
  }

  bool(value: boolean | null): void {
    if (value === null) return this.null();
    this.reserve(5);
    this.int32(1);
    this.buffer[this.at++] = value ? 1 : 0;
  }

  /** A day as `YYYY-MM-DD`. */
  date(value: string | null): void {
    if (value === null) return this.null();
    this.reserve(8);
    const days = daysSince1970(value);
    this.int32(4);
    this.int32(days - EPOCH_DAYS);
  }

  /** An instant, as a Date or in ms since 1970-01-01 UTC. */
  timestamptz(value: Date | number | null): void {
    if (value === null) return this.null();
    const ms = typeof value === 'number' ? value : value.getTime();
    if (!Number.isFinite(ms)) throw new RangeError(`${String(value)} is not a time`);
    const micros = Math.round((ms - EPOCH_MS) * 1000);
    this.int8(Number.isSafeInteger(micros) ? micros : BigInt(Math.round(ms - EPOCH_MS)) * 1000n);
  }

  /** A JSON text for a jsonb column. */
  jsonb(json: string | null): void {
    if (json === null) return this.null();
    const length = Buffer.byteLength(json);
    this.reserve(5 + length);
    this.int32(1 + length);
    this.buffer[this.at++] = 1; // version of the binary format
    this.at += this.buffer.write(json, this.at, 'utf8');
  }

  /** A geometry as EWKB, or any other value in its binary format. */
  bytes(value: Uint8Array | null): void {
    if (value === null) return this.null();
    this.reserve(4 + value.length);
    this.int32(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  /** A point as EWKB; x = longitude, y = latitude for EPSG:4326. */
  point(x: number, y: number, srid = 4326): void {
    this.reserve(29);
    this.int32(25);
    const { buffer } = this;
    buffer[this.at] = 1; // little-endian
    this.at = buffer.writeUInt32LE(1 | SRID_FLAG, this.at + 1);
    this.at = buffer.writeUInt32LE(srid, this.at);
    this.at = buffer.writeDoubleLE(x, this.at);
    this.at = buffer.writeDoubleLE(y, this.at);
  }

  /**
   * Any value by the type of its column: convenient, a little slower than the methods above.
   * @param value null or undefined for NULL; Uint8Array (EWKB) for a geometry; anything JSON holds for jsonb
   */
  value(type: CopyType, value: unknown): void {
    if (value === null || value === undefined) return this.null();
    switch (type) {
      case 'text':
        return this.text(value as string);
      case 'int4':
        return this.int4(value as number);
      case 'int8':
        return this.int8(value as number | bigint);
      case 'float4':
        return this.float4(value as number);
      case 'float8':
        return this.float8(value as number);
      case 'bool':
        return this.bool(value as boolean);
      case 'date':
        return this.date(value as string);
      case 'timestamptz':
        return this.timestamptz(value as Date | number);
      case 'jsonb':
        return this.jsonb(JSON.stringify(value));
      default:
        if (!type.startsWith('geometry')) throw new TypeError(`column type ${type} cannot be copied`);
        return this.bytes(value as Uint8Array);
    }
  }

  /** Values that were encoded before, lengths included. */
  raw(encoded: Uint8Array): void {
    this.reserve(encoded.length);
    this.buffer.set(encoded, this.at);
    this.at += encoded.length;
  }

  /**
   * The rows so far, valid until the next write; `take` hands them out for good.
   * @param room bytes behind the rows that the caller may use
   */
  peek(room = 0): Buffer {
    if (room > 0) this.reserve(room);
    return this.buffer.subarray(0, this.at + room);
  }

  /** Forgets the rows so far and keeps the buffer. */
  clear(): void {
    this.at = 0;
    this.rowStart = 0;
  }

  private int32(value: number): void {
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  /** Writes UTF-8 at `start`, for which there is room; returns the end. */
  private utf8(value: string, start: number): number {
    const { buffer } = this;
    let at = start;
    for (let i = 0; i < value.length; i++) {
      let code = value.charCodeAt(i);
      if (code < 0x80) {
        buffer[at++] = code;
        continue;
      }
      if (code < 0x800) {
        buffer[at++] = 0xc0 | (code >> 6);
      } else {
        if (code >= 0xd800 && code < 0xe000) {
          const next = value.charCodeAt(i + 1);
          if (code < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
            i++;
            buffer[at++] = 0xf0 | (code >> 18);
            buffer[at++] = 0x80 | ((code >> 12) & 0x3f);
            buffer[at++] = 0x80 | ((code >> 6) & 0x3f);
            buffer[at++] = 0x80 | (code & 0x3f);
            continue;
          }
          code = 0xfffd;
        }
        buffer[at++] = 0xe0 | (code >> 12);
        buffer[at++] = 0x80 | ((code >> 6) & 0x3f);
      }
      buffer[at++] = 0x80 | (code & 0x3f);
    }
    return at;
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
    this.view = viewOf(larger);
  }
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, years 1 to 9999. */
function daysSince1970(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const wellFormed = text.length === 10 && text[4] === '-' && text[7] === '-' && year >= 1 && month >= 1 && month <= 12;
  if (!wellFormed || day < 1 || day > daysInMonth(year, month)) {
    throw new RangeError(`${JSON.stringify(text)} is not a date like 2026-11-22`);
  }
  // Years begin in March, so that the leap day is the last one.
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

/** Days of a month (1 to 12) of the Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number written in decimal digits from `start` to `end`, or -1. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
