/**
 * Many rows in one answer: every column is one `string_agg` of the type's binary form. Ten times less work than rows of
 * text for both sides, and the same on both engines. The order of values is the same in all columns of one statement.
 */
import type postgres from 'postgres';
import type { FieldType } from '../../layers/define.ts';

/** `fid`: int8 up to 2^53. */
export type PackedType = FieldType | 'fid';

/** A decoded column. Dates are days, times microseconds since 2000-01-01; see `NO_INT` and NaN for no value. */
export type PackedColumn = PackedInts | PackedFloats | { kind: 'bool'; values: Uint8Array } | PackedBytes;

export interface PackedInts {
  kind: 'int';
  values: Int32Array;
}

export interface PackedFloats {
  kind: 'float';
  values: Float64Array;
}

/** Byte strings where they lie in `buffer`; `ends` is -1 where there is no value. */
export interface PackedBytes {
  kind: 'bytes';
  buffer: Buffer;
  starts: Int32Array;
  ends: Int32Array;
}

/** Stands for no value in an `int` column. */
export const NO_INT = -2_147_483_648;

/**
 * The aggregate that packs `value` (an SQL expression of the type). In a `bool` column 0 is no value, 1 false, 2 true.
 * The smallest int4 and the float NaN are taken as no value.
 */
export function packed(sql: postgres.Sql, value: postgres.Fragment, type: PackedType): postgres.Fragment {
  switch (type) {
    case 'int':
      return sql`string_agg(int4send(coalesce(${value}, ${sql.unsafe(`'${NO_INT}'::int4`)})), ''::bytea)`;
    case 'date':
      return sql`string_agg(coalesce(date_send(${value}), '\\x80000000'::bytea), ''::bytea)`;
    case 'number':
      return sql`string_agg(float8send(coalesce(${value}, 'NaN'::float8)), ''::bytea)`;
    case 'datetime':
      return sql`string_agg(coalesce(timestamptz_send(${value}), '\\x8000000000000000'::bytea), ''::bytea)`;
    case 'fid':
      return sql`string_agg(int8send(${value}), ''::bytea)`;
    case 'bool':
      return sql`string_agg(case when ${value} then '\\x02'::bytea when not ${value} then '\\x01' else '\\x00' end, ''::bytea)`;
    case 'string':
      // All lengths before all bytes, which costs half of a length before each.
      return sql`int4send(count(*)::int4) || string_agg(int4send(coalesce(octet_length(${value}), -1)), ''::bytea)
        || coalesce(textsend(string_agg(${value}, '')), ''::bytea)`;
  }
}

function unpackText(buffer: Buffer): PackedBytes {
  const count = buffer.length === 0 ? 0 : buffer.readInt32BE(0);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let offset = 4 + count * 4;
  for (let row = 0; row < count; row++) {
    const length = buffer.readInt32BE(4 + row * 4);
    starts[row] = offset;
    if (length >= 0) offset += length;
    ends[row] = length < 0 ? -1 : offset;
  }
  return { kind: 'bytes', buffer, starts, ends };
}

/** Decodes what `packed` made. `buffer` is null when there was no row. */
export function unpack(buffer: Buffer | null, type: 'int' | 'date'): PackedInts;
export function unpack(buffer: Buffer | null, type: 'number' | 'datetime' | 'fid'): PackedFloats;
export function unpack(buffer: Buffer | null, type: 'string'): PackedBytes;
export function unpack(buffer: Buffer | null, type: PackedType): PackedColumn;
export function unpack(buffer: Buffer | null, type: PackedType): PackedColumn {
  const bytes = buffer ?? Buffer.alloc(0);
  switch (type) {
    case 'int':
    case 'date': {
      const values = new Int32Array(bytes.length / 4);
      for (let i = 0; i < values.length; i++) values[i] = bytes.readInt32BE(i * 4);
      return { kind: 'int', values };
    }
    case 'number': {
      const values = new Float64Array(bytes.length / 8);
      for (let i = 0; i < values.length; i++) values[i] = bytes.readDoubleBE(i * 8);
      return { kind: 'float', values };
    }
    case 'fid':
    case 'datetime': {
      const values = new Float64Array(bytes.length / 8);
      for (let i = 0; i < values.length; i++) {
        const high = bytes.readInt32BE(i * 8);
        // The smallest int8 (no value, or minus infinity) is no time at all.
        values[i] = high === NO_INT ? NaN : high * 4_294_967_296 + bytes.readUInt32BE(i * 8 + 4);
      }
      return { kind: 'float', values };
    }
    case 'bool':
      return { kind: 'bool', values: Uint8Array.from(bytes) };
    case 'string':
      return unpackText(bytes);
  }
}
