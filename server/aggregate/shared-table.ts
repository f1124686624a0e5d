import { setImmediate } from 'node:timers/promises';
import type { BoolColumn, Column, ColumnTable, FloatColumn, IntColumn } from './column-table.ts';

/**
 * A `ColumnTable` that can be handed to another thread without a copy, and written to a file as it is: every array lies
 * in shared memory, and the texts of a dictionary are bytes.
 */
export interface SharedTable {
  layer: string;
  load: number;
  rows: number;
  located: number;
  cellLow: Uint32Array;
  cellHigh: Uint16Array | number;
  lon: Float64Array;
  lat: Float64Array;
  /** The codes of the cells (`grid_code` …) and the filterable fields, by name. */
  columns: Record<string, SharedColumn>;
  /** Names of the columns that are fields. */
  fields: string[];
}

export interface SharedTextColumn {
  kind: 'text';
  codes: Uint8Array | Uint16Array | Uint32Array;
  /** The texts from code 1 on, UTF-8, one after the other, and where each ends. */
  texts: Uint8Array;
  ends: Uint32Array;
}

export type SharedColumn = SharedTextColumn | IntColumn | FloatColumn | BoolColumn;

interface ArrayType<T> {
  new (buffer: SharedArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** An array of `length` in shared memory. */
export function shared<T>(type: ArrayType<T>, length: number): T {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT));
}

/** Texts that are made in one go: the event loop turns between them. */
const TEXTS_AT_ONCE = 20_000;

async function dictionaryOf({ texts, ends }: SharedTextColumn): Promise<string[]> {
  const dictionary = [''];
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
  let start = 0;
  for (const [index, end] of ends.entries()) {
    dictionary.push(bytes.toString('utf8', start, end));
    start = end;
    if (index % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) await setImmediate();
  }
  return dictionary;
}

/** The table for counting. Its arrays are those of `from`. */
export async function openTable(from: SharedTable): Promise<ColumnTable> {
  const { cellLow, cellHigh, lon, lat } = from;
  let bytes = cellLow.byteLength + lon.byteLength + lat.byteLength;
  if (typeof cellHigh !== 'number') bytes += cellHigh.byteLength;
  const columns = new Map<string, Column>();
  for (const [name, column] of Object.entries(from.columns)) {
    if (column.kind !== 'text') {
      columns.set(name, column);
      bytes += column.values.byteLength;
      continue;
    }
    const dictionary = await dictionaryOf(column);
    columns.set(name, { kind: 'text', codes: column.codes, dictionary });
    bytes += column.codes.byteLength;
    // A string costs about 32 bytes and one or two per character.
    for (const text of dictionary) bytes += 32 + text.length * 2;
  }
  const cell = (name: string) => {
    const column = columns.get(name);
    if (column?.kind !== 'text') throw new Error(`${from.layer} has no column ${name}`);
    return column;
  };
  return {
    layer: from.layer,
    load: from.load,
    rows: from.rows,
    located: from.located,
    cellLow,
    cellHigh,
    lon,
    lat,
    cells: { grid: cell('grid_code'), community: cell('community_code'), town: cell('town_code') },
    fields: new Map(from.fields.map((name) => [name, columns.get(name) as Column])),
    bytes,
  };
}
