import type { PackedColumn } from '../queries/packed.ts';

/** Numbers of some rows, in the order of `rows`, written into `to`. A loop: `from` with a function takes ten times as long. */
export function pickNumbers<T extends Int32Array | Float64Array | Uint8Array>(
  from: ArrayLike<number>,
  rows: Int32Array,
  to: T,
): T {
  for (let i = 0; i < rows.length; i += 1) to[i] = from[rows[i] as number] as number;
  return to;
}

/** The values of some rows of a column, in the order of `rows`. Texts stay where they lie. */
export function pickRows(column: PackedColumn, rows: Int32Array): PackedColumn {
  const { length } = rows;
  switch (column.kind) {
    case 'int':
      return { kind: 'int', values: pickNumbers(column.values, rows, new Int32Array(length)) };
    case 'float':
      return { kind: 'float', values: pickNumbers(column.values, rows, new Float64Array(length)) };
    case 'bool':
      return { kind: 'bool', values: pickNumbers(column.values, rows, new Uint8Array(length)) };
    case 'bytes':
      return {
        kind: 'bytes',
        buffer: column.buffer,
        starts: pickNumbers(column.starts, rows, new Int32Array(length)),
        ends: pickNumbers(column.ends, rows, new Int32Array(length)),
      };
  }
}
