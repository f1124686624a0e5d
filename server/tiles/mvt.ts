/**
 * Mapbox Vector Tiles 2.1. Rows come packed from the database (`queries/packed.ts`), so that both engines make the same
 * tiles, and faster than ST_AsMVT does.
 */
import type { FieldType } from '../../layers/define.ts';
import { NO_INT, type PackedBytes, type PackedColumn } from '../queries/packed.ts';
import { codeTexts } from './code-texts.ts';
import { copyBytes, LONGEST_VARINT, ProtobufWriter, putSigned, putVarint, varintLength } from './protobuf.ts';
import type { ShapeEncoder } from './shape.ts';

/** Width of a tile in its own units. */
export const EXTENT = 4096;

export interface TileProperty {
  name: string;
  type: FieldType;
  column: PackedColumn;
}

// Field numbers and wire types of vector_tile.proto, as tag bytes.
const TILE_LAYER = 0x1a;
const LAYER_NAME = 0x0a;
const LAYER_FEATURE = 0x12;
const LAYER_KEY = 0x1a;
const LAYER_VALUE = 0x22;
const LAYER_EXTENT = 0x28;
const LAYER_VERSION = 0x78;
const FEATURE_ID = 0x08;
const FEATURE_TAGS = 0x12;
const FEATURE_TYPE = 0x18;
const FEATURE_GEOMETRY = 0x22;
const VALUE_STRING = 0x0a;
const VALUE_DOUBLE = 0x19;
const VALUE_UINT = 0x28;
const VALUE_SINT = 0x30;
const VALUE_BOOL = 0x38;

const GEOMETRY_TYPE = { point: 1, line: 2, polygon: 3 } as const;
const START_OF_2000 = Date.UTC(2000, 0, 1);
const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * Written anew for each tile: nothing is waited for between the first byte of a tile and its last, so one tile is done
 * before the next begins. Buffers of their own for each would cost more than what is written into them.
 */
const written = {
  features: new ProtobufWriter(65_536),
  values: new ProtobufWriter(16_384),
  commands: new ProtobufWriter(4096),
  head: new ProtobufWriter(256),
  tail: new ProtobufWriter(256),
};

/** The values of one tile layer, each stored once. */
class ValuePool {
  readonly writer = written.values;
  size = 0;

  constructor() {
    this.writer.clear();
  }

  /** Begins a value that takes so many bytes with the tag of its type. @returns its index */
  private begin(bytes: number, tag: number): number {
    this.writer.varint(LAYER_VALUE);
    this.writer.varint(bytes);
    this.writer.varint(tag);
    return this.size++;
  }

  text(content: Buffer, start = 0, end = content.length): number {
    const index = this.begin(1 + varintLength(end - start) + end - start, VALUE_STRING);
    this.writer.part(content, start, end);
    return index;
  }

  int(content: number): number {
    if (content >= 0) {
      const index = this.begin(1 + varintLength(content), VALUE_UINT);
      this.writer.varint(content);
      return index;
    }
    const zigzag = -2 * content - 1;
    const index = this.begin(1 + varintLength(zigzag), VALUE_SINT);
    this.writer.varint(zigzag);
    return index;
  }

  double(content: number): number {
    const index = this.begin(9, VALUE_DOUBLE);
    this.writer.double(content);
    return index;
  }

  bool(content: boolean): number {
    const index = this.begin(2, VALUE_BOOL);
    this.writer.varint(content ? 1 : 0);
    return index;
  }
}

function internTexts(column: PackedBytes, pool: ValuePool): Int32Array {
  const { codes, firsts } = codeTexts(column);
  const before = pool.size;
  for (const row of firsts) pool.text(column.buffer, column.starts[row], column.ends[row]);
  if (before > 0)
    for (let row = 0; row < codes.length; row++) if (codes[row] !== -1) codes[row] = (codes[row] as number) + before;
  return codes;
}

/** For each row the index of its value in the pool, or -1 for none. */
function internProperty({ column, type }: TileProperty, pool: ValuePool): Int32Array {
  if (column.kind === 'bytes') return internTexts(column, pool);
  const { values } = column;
  const indexes = new Int32Array(values.length);
  const known = new Map<number, number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    let index = known.get(value);
    if (index === undefined) known.set(value, (index = addValue(column.kind, type, value, pool)));
    indexes[row] = index;
  }
  return indexes;
}

/** Index of a value that is new to the pool; -1 when it stands for none. */
function addValue(kind: 'int' | 'float' | 'bool', type: FieldType, value: number, pool: ValuePool): number {
  switch (kind) {
    case 'int':
      if (value === NO_INT) return -1;
      return type === 'date'
        ? pool.text(Buffer.from(new Date(START_OF_2000 + value * MILLISECONDS_PER_DAY).toISOString().slice(0, 10)))
        : pool.int(value);
    case 'float':
      if (Number.isNaN(value)) return -1;
      return type === 'datetime'
        ? pool.text(Buffer.from(new Date(START_OF_2000 + Math.floor(value / 1000)).toISOString()))
        : pool.double(value);
    case 'bool':
      return value === 0 ? -1 : pool.bool(value === 2);
  }
}

/** Most bytes of what a feature begins with: tags, lengths, id and type. */
const LONGEST_HEAD = 6 + 5 * LONGEST_VARINT;

/** Writes one layer message: `geometryOf` fills the writer with the commands of a row, or leaves it empty to drop it. */
function encodeLayer(
  name: string,
  kind: keyof typeof GEOMETRY_TYPE,
  ids: Float64Array,
  properties: readonly TileProperty[],
  geometryOf: (row: number, commands: ProtobufWriter) => void,
): Buffer {
  const pool = new ValuePool();
  const values = properties.map((property) => internProperty(property, pool));
  const { features, commands } = written;
  features.clear();
  commands.clear();
  const type = GEOMETRY_TYPE[kind];
  for (let row = 0; row < ids.length; row++) {
    commands.length = 0;
    geometryOf(row, commands);
    const { length } = commands;
    if (length === 0) continue;
    let tagsLength = 0;
    for (let key = 0; key < values.length; key++) {
      const value = (values[key] as Int32Array)[row] as number;
      if (value >= 0) tagsLength += varintLength(key) + varintLength(value);
    }
    const id = ids[row] as number;
    const tagsSize = tagsLength === 0 ? 0 : 1 + varintLength(tagsLength) + tagsLength;
    const size = 1 + varintLength(id) + tagsSize + 2 + 1 + varintLength(length) + length;
    const buffer = features.reserve(LONGEST_HEAD + tagsLength + length);
    let at = features.length;
    buffer[at++] = LAYER_FEATURE;
    at = putVarint(buffer, at, size);
    buffer[at++] = FEATURE_ID;
    at = putVarint(buffer, at, id);
    if (tagsLength > 0) {
      buffer[at++] = FEATURE_TAGS;
      at = putVarint(buffer, at, tagsLength);
      for (let key = 0; key < values.length; key++) {
        const value = (values[key] as Int32Array)[row] as number;
        if (value < 0) continue;
        at = putVarint(buffer, at, key);
        at = putVarint(buffer, at, value);
      }
    }
    buffer[at++] = FEATURE_TYPE;
    buffer[at++] = type;
    buffer[at++] = FEATURE_GEOMETRY;
    at = putVarint(buffer, at, length);
    features.length = copyBytes(commands.reserve(0), 0, length, buffer, at);
  }
  if (features.length === 0) return Buffer.alloc(0);
  return assembleLayer(name, properties, pool);
}

/** The layer message around what was written, in a buffer of its own. */
function assembleLayer(name: string, properties: readonly TileProperty[], pool: ValuePool): Buffer {
  const { features, head, tail } = written;
  tail.clear();
  for (const property of properties) {
    tail.varint(LAYER_KEY);
    tail.text(property.name);
  }
  const keys = tail.length;
  tail.varint(LAYER_EXTENT);
  tail.varint(EXTENT);
  head.clear();
  head.varint(LAYER_VERSION);
  head.varint(2);
  head.varint(LAYER_NAME);
  head.text(name);
  const size = head.length + features.length + pool.writer.length + tail.length;
  const tile = Buffer.allocUnsafe(1 + varintLength(size) + size);
  tile[0] = TILE_LAYER;
  let at = putVarint(tile, 1, size);
  at += head.view().copy(tile, at);
  at += features.view().copy(tile, at);
  at += tail.view().copy(tile, at, 0, keys);
  at += pool.writer.view().copy(tile, at);
  tail.view().copy(tile, at, keys);
  return tile;
}

const MOVE_TO_ONE = 9;

/** A layer of points at tile coordinates `xs`, `ys`. Empty when there is no row. Layers are joined by concatenation. */
export function encodePoints(
  name: string,
  ids: Float64Array,
  xs: Int32Array,
  ys: Int32Array,
  properties: readonly TileProperty[],
): Buffer {
  return encodeLayer(name, 'point', ids, properties, (row, commands) => {
    const buffer = commands.reserve(11);
    buffer[0] = MOVE_TO_ONE;
    commands.length = putSigned(buffer, putSigned(buffer, 1, xs[row] as number), ys[row] as number);
  });
}

/** A layer of lines or polygons: the shapes of the rows, in their order. */
export function encodeShapes(
  name: string,
  ids: Float64Array,
  shapes: ShapeEncoder,
  properties: readonly TileProperty[],
): Buffer {
  return encodeLayer(name, shapes.kind, ids, properties, (_row, commands) => shapes.next(commands));
}
