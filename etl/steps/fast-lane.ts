import type { Layer } from '../../layers/define.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { TextTable } from '../formats/text-table.ts';
import type { AddressLesson } from '../link/address/address-lesson.ts';
import type { AddressLinker } from '../link/address/address-linker.ts';
import { hashKey, keyHash } from '../link/key-hash.ts';
import type { KeySet } from '../link/key-set.ts';
import type { PlaceIndex, Position } from '../link/place-index.ts';
import type { Value } from '../checks/field-reader.ts';
import type { CheckContext, RowChecker } from './check.ts';
import { type EncodedRows, HASH, RowEncoder, type RowPlan } from './row-encoder.ts';
import type { TableWriter } from './table-writer.ts';

/** A field whose value is looked up by its hash. */
interface Lookup {
  /** First word of its hash among those of a row. */
  word: number;
  keys: KeySet;
}

/** A field that refers to keys of another layer, and the hash found last: the next rows often have the same. */
interface Reference extends Lookup {
  last: Hash;
}

interface Hash {
  a: number;
  b: number;
  c: number;
}

/** Rows whose keys are made ready at once: their slots stay in the nearest memory of the processor until they are used. */
const TOUCHED = 128;

const NOTHING: Readonly<Hash> = { a: 0, b: 0, c: 0 };

/**
 * Takes rows of delimited text that were encoded from the bytes of the file into the table, if all that others must know passes
 * too: key, unique values, links, place. Any other row it leaves untouched, and `RowChecker` then decides. Both share
 * their keys, so that it does not matter who takes which row.
 */
export class FastLane {
  /** For another thread that is to encode the rows; null where only this one can. */
  readonly plan: RowPlan | null;
  private readonly hashed: readonly number[];
  private readonly encoder: RowEncoder;
  private readonly checker: RowChecker;
  private readonly table: TableWriter;
  private readonly context: CheckContext;
  private readonly places: PlaceIndex | null;
  private readonly lesson: AddressLesson | null;
  private readonly words: number;
  private readonly references: readonly Reference[];
  private readonly uniques: readonly Lookup[];
  private readonly position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  /** Words of the hashes of the link by which rows are placed, and of the grid cell they state; -1 for none. */
  private readonly linkWord: number;
  private readonly gridWord: number;
  private readonly gridHashes: readonly Hash[];
  private readonly addressColumn: number;
  private readonly derived: Value[] | null;
  /** Key of the row by which the last one was placed, and whether it has a place. */
  private readonly link: Hash = { ...NOTHING };
  private isLinkFound = false;
  /** What was seen when slots were touched: kept, so that looking at them is not left out. */
  private touched = 0;

  private constructor(
    plan: RowPlan,
    encoder: RowEncoder,
    checker: RowChecker,
    table: TableWriter,
    places: PlaceIndex | null,
    lesson: AddressLesson | null,
  ) {
    const { context } = checker;
    this.lesson = lesson;
    this.plan = context.crs ? plan : null;
    this.hashed = plan.hashed;
    this.encoder = encoder;
    this.checker = checker;
    this.table = table;
    this.context = context;
    this.places = places;
    this.words = plan.hashed.length * HASH;
    const wordOf = (index: number): number => plan.hashed.indexOf(index) * HASH;
    const isThere = ({ index }: { index: number }): boolean => (plan.columns[index] as number) >= 0;
    this.references = checker.references
      .filter(isThere)
      .map(({ index, keys }) => ({ word: wordOf(index), keys, last: { ...NOTHING } }));
    this.uniques = checker.uniques.filter(isThere).map(({ index, keys }) => ({ word: wordOf(index), keys }));
    this.linkWord = checker.placeIndex >= 0 && context.places ? wordOf(checker.placeIndex) : -1;
    this.gridHashes = checker.gridIndex >= 0 && context.mesh ? context.mesh.codes.map(hashOf) : [];
    this.gridWord = this.gridHashes.length > 0 ? wordOf(checker.gridIndex) : -1;
    this.addressColumn = context.linker ? (plan.columns[context.linker.addressIndex] as number) : -1;
    const hasDerived = Object.values(plan.layer.fields).some((field) => field.derived !== undefined);
    this.derived = hasDerived ? plan.columns.map(() => null) : null;
  }

  /**
   * Null where rows of the layer cannot be certain without being read as texts: shapes, keys of free text, layers that
   * make up the hierarchy.
   */
  static of(
    layer: Layer,
    checker: RowChecker,
    table: TableWriter,
    places: PlaceIndex | null,
    lesson: AddressLesson | null = null,
  ): FastLane | null {
    const { context, columns } = checker;
    if (!isPointLike(layer) || context.keyByLine || (context.isDistrict && !context.mesh)) return null;
    const names = Object.keys(layer.fields);
    const lookups = [checker.placeIndex, checker.gridIndex, ...checker.references.map(({ index }) => index)];
    lookups.push(...checker.uniques.map(({ index }) => index));
    const plan: RowPlan = {
      layer,
      columns,
      width: checker.width,
      latest: checker.latest,
      x: checker.xColumn,
      y: checker.yColumn,
      isDistrict: context.isDistrict,
      copied: table.columns.length,
      stored: table.storedFields.map((name) => names.indexOf(name)),
      hashed: [...new Set([checker.keyIndex, ...lookups.filter((index) => index >= 0)])],
      timestamp: checker.timestampIndex,
      crs: context.crs ?? { crs: '' },
      mesh: checker.xColumn >= 0 && context.mesh ? context.mesh.parts : null,
    };
    const encoder = RowEncoder.of(plan, context);
    return encoder && new FastLane(plan, encoder, checker, table, places, lesson);
  }

  /** What another thread would have made of a piece of text. */
  encode(text: TextTable): EncodedRows {
    return this.encoder.encode(text);
  }

  /** True when the row was taken: it is in the table's buffer, and its keys are known. */
  take(rows: EncodedRows, text: TextTable, row: number): boolean {
    const word = row * this.words;
    if (row % TOUCHED === 0) this.touch(rows.hashes, word);
    if (rows.sure[row] === 0) return false;
    const { table, context, derived } = this;
    const position = this.placeOf(rows, row, word);
    if (position === undefined || !this.isLinked(rows, word, position)) return false;
    const number = this.addKeys(rows.hashes, word);
    if (number < 0) return false;
    const { linker } = context;
    if (linker && derived) {
      this.follow(linker, text, row);
      if (linker.buildingIndex >= 0) derived[linker.buildingIndex] = linker.building;
      if (linker.precisionIndex >= 0) derived[linker.precisionIndex] = linker.precision;
    }
    table.addEncoded(
      rows.bytes,
      row === 0 ? 0 : (rows.ends[row - 1] as number),
      rows.ends[row] as number,
      position,
      derived,
    );
    this.places?.set(number, position);
    if (this.lesson && position) this.learn(this.lesson, text, row, position);
    this.note(rows, row, word, position);
    return true;
  }

  /** Makes ready what the next rows will look for. */
  private touch(hashes: Uint32Array, word: number): void {
    const { words, checker, uniques, references, linkWord, context } = this;
    const to = Math.min(hashes.length, word + TOUCHED * words);
    this.touched |= checker.keys.touch(hashes, word, to, words);
    for (const { keys, word: at } of [...uniques, ...references]) {
      this.touched |= keys.touch(hashes, word + at, to, words);
    }
    if (linkWord >= 0 && context.places) {
      this.touched |= context.places.keys.touch(hashes, word + linkWord, to, words);
    }
  }

  /** What is counted of a row that was taken. */
  private note(rows: EncodedRows, row: number, word: number, position: Position | null): void {
    const { checker } = this;
    if (position === null && checker.placeIndex >= 0) {
      const at = word + this.hashed.indexOf(checker.placeIndex) * HASH;
      checker.unlinked[isNothing(rows.hashes, at) ? 'empty' : 'dead'] += 1;
    }
    if (rows.times.length > 0 && (rows.times[row] as number) > checker.newest) {
      checker.newest = rows.times[row] as number;
    }
  }

  private follow(linker: AddressLinker, { bytes, records, starts, ends }: TextTable, row: number): void {
    if (this.addressColumn < 0) return linker.follow(null);
    const at = (records[row] as number) + this.addressColumn;
    linker.followIn(bytes, starts[at] as number, ends[at] as number);
  }

  /** Notes what the row teaches of addresses. */
  private learn(lesson: AddressLesson, text: TextTable, row: number, { lon, lat }: Position): void {
    const { columns } = this.checker;
    const address = valueIn(text, row, columns[lesson.addressIndex] ?? -1);
    lesson.addIn(text.bytes, address, valueIn(text, row, columns[lesson.buildingIndex] ?? -1), lon, lat);
  }

  /** Where the row lies; null when it has no place, undefined when that is not certain. */
  private placeOf({ places, cells, hashes }: EncodedRows, row: number, word: number): Position | null | undefined {
    const { context, position, linkWord, link } = this;
    if (places.length > 0) {
      const lon = places[row * 4] as number;
      if (lon === lon) {
        link.a = link.b = link.c = 0;
        position.lon = lon;
        position.lat = places[row * 4 + 1] as number;
        position.h3High = places[row * 4 + 2] as number;
        position.h3Low = places[row * 4 + 3] as number;
        position.cell = cells[row] as number;
        return position;
      }
    }
    if (linkWord < 0 || !context.places || isNothing(hashes, word + linkWord)) return this.unlocated();
    if (!isSame(link, hashes, word + linkWord)) {
      keep(link, hashes, word + linkWord);
      this.isLinkFound = context.places.findHash(link.a, link.b, link.c, position);
    }
    return this.isLinkFound ? position : this.unlocated();
  }

  /** A row without a place is stored as such, but for its codes, where it states them itself. */
  private unlocated(): null | undefined {
    return this.table.isPlaceOfRow ? undefined : null;
  }

  private isLinked({ hashes }: EncodedRows, word: number, position: Position | null): boolean {
    const { references, gridWord } = this;
    for (let i = 0; i < references.length; i += 1) {
      const reference = references[i] as Reference;
      const at = word + reference.word;
      if (isNothing(hashes, at) || isSame(reference.last, hashes, at)) continue;
      if (reference.keys.indexOfHash(hashes[at] as number, hashes[at + 1] as number, hashes[at + 2] as number) < 0)
        return false;
      keep(reference.last, hashes, at);
    }
    if (position === null || gridWord < 0 || isNothing(hashes, word + gridWord)) return true;
    return position.cell >= 0 && isSame(this.gridHashes[position.cell] as Hash, hashes, word + gridWord);
  }

  /** Number of the row's key, or -1 with nothing added when a key or unique value is not new. */
  private addKeys(hashes: Uint32Array, word: number): number {
    const { keys } = this.checker;
    const number = keys.addHash(hashes[word] as number, hashes[word + 1] as number, hashes[word + 2] as number);
    if (number < 0) return -1;
    if (keys.collided) {
      keys.undo();
      return -1;
    }
    const { uniques } = this;
    for (let i = 0; i < uniques.length; i += 1) {
      const unique = uniques[i] as Lookup;
      const at = word + unique.word;
      if (isNothing(hashes, at)) continue;
      if (unique.keys.addHash(hashes[at] as number, hashes[at + 1] as number, hashes[at + 2] as number) >= 0) continue;
      keys.undo();
      for (const earlier of uniques.slice(0, i)) if (!isNothing(hashes, word + earlier.word)) earlier.keys.undo();
      return -1;
    }
    return number;
  }
}

/** First byte of a value, and the byte after its last; the same where there is none. */
function valueIn({ records, starts, ends }: TextTable, row: number, column: number): [number, number] {
  if (column < 0) return [0, 0];
  const at = (records[row] as number) + column;
  return [starts[at] as number, ends[at] as number];
}

function isNothing(hashes: Uint32Array, at: number): boolean {
  return hashes[at] === 0 && hashes[at + 1] === 0 && hashes[at + 2] === 0;
}

function isSame(hash: Readonly<Hash>, hashes: Uint32Array, at: number): boolean {
  return hash.b === hashes[at + 1] && hash.a === hashes[at] && hash.c === hashes[at + 2];
}

function keep(hash: Hash, hashes: Uint32Array, at: number): void {
  hash.a = hashes[at] as number;
  hash.b = hashes[at + 1] as number;
  hash.c = hashes[at + 2] as number;
}

function hashOf(text: string): Hash {
  hashKey(text);
  return { ...keyHash };
}
