import type { Layer } from '../../layers/define.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { BinaryRows } from '../../server/db/copy-binary.ts';
import { isInOrder } from '../checks/date-order.ts';
import { ByteField } from '../checks/byte-field.ts';
import { decimalOf } from '../checks/byte-number.ts';
import type { TextTable } from '../formats/text-table.ts';
import { hashedFid } from '../link/key-hash.ts';
import type { KeySet } from '../link/key-set.ts';
import type { PlaceIndex, Position } from '../link/place-index.ts';
import { type CheckContext, isCoarse, type RowChecker } from './check.ts';
import { placePoint } from './place.ts';
import type { TableWriter } from './table-writer.ts';

/** A field that refers to keys of another layer. */
interface ByteReference {
  /** Index of the field. */
  index: number;
  keys: KeySet;
  /** Text found last: the next rows often have the same. */
  last: Slice;
}

/** A text that stands in bytes. */
interface Slice {
  bytes: Uint8Array;
  start: number;
  end: number;
}

const NOTHING: Readonly<Slice> = { bytes: new Uint8Array(0), start: 0, end: 0 };

/**
 * Takes rows of delimited text from the bytes of the file straight into those of COPY: no texts, no objects, and each byte
 * is looked at once or twice. It takes a row only when every value, key, link and place is certain to pass; any other row it
 * leaves untouched, and `RowChecker` then decides. Both share their keys, so that it does not matter who takes which row.
 */
export class FastLane {
  private readonly checker: RowChecker;
  private readonly table: TableWriter;
  private readonly context: CheckContext;
  private readonly places: PlaceIndex | null;
  /** By field; null for one that the file lacks. */
  private readonly fields: readonly (ByteField | null)[];
  /** Column of each field in a record. */
  private readonly columns: readonly number[];
  /** Fields in the order in which they are stored. */
  private readonly stored: readonly number[];
  private readonly references: readonly ByteReference[];
  private readonly uniques: readonly { index: number; keys: KeySet }[];
  private readonly position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  private readonly gridCodes: readonly Slice[];
  /** Key of the row by which the last one was placed, and whether it has a place. */
  private readonly link: Slice = { ...NOTHING };
  private isLinkFound = false;
  /** Feature id of the key added last. */
  private fid = 0;

  private constructor(
    layer: Layer,
    checker: RowChecker,
    table: TableWriter,
    places: PlaceIndex | null,
    fields: (ByteField | null)[],
  ) {
    const { context } = checker;
    const names = Object.keys(layer.fields);
    this.checker = checker;
    this.table = table;
    this.context = context;
    this.places = places;
    this.fields = fields;
    this.columns = checker.columns;
    this.stored = table.storedFields.map((name) => names.indexOf(name));
    this.references = checker.references.map(({ index, keys }) => ({ index, keys, last: { ...NOTHING } }));
    this.uniques = checker.uniques;
    this.gridCodes = checker.gridIndex >= 0 && context.mesh ? context.mesh.codes.map(sliceOf) : [];
  }

  /**
   * Null where rows of the layer cannot be certain without being read as texts: shapes, keys of free text, layers that
   * make up the hierarchy.
   */
  static of(layer: Layer, checker: RowChecker, table: TableWriter, places: PlaceIndex | null): FastLane | null {
    if (!isPointLike(layer) || checker.context.keyByLine || (checker.context.isDistrict && !checker.context.mesh))
      return null;
    const fields = Object.entries(layer.fields).map(([name, field], i) =>
      (checker.columns[i] as number) < 0
        ? null
        : ByteField.of(field, field.required === true || name === layer.key, checker.latest[i]),
    );
    if (fields.some((field, i) => field === null && (checker.columns[i] as number) >= 0)) return null;
    // What is hashed must be ASCII.
    const hashed = [checker.keyIndex, checker.placeIndex, ...checker.references.map(({ index }) => index)];
    hashed.push(...checker.uniques.map(({ index }) => index));
    const isHashable = hashed.every((index) => index < 0 || fields[index] === null || fields[index]?.isAscii);
    if (!isHashable || fields[checker.keyIndex] === null) return null;
    return new FastLane(layer, checker, table, places, fields);
  }

  /** True when the row was taken: it is in the table's buffer, and its keys are known. */
  take(text: TextTable, row: number): boolean {
    const first = text.records[row] as number;
    const { checker, table, columns, fields } = this;
    if ((text.records[row + 1] as number) - first !== checker.width) return false;
    const { bytes, starts, ends } = text;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i] as ByteField | null;
      if (field === null) continue;
      const at = first + (columns[i] as number);
      const start = starts[at] as number;
      const end = ends[at] as number;
      if (start === end ? field.isRequired : !field.read(bytes, start, end)) return false;
    }
    if (!this.isInOrder(text, first)) return false;
    const position = this.placeOf(text, first);
    if (position === undefined || !this.isLinked(text, first, position)) return false;
    const key = first + (columns[checker.keyIndex] as number);
    const keyStart = starts[key] as number;
    const keyEnd = ends[key] as number;
    const number = this.addKeys(text, first, keyStart, keyEnd);
    if (number < 0) return false;
    const rows = table.startRow(this.fid, text.lines[row] as number, position);
    rows.utf8Text(bytes, keyStart, keyEnd);
    table.writePlace(rows);
    const { linker } = this.context;
    if (linker) linker.follow(this.textOf(text, first, linker.addressIndex));
    this.writeFields(rows, text, first);
    table.endRow(position);
    this.places?.set(number, position);
    this.note(text, first, position);
    return true;
  }

  /** What is counted of a row that was taken. */
  private note(text: TextTable, first: number, position: Position | null): void {
    const { checker, columns } = this;
    if (position === null && checker.placeIndex >= 0) {
      const at = first + (columns[checker.placeIndex] as number);
      const isEmpty = (columns[checker.placeIndex] as number) < 0 || text.starts[at] === text.ends[at];
      checker.unlinked[isEmpty ? 'empty' : 'dead'] += 1;
    }
    const field = checker.timestampIndex < 0 ? null : this.fields[checker.timestampIndex];
    if (!field) return;
    const at = first + (columns[checker.timestampIndex] as number);
    if (text.starts[at] !== text.ends[at] && field.value > checker.newest) checker.newest = field.value;
  }

  private isInOrder(text: TextTable, record: number): boolean {
    for (const pair of this.checker.orders) {
      const { first, second } = pair;
      const [a, b] = [this.fields[first], this.fields[second]];
      if (!a || !b) continue;
      const at = record + (this.columns[first] as number);
      const to = record + (this.columns[second] as number);
      if (text.starts[at] === text.ends[at] || text.starts[to] === text.ends[to]) continue;
      if (!isInOrder(pair, a.value, b.value)) return false;
    }
    return true;
  }

  private textOf(text: TextTable, record: number, index: number): string | null {
    const at = record + (this.columns[index] as number);
    const [start, end] = [text.starts[at] as number, text.ends[at] as number];
    if (this.fields[index] === null || start === end) return null;
    return Buffer.from(text.bytes.buffer, text.bytes.byteOffset + start, end - start).toString('utf8');
  }

  private writeFields(rows: BinaryRows, text: TextTable, first: number): void {
    const { stored, fields, columns } = this;
    for (let k = 0; k < stored.length; k += 1) {
      const i = stored[k] as number;
      const field = fields[i] as ByteField | null;
      const at = first + (columns[i] as number);
      const start = field === null ? 0 : (text.starts[at] as number);
      const end = field === null ? 0 : (text.ends[at] as number);
      const derived = field === null ? (this.context.linker?.valueOf(i) ?? null) : null;
      if (derived !== null) rows.text(derived);
      else if (start === end) rows.null();
      else (field as ByteField).write(rows, text.bytes, start, end);
    }
  }

  /** Where the row lies; null when it has no place, undefined when that is not certain. */
  private placeOf(text: TextTable, first: number): Position | null | undefined {
    const { checker, context, position } = this;
    const { bytes, starts, ends } = text;
    if (checker.xColumn >= 0) {
      const x = first + checker.xColumn;
      const y = first + checker.yColumn;
      const isEmptyX = starts[x] === ends[x];
      const isEmptyY = starts[y] === ends[y];
      if (!isEmptyX && !isEmptyY) {
        const rawX = decimalOf(bytes, starts[x] as number, ends[x] as number);
        const rawY = decimalOf(bytes, starts[y] as number, ends[y] as number);
        if (!(rawX === rawX && rawY === rawY)) return undefined;
        if (context.isDistrict && isCoarse(rawX, rawY)) return undefined;
        this.link.end = this.link.start;
        const [lon, lat] = context.transform(rawX, rawY);
        return placePoint(lon, lat, position, context.mesh, context.isDistrict) ? position : undefined;
      }
      if (!isEmptyX || !isEmptyY) return undefined;
    }
    if (checker.placeIndex < 0 || !context.places) return this.unlocated();
    const column = this.columns[checker.placeIndex] as number;
    if (column < 0) return this.unlocated();
    const start = starts[first + column] as number;
    const end = ends[first + column] as number;
    if (start === end) return this.unlocated();
    if (!isSame(this.link, bytes, start, end)) {
      keep(this.link, bytes, start, end);
      this.isLinkFound = context.places.findAscii(bytes, start, end, position);
    }
    return this.isLinkFound ? position : this.unlocated();
  }

  /** A row without a place is stored as such, but for its codes, where it states them itself. */
  private unlocated(): null | undefined {
    return this.table.isPlaceOfRow ? undefined : null;
  }

  private isLinked(text: TextTable, first: number, position: Position | null): boolean {
    const { bytes, starts, ends } = text;
    for (const reference of this.references) {
      const column = this.columns[reference.index] as number;
      if (column < 0) continue;
      const start = starts[first + column] as number;
      const end = ends[first + column] as number;
      if (start === end || isSame(reference.last, bytes, start, end)) continue;
      if (reference.keys.indexOfAscii(bytes, start, end) < 0) return false;
      keep(reference.last, bytes, start, end);
    }
    if (position === null || this.gridCodes.length === 0) return true;
    const column = this.columns[this.checker.gridIndex] as number;
    if (column < 0) return true;
    const start = starts[first + column] as number;
    const end = ends[first + column] as number;
    return start === end || (position.cell >= 0 && isSame(this.gridCodes[position.cell] as Slice, bytes, start, end));
  }

  /** Number of the row's key, or -1 with nothing added when a key or unique value is not new. */
  private addKeys(text: TextTable, first: number, start: number, end: number): number {
    const { keys } = this.checker;
    const number = keys.addAscii(text.bytes, start, end);
    if (number < 0) return -1;
    if (keys.collided) {
      keys.undo();
      return -1;
    }
    this.fid = hashedFid();
    const { uniques } = this;
    for (let i = 0; i < uniques.length; i += 1) {
      const { index, keys: values } = uniques[i] as { index: number; keys: KeySet };
      const column = this.columns[index] as number;
      if (column < 0) continue;
      const from = text.starts[first + column] as number;
      const to = text.ends[first + column] as number;
      if (from === to || values.addAscii(text.bytes, from, to) >= 0) continue;
      keys.undo();
      for (let k = 0; k < i; k += 1) {
        const earlier = uniques[k] as { index: number; keys: KeySet };
        const at = first + (this.columns[earlier.index] as number);
        if (text.starts[at] !== text.ends[at]) earlier.keys.undo();
      }
      return -1;
    }
    return number;
  }
}

function isSame(text: Slice, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (text.end - text.start !== length) return false;
  const { bytes: known, start: from } = text;
  // From the end: codes of neighbours differ there.
  for (let i = length - 1; i >= 0; i -= 1) if (known[from + i] !== bytes[start + i]) return false;
  return true;
}

function keep(text: Slice, bytes: Uint8Array, start: number, end: number): void {
  text.bytes = bytes;
  text.start = start;
  text.end = end;
}

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length };
}
