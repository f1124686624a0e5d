import type { Layer } from '../../layers/define.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { ByteField } from '../checks/byte-field.ts';
import { decimalOf } from '../checks/byte-number.ts';
import { type DatePair, datePairs, isInOrder } from '../checks/date-order.ts';
import { isCoarse } from '../checks/coarse.ts';
import { toWgs84, type ToWgs84 } from '../crs/transform.ts';
import { Spares } from '../formats/spares.ts';
import type { TextTable } from '../formats/text-table.ts';
import { hashAscii, keyHash } from '../link/key-hash.ts';
import type { Position } from '../link/place-index.ts';
import { type GridMesh, type MeshParts, restoreMesh } from '../../server/db/mesh.ts';
import type { CrsSource } from './detect.ts';
import { placePoint } from './place.ts';

/** What a thread must know to encode the rows of a file: plain data. */
export interface RowPlan {
  layer: Layer;
  /** Column of each field in a record, or -1. */
  columns: readonly number[];
  /** Fields in a record. */
  width: number;
  /** Latest day or instant of each field, as it is stored. */
  latest: readonly number[];
  /** Columns of the coordinates, or -1. */
  x: number;
  y: number;
  isDistrict: boolean;
  /** Columns that are copied into the table: the first number of every row. */
  copied: number;
  /** Fields in the order in which they are stored. */
  stored: readonly number[];
  /** Fields that are looked up: first the key, then whatever is unique or refers to something. */
  hashed: readonly number[];
  /** Field with the timestamp of the row, or -1. */
  timestamp: number;
  /** What the coordinates are in, and the micro-grids, null where rows are in none. */
  crs: CrsSource;
  mesh: MeshParts | null;
}

/** What the plan says of places, made ready. */
export interface PlaceFinder {
  transform: ToWgs84;
  mesh: GridMesh | null;
}

/** The rows of a piece of text, as far as each can be judged by itself. One number or stretch for each record. */
export interface EncodedRows {
  /** 1 where every value is certain to pass; the others are not encoded. */
  sure: Uint8Array;
  /** Rows in the form of COPY, from the number of columns to the last of `stored`. */
  bytes: Uint8Array;
  /** Byte of `bytes` behind the row; it begins where the one before ends. */
  ends: Uint32Array;
  /** Three words for each of `hashed`; all 0 where there is no value. */
  hashes: Uint32Array;
  /**
   * Longitude, latitude and the two halves of the H3 cell of each record; NaN where it states no place. Empty when the layer
   * has no coordinates.
   */
  places: Float64Array;
  /** Micro-grids of these. */
  cells: Int32Array;
  /** Timestamps as they are stored, NaN for none. Empty when the layer has no timestamp. */
  times: Float64Array;
}

/** Words of a hash. */
export const HASH = 3;

/**
 * Reads, checks and encodes rows of delimited text from its bytes: no texts, no objects, and each byte is looked at once or
 * twice. It needs to know nothing of other rows or layers, so it works in any thread. A row that is not certain to pass
 * as it stands is left to others.
 */
export class RowEncoder {
  private readonly plan: RowPlan;
  /** By field; null for one that the file lacks. */
  private readonly fields: readonly (ByteField | null)[];
  /** Fields that the file has, and their columns. */
  private readonly present: readonly { field: ByteField; column: number }[];
  private readonly orders: readonly DatePair[];
  private readonly keyColumn: number;
  private readonly finder: PlaceFinder;
  private readonly position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  /** Bytes that rows of a piece took for each byte of text, of those so far. */
  private growth = 2;

  private constructor(plan: RowPlan, fields: readonly (ByteField | null)[], finder: PlaceFinder) {
    this.plan = plan;
    this.finder = finder;
    this.fields = fields;
    this.present = fields.flatMap((field, i) => (field ? [{ field, column: plan.columns[i] as number }] : []));
    this.orders = datePairs(plan.layer).filter(({ first, second }) => fields[first] && fields[second]);
    this.keyColumn = plan.columns[plan.hashed[0] as number] as number;
  }

  /** Null for a layer with values that are never certain without being read as texts, or keys that are not ASCII. */
  static of(plan: RowPlan, finder: PlaceFinder = finderOf(plan)): RowEncoder | null {
    const { layer, columns, hashed, latest } = plan;
    const fields = Object.entries(layer.fields).map(([name, field], i) =>
      (columns[i] as number) < 0
        ? null
        : ByteField.of(field, field.required === true || name === layer.key, latest[i] as number),
    );
    if (fields.some((field, i) => field === null && (columns[i] as number) >= 0)) return null;
    if (hashed.some((index) => fields[index]?.isAscii === false) || !fields[hashed[0] as number]) return null;
    return new RowEncoder(plan, fields, finder);
  }

  /** @param memory for what is made */
  encode(text: TextTable, memory: Spares = new Spares()): EncodedRows {
    const { plan } = this;
    const { hashed, x, timestamp } = plan;
    const count = text.lines.length;
    const words = hashed.length * HASH;
    const rows = new BinaryRows(memory.take(Math.max(1024, Math.ceil(text.bytes.length * this.growth))));
    const placed = x >= 0 ? count : 0;
    const timed = timestamp >= 0 ? count : 0;
    const sure = new Uint8Array(memory.take(count), 0, count).fill(0);
    const ends = memory.words(count);
    const hashes = memory.words(count * words).fill(0);
    const places = new Float64Array(memory.take(placed * 32), 0, placed * 4).fill(0);
    const cells = new Int32Array(memory.take(placed * 4), 0, placed).fill(0);
    const times = new Float64Array(memory.take(timed * 8), 0, timed).fill(0);
    for (let row = 0; row < count; row += 1) {
      const first = text.records[row] as number;
      if (
        (text.records[row + 1] as number) - first === plan.width &&
        this.areSure(text, first) &&
        (x < 0 || this.readPlace(text, first, places, cells, row))
      ) {
        sure[row] = 1;
        if (timestamp >= 0) times[row] = this.timeOf(text, first);
        this.hash(text, first, hashes, row * words);
        this.write(rows, text, row, first, hashes, row * words);
      }
      ends[row] = rows.size;
    }
    this.growth = Math.max(1, (rows.size / text.bytes.length) * 1.05);
    return { sure, bytes: rows.peek(), ends, hashes, places, cells, times };
  }

  private areSure(text: TextTable, first: number): boolean {
    const { present } = this;
    const { bytes, starts, ends } = text;
    for (let i = 0; i < present.length; i += 1) {
      const { field, column } = present[i] as { field: ByteField; column: number };
      const start = starts[first + column] as number;
      const end = ends[first + column] as number;
      if (start === end ? field.isRequired : !field.read(bytes, start, end)) return false;
    }
    return this.orders.length === 0 || this.areInOrder(text, first);
  }

  private areInOrder({ starts, ends }: TextTable, record: number): boolean {
    const { columns } = this.plan;
    for (const pair of this.orders) {
      const at = record + (columns[pair.first] as number);
      const to = record + (columns[pair.second] as number);
      if (starts[at] === ends[at] || starts[to] === ends[to]) continue;
      const [a, b] = [this.fields[pair.first] as ByteField, this.fields[pair.second] as ByteField];
      if (!isInOrder(pair, a.value, b.value)) return false;
    }
    return true;
  }

  /** False where the numbers are not certain to be a place. */
  private readPlace(text: TextTable, first: number, places: Float64Array, cells: Int32Array, row: number): boolean {
    const { bytes, starts, ends } = text;
    const { plan, finder, position } = this;
    const x = first + plan.x;
    const y = first + plan.y;
    places[row * 4] = Number.NaN;
    const isEmptyX = starts[x] === ends[x];
    const isEmptyY = starts[y] === ends[y];
    if (isEmptyX || isEmptyY) return isEmptyX && isEmptyY;
    const rawX = decimalOf(bytes, starts[x] as number, ends[x] as number);
    const rawY = decimalOf(bytes, starts[y] as number, ends[y] as number);
    if (!(rawX === rawX && rawY === rawY) || (plan.isDistrict && isCoarse(rawX, rawY))) return false;
    const [lon, lat] = finder.transform(rawX, rawY);
    if (!placePoint(lon, lat, position, finder.mesh, plan.isDistrict)) return false;
    places[row * 4] = lon;
    places[row * 4 + 1] = lat;
    places[row * 4 + 2] = position.h3High;
    places[row * 4 + 3] = position.h3Low;
    cells[row] = position.cell;
    return true;
  }

  private timeOf({ starts, ends }: TextTable, first: number): number {
    const { columns, timestamp } = this.plan;
    const field = this.fields[timestamp];
    const at = first + (columns[timestamp] as number);
    return !field || starts[at] === ends[at] ? Number.NaN : field.value;
  }

  private hash({ bytes, starts, ends }: TextTable, first: number, hashes: Uint32Array, at: number): void {
    const { hashed, columns } = this.plan;
    for (let i = 0; i < hashed.length; i += 1) {
      const column = columns[hashed[i] as number] as number;
      if (column < 0) continue;
      const start = starts[first + column] as number;
      const end = ends[first + column] as number;
      if (start === end) continue;
      hashAscii(bytes, start, end);
      hashes[at + i * HASH] = keyHash.a;
      hashes[at + i * HASH + 1] = keyHash.b;
      hashes[at + i * HASH + 2] = keyHash.c;
    }
  }

  private write(
    rows: BinaryRows,
    text: TextTable,
    row: number,
    first: number,
    hashes: Uint32Array,
    hash: number,
  ): void {
    const { copied, stored, columns } = this.plan;
    const { bytes, starts, ends } = text;
    rows.startRow(copied);
    // The feature id, as `hashedFid` makes it of the key.
    const [high, low] = [(hashes[hash] as number) & 0xfffff, hashes[hash + 1] as number];
    rows.int8Parts(high, high === 0 && low === 0 ? 1 : low);
    rows.int4(text.lines[row] as number);
    rows.utf8Text(bytes, starts[first + this.keyColumn] as number, ends[first + this.keyColumn] as number);
    for (let k = 0; k < stored.length; k += 1) {
      const i = stored[k] as number;
      const field = this.fields[i];
      const at = first + (columns[i] as number);
      if (!field || starts[at] === ends[at]) rows.null();
      else field.write(rows, bytes, starts[at] as number, ends[at] as number);
    }
  }
}

function finderOf({ crs, mesh }: RowPlan): PlaceFinder {
  return { transform: toWgs84(crs.crs, crs.definition), mesh: mesh && restoreMesh(mesh) };
}
