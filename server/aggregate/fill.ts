import { setImmediate } from 'node:timers/promises';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import {
  CELL_KEY,
  columnChunk,
  LAT,
  LON,
  storedColumns,
  tablePages,
  type ChunkColumn,
} from '../queries/column-chunk.ts';
import { liveTable } from '../queries/layer-version.ts';
import { NO_INT, unpack } from '../queries/packed.ts';
import type { ColumnTable } from './column-table.ts';
import { openTable, shared, type SharedColumn, type SharedTable } from './shared-table.ts';
import { TextInterner } from './text-interner.ts';

/** Rows read in one statement: small enough that neither engine nor event loop is held up. */
const ROWS_PER_CHUNK = 40_000;

type Numbers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** An array that grows, of one numeric type. */
class Growing<T extends Int32Array | Uint32Array | Float64Array | Uint8Array> {
  array: T;
  length = 0;
  private readonly make: (size: number) => T;

  constructor(make: (size: number) => T, size: number) {
    this.make = make;
    this.array = make(size);
  }

  /** Makes room for `count` more values and returns where they start. */
  extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.array.length) {
      const larger = this.make(Math.max(this.length, Math.ceil(this.array.length * 1.5)));
      larger.set(this.array);
      this.array = larger;
    }
    return start;
  }
}

/** Takes the chunks of one column, and gives the column once all are there. */
interface Collector {
  add(buffer: Buffer | null): void;
  /** Values in the given order of rows, in the smallest type that holds them, in shared memory. */
  finish(order: Uint32Array): SharedColumn;
}

function gather<T extends Numbers>(source: Numbers, order: Uint32Array, target: T): T {
  for (let i = 0; i < order.length; i++) target[i] = source[order[i] as number] as number;
  return target;
}

function collectText(rows: number): Collector {
  const interner = new TextInterner();
  const codes = new Growing((size) => new Uint32Array(size), rows);
  return {
    add(buffer) {
      if (buffer === null) return;
      const { starts, ends } = unpack(buffer, 'string');
      const first = codes.extend(starts.length);
      const { array } = codes;
      for (let i = 0; i < starts.length; i++) {
        const end = ends[i] as number;
        array[first + i] = end < 0 ? 0 : interner.codeOf(buffer, starts[i] as number, end);
      }
    },
    finish(order) {
      const { texts, ends, rank } = interner.finish();
      const size = order.length;
      const type = ends.length < 0x100 ? Uint8Array : ends.length < 0x10000 ? Uint16Array : Uint32Array;
      const target = shared<Uint8Array | Uint16Array | Uint32Array>(type, size);
      for (let i = 0; i < size; i++) target[i] = rank[codes.array[order[i] as number] as number] as number;
      return { kind: 'text', codes: target, texts, ends };
    },
  };
}

function collectInts(rows: number, type: 'int' | 'date'): Collector {
  const values = new Growing((size) => new Int32Array(size), rows);
  return {
    add(buffer) {
      const chunk = unpack(buffer, type).values as Int32Array;
      const start = values.extend(chunk.length);
      values.array.set(chunk, start);
    },
    finish(order) {
      let low = 0;
      let high = 0;
      for (let i = 0; i < values.length; i++) {
        const value = values.array[i] as number;
        if (value === NO_INT) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      const size = order.length;
      const [target, none] =
        low > -128 && high < 128
          ? ([shared(Int8Array, size), -128] as const)
          : low > -32_768 && high < 32_768
            ? ([shared(Int16Array, size), -32_768] as const)
            : ([shared(Int32Array, size), NO_INT] as const);
      for (let i = 0; i < size; i++) {
        const value = values.array[order[i] as number] as number;
        target[i] = value === NO_INT ? none : value;
      }
      return { kind: 'int', values: target, none };
    },
  };
}

function collectFloats(rows: number, type: 'number' | 'datetime' | 'fid'): Collector & { values: () => Float64Array } {
  const values = new Growing((size) => new Float64Array(size), rows);
  return {
    add(buffer) {
      const chunk = unpack(buffer, type).values as Float64Array;
      const start = values.extend(chunk.length);
      values.array.set(chunk, start);
    },
    finish(order) {
      return { kind: 'float', values: gather(values.array, order, shared(Float64Array, order.length)) };
    },
    values: () => values.array.subarray(0, values.length),
  };
}

function collectBools(rows: number): Collector {
  const values = new Growing((size) => new Uint8Array(size), rows);
  return {
    add(buffer) {
      if (buffer === null) return;
      const start = values.extend(buffer.length);
      values.array.set(buffer, start);
    },
    finish(order) {
      return { kind: 'bool', values: gather(values.array, order, shared(Uint8Array, order.length)) };
    },
  };
}

function collectorFor(column: ChunkColumn, rows: number): Collector {
  switch (column.type) {
    case 'string':
      return collectText(rows);
    case 'int':
    case 'date':
      return collectInts(rows, column.type);
    case 'number':
    case 'datetime':
    case 'fid':
      return collectFloats(rows, column.type);
    case 'bool':
      return collectBools(rows);
  }
}

const RADIX_BITS = 11;
const RADIX = 1 << RADIX_BITS;
const LARGEST_KEY = 2 ** 43;

/** Row numbers in ascending order of their key, stable; rows with key -1 come last. Four passes over 11 bits each. */
export function sortByKey(keys: Float64Array): Uint32Array {
  let order = Uint32Array.from({ length: keys.length }, (_, row) => row);
  let next = new Uint32Array(keys.length);
  const digits = new Uint16Array(keys.length);
  for (let pass = 0; pass < 4; pass++) {
    const scale = 2 ** (pass * RADIX_BITS);
    const counts = new Uint32Array(RADIX + 1);
    for (let row = 0; row < keys.length; row++) {
      const key = keys[row] as number;
      const digit = Math.floor((key < 0 ? LARGEST_KEY : key) / scale) % RADIX;
      digits[row] = digit;
      counts[digit + 1] = (counts[digit + 1] as number) + 1;
    }
    for (let digit = 1; digit <= RADIX; digit++)
      counts[digit] = (counts[digit] as number) + (counts[digit - 1] as number);
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number;
      const digit = digits[row] as number;
      const place = counts[digit] as number;
      next[place] = row;
      counts[digit] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

/**
 * Reads a layer's columns from the table of a version into shared memory. Between two pieces of the work it waits for
 * `pace`. The caller makes sure that the table was not exchanged meanwhile.
 */
export async function readColumns(
  sql: Sql,
  layer: Layer,
  load: number,
  expectedRows: number,
  table = liveTable(layer.id),
  pace: () => Promise<void> = setImmediate,
): Promise<SharedTable> {
  const columns = storedColumns(layer);
  const collectors = columns.map((column) => collectorFor(column, expectedRows));
  const pages = await tablePages(sql, table);
  const step = Math.max(1, Math.floor((pages * ROWS_PER_CHUNK) / Math.max(1, expectedRows)));
  const chunk = (page: number) =>
    page < pages ? columnChunk(sql, table, columns, page, Math.min(pages, page + step)) : Promise.resolve([]);
  let next = chunk(0);
  for (let page = 0; page < pages; page += step) {
    const buffers = await next;
    // The database packs the next piece while this one is unpacked.
    next = chunk(page + step);
    // A failure is thrown where it is awaited.
    next.catch(() => {});
    buffers.forEach((buffer, index) => collectors[index]?.add(buffer));
    await pace();
  }

  const keyIndex = columns.findIndex((column) => column.name === CELL_KEY);
  const keys = (collectors[keyIndex] as ReturnType<typeof collectFloats>).values();
  const order = sortByKey(keys);
  await pace();
  let located = order.length;
  while (located > 0 && (keys[order[located - 1] as number] as number) < 0) located--;

  const cellLow = shared(Uint32Array, located);
  const highs = shared(Uint16Array, located);
  for (let i = 0; i < located; i++) {
    const key = keys[order[i] as number] as number;
    cellLow[i] = key % 4_294_967_296;
    highs[i] = Math.floor(key / 4_294_967_296);
  }
  const isUniform = highs[0] === highs.at(-1);

  const finished: Record<string, SharedColumn> = {};
  const place = new Map<string, Float64Array>();
  for (const [index, { name }] of columns.entries()) {
    if (name === CELL_KEY) continue;
    const isPlace = name === LON || name === LAT;
    const column = (collectors[index] as Collector).finish(isPlace ? order.subarray(0, located) : order);
    if (isPlace && column.kind === 'float') place.set(name, column.values);
    else finished[name] = column;
    await pace();
  }
  return {
    layer: layer.id,
    load,
    rows: order.length,
    located,
    cellLow,
    cellHigh: isUniform ? (highs[0] ?? 0) : highs,
    lon: place.get(LON) ?? shared(Float64Array, 0),
    lat: place.get(LAT) ?? shared(Float64Array, 0),
    columns: finished,
    fields: Object.keys(layer.fields).filter(
      (name) => layer.fields[name]?.filterable === true && finished[name] !== undefined,
    ),
  };
}

/** `readColumns` and `openTable` in one thread. */
export async function fillTable(
  sql: Sql,
  layer: Layer,
  load: number,
  expectedRows: number,
  table = liveTable(layer.id),
): Promise<ColumnTable> {
  return openTable(await readColumns(sql, layer, load, expectedRows, table));
}
