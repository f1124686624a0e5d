/**
 * Mapbox Vector Tiles 2.1. Rows come packed from the database (`queries/packed.ts`), so that both engines make the same
 * tiles, and faster than ST_AsMVT does.
 */
import type { FieldType } from '../../layers/define.ts';
import { TextInterner } from '../aggregate/text-interner.ts';
import { NO_INT, type PackedBytes, type PackedColumn } from '../queries/packed.ts';
import { ProtobufWriter, varintLength } from './protobuf.ts';
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

/** The values of one tile layer, each stored once. */
class ValuePool {
  readonly writer = new ProtobufWriter(4096);
  private readonly single = new ProtobufWriter(64);
  size = 0;

  private add(write: (value: ProtobufWriter) => void): number {
    this.single.clear();
    write(this.single);
    this.writer.varint(LAYER_VALUE);
    this.writer.message(this.single);
    return this.size++;
  }

  text(content: Buffer): number {
    return this.add((value) => {
      value.varint(VALUE_STRING);
      value.bytes(content);
    });
  }

  int(content: number): number {
    return this.add((value) => {
      value.varint(content < 0 ? VALUE_SINT : VALUE_UINT);
      if (content < 0) value.signed(content);
      else value.varint(content);
    });
  }

  double(content: number): number {
    return this.add((value) => {
      value.varint(VALUE_DOUBLE);
      value.double(content);
    });
  }

  bool(content: boolean): number {
    return this.add((value) => {
      value.varint(VALUE_BOOL);
      value.varint(content ? 1 : 0);
    });
  }
}

/** Texts are told apart where they lie: most rows have one that was there before. */
function internTexts({ buffer, starts, ends }: PackedBytes, pool: ValuePool): Int32Array {
  const indexes = new Int32Array(starts.length).fill(-1);
  const interner = new TextInterner();
  const first = pool.size;
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row] as number;
    const end = ends[row] as number;
    if (end < 0) continue;
    // Numbers run from 1 in the order of first sight.
    const index = first + interner.codeOf(buffer, start, end) - 1;
    if (index === pool.size) pool.text(buffer.subarray(start, end));
    indexes[row] = index;
  }
  return indexes;
}

/** For each row the index of its value in the pool, or -1 for none. */
function internProperty(property: TileProperty, pool: ValuePool): Int32Array {
  const { column, type } = property;
  if (column.kind === 'bytes') return internTexts(column, pool);
  const indexes = new Int32Array(column.values.length).fill(-1);
  const known = new Map<string | number, number>();
  function intern(row: number, key: string | number, add: () => number): void {
    let index = known.get(key);
    if (index === undefined) known.set(key, (index = add()));
    indexes[row] = index;
  }
  switch (column.kind) {
    case 'int':
      column.values.forEach((value, row) => {
        if (value === NO_INT) return;
        intern(row, value, () =>
          type === 'date'
            ? pool.text(Buffer.from(new Date(START_OF_2000 + value * MILLISECONDS_PER_DAY).toISOString().slice(0, 10)))
            : pool.int(value),
        );
      });
      break;
    case 'float':
      column.values.forEach((value, row) => {
        if (Number.isNaN(value)) return;
        intern(row, value, () =>
          type === 'datetime'
            ? pool.text(Buffer.from(new Date(START_OF_2000 + Math.floor(value / 1000)).toISOString()))
            : pool.double(value),
        );
      });
      break;
    case 'bool':
      column.values.forEach((value, row) => {
        if (value !== 0) intern(row, value, () => pool.bool(value === 2));
      });
      break;
  }
  return indexes;
}

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
  const features = new ProtobufWriter(ids.length * 32 + 64);
  const commands = new ProtobufWriter(1024);
  const tags = new ProtobufWriter(64);
  let count = 0;
  for (let row = 0; row < ids.length; row++) {
    commands.clear();
    geometryOf(row, commands);
    if (commands.length === 0) continue;
    count++;
    tags.clear();
    for (let key = 0; key < values.length; key++) {
      const value = values[key]?.[row] ?? -1;
      if (value < 0) continue;
      tags.varint(key);
      tags.varint(value);
    }
    const id = ids[row] as number;
    const tagsSize = tags.length === 0 ? 0 : 1 + varintLength(tags.length) + tags.length;
    features.varint(LAYER_FEATURE);
    features.varint(1 + varintLength(id) + tagsSize + 2 + 1 + varintLength(commands.length) + commands.length);
    features.varint(FEATURE_ID);
    features.varint(id);
    if (tagsSize > 0) {
      features.varint(FEATURE_TAGS);
      features.message(tags);
    }
    features.varint(FEATURE_TYPE);
    features.varint(GEOMETRY_TYPE[kind]);
    features.varint(FEATURE_GEOMETRY);
    features.message(commands);
  }
  if (count === 0) return Buffer.alloc(0);

  const layer = new ProtobufWriter(features.length + pool.writer.length + 1024);
  layer.varint(LAYER_VERSION);
  layer.varint(2);
  layer.varint(LAYER_NAME);
  layer.text(name);
  layer.raw(features.view());
  for (const property of properties) {
    layer.varint(LAYER_KEY);
    layer.text(property.name);
  }
  layer.raw(pool.writer.view());
  layer.varint(LAYER_EXTENT);
  layer.varint(EXTENT);
  const tile = new ProtobufWriter(layer.length + 16);
  tile.varint(TILE_LAYER);
  tile.message(layer);
  return Buffer.from(tile.view());
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
    commands.varint(MOVE_TO_ONE);
    commands.signed(xs[row] as number);
    commands.signed(ys[row] as number);
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
