import type { ShownGroups } from './withhold.ts';

/**
 * Columns as bytes, a fraction of JSON to send and nothing to parse: `OMAGG1\n\0`, the length of the header (uint32), the
 * header (JSON in UTF-8, blanks behind it), and the columns the header names, each from a position divisible by eight.
 * Little-endian. `docs/api.md` describes it to clients.
 */
const MAGIC = 'OMAGG1\n\0';
const START = MAGIC.length + 4;

export const COLUMNS_TYPE = 'application/vnd.onemap.columns';

type Column = Int32Array | Uint32Array | Float64Array;

function roundUp(size: number): number {
  return Math.ceil(size / 8) * 8;
}

/** `header` goes before the list of columns: name, type, length and the position after the header. */
export function encodeColumns(
  header: Readonly<Record<string, unknown>>,
  columns: Readonly<Record<string, Column>>,
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const described = Object.entries(columns).map(([name, column]) => {
    const type = column.constructor.name.replace('Array', '').toLowerCase();
    const position = offset;
    offset = roundUp(offset + column.byteLength);
    return { name, type, offset: position, length: column.length };
  });
  const json = Buffer.from(JSON.stringify({ ...header, columns: described }));
  const first = roundUp(START + json.length);
  const bytes = Buffer.alloc(first + offset, 0);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(first - START, MAGIC.length);
  bytes.fill(' ', START, first);
  json.copy(bytes, START);
  described.forEach(({ name, offset: position }) => {
    const { buffer, byteOffset, byteLength } = columns[name] as Column;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), first + position);
  });
  return bytes;
}

/** Counts with -1 for what is withheld. */
export function countColumn(counts: ShownGroups['counts']): Int32Array {
  return Int32Array.from(counts, (count) => count ?? -1);
}

/** Values with NaN for what is withheld or has none. */
export function valueColumn(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

/** H3 ids as their upper and lower 32 bits. */
export function cellColumns(names: readonly string[]): { high: Uint32Array; low: Uint32Array } {
  return {
    high: Uint32Array.from(names, (name) => Number.parseInt(name.slice(0, -8), 16)),
    low: Uint32Array.from(names, (name) => Number.parseInt(name.slice(-8), 16)),
  };
}
