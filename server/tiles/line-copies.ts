import type { Logger } from 'pino';
import type { Role } from '../../layers/access.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { readLines, storedShapeBytes, type LayerLines } from '../queries/layer-lines.ts';
import { liveTable } from '../queries/layer-version.ts';
import { pickNumbers, pickRows } from './pick-rows.ts';
import { minzoomOf, tileFields, toleranceAt } from './layer-tile.ts';
import { lineBounds, type LineBounds } from './line-bounds.ts';
import { encodeShapes, type TileProperty } from './mvt.ts';
import { ShapeEncoder } from './shape.ts';
import { BUFFER, frameOf, type Tile, type TileFrame } from './tile.ts';

/** Largest layer of which a copy is kept. A tile looks at the box of every line: of so many, in a tenth of a millisecond. */
const MOST_ROWS = 50_000;
const MOST_BYTES = 16 * 1024 ** 2;
/** Bytes of all copies; the one that was not used for the longest time goes first. */
const ALL_BYTES = 64 * 1024 ** 2;
/** Bytes of a line beside its shape: place, box, id, and values of its fields. */
const BYTES_PER_ROW = 128;
/** Tiles of a load that are made by the database before its lines are copied: a single look at a layer is not worth it. */
const ASKED_BEFORE = 3;

type Copy = LayerLines & LineBounds & { zooms: Uint8Array | null; bytes: number };

interface Asked {
  load: number;
  times: number;
}

/**
 * Copies of the lines of layers of moderate size, each of one load: from them tiles are made without asking the database,
 * the same as it would give. Read in the background when a few tiles of a load were asked for. A copy answers for its own load only.
 */
export class LineCopies {
  private readonly sql: Sql;
  private readonly log: Pick<Logger, 'warn'>;
  /** The least recently used first. */
  private readonly copies = new Map<string, Copy>();
  private readonly asked = new Map<string, Asked>();
  private bytes = 0;

  constructor(sql: Sql, log: Pick<Logger, 'warn'>) {
    this.sql = sql;
    this.log = log;
  }

  /** The tile of a layer as the role may see it, without a filter; null when there is no copy of this load. */
  tile(layer: Layer, state: LayerState, role: Role, tile: Tile): Buffer | null {
    if (layer.geometry !== 'line' || tile.z < minzoomOf(layer)) return null;
    const copy = this.copies.get(layer.id);
    if (copy?.load !== state.loadId) {
      this.note(layer, state);
      return null;
    }
    this.copies.delete(layer.id);
    this.copies.set(layer.id, copy);
    return drawn(copy, layer, role, tile);
  }

  /** Reads the lines of a layer, where they are not too many. */
  async read(layer: Layer, state: LayerState): Promise<void> {
    if (state.rows > MOST_ROWS || (await storedShapeBytes(this.sql, layer.id)) > MOST_BYTES) return;
    const lines = await readLines(this.sql, layer.id, copiedFields(layer));
    // Another load was published in the meantime: its tiles ask for it.
    if (lines?.load !== state.loadId || lines.ids.length > MOST_ROWS) return;
    const bytes = lines.shapes.length + lines.ids.length * BYTES_PER_ROW;
    this.drop(layer.id);
    const bounds = lineBounds(lines.shapes, lines.ids.length);
    this.copies.set(layer.id, { ...lines, ...bounds, zooms: zoomsOf(layer, lines), bytes });
    this.bytes += bytes;
    for (const oldest of this.copies.keys()) {
      if (this.bytes <= ALL_BYTES) break;
      this.drop(oldest);
    }
  }

  /** Counts a tile for which there was no copy; of versions that are not live any more there is none. */
  private note(layer: Layer, state: LayerState): void {
    if (state.table !== liveTable(layer.id) || state.rows > MOST_ROWS) return;
    const before = this.asked.get(layer.id);
    const times = before?.load === state.loadId ? before.times + 1 : 1;
    this.asked.set(layer.id, { load: state.loadId, times });
    if (times !== ASKED_BEFORE) return;
    // Of a load before: nobody asks for it any more.
    this.drop(layer.id);
    // Tiles go on being made by the database.
    this.read(layer, state).catch((error: unknown) => {
      this.log.warn({ err: error, layer: layer.id }, 'the lines of the layer are not copied');
    });
  }

  private drop(layerId: string): void {
    this.bytes -= this.copies.get(layerId)?.bytes ?? 0;
    this.copies.delete(layerId);
  }
}

/** The fields of tiles, of which none is masked, and the one that says what finer tiles show. */
function copiedFields(layer: Layer): [string, Field][] {
  const fields = new Map(tileFields(layer, 'staff'));
  const name = layer.tiles?.detail?.field;
  const field = name === undefined ? undefined : layer.fields[name];
  if (name !== undefined && field !== undefined) fields.set(name, field);
  return [...fields];
}

/** The zoom from which each line is sent; null where all are. */
function zoomsOf(layer: Layer, { ids, properties }: LayerLines): Uint8Array | null {
  const { detail } = layer.tiles ?? {};
  const column = properties.find(({ name }) => name === detail?.field)?.column;
  if (detail === undefined || column === undefined) return null;
  if (column.kind !== 'bytes') throw new Error(`${layer.id}.${detail.field} says what tiles show and is no text`);
  return Uint8Array.from(ids, (_, row) => {
    const end = column.ends[row] as number;
    return end < 0 ? 0 : (detail.from[column.buffer.toString('utf8', column.starts[row], end)] ?? 0);
  });
}

/** Used again for each tile, as one is done before the next begins. */
const found = new Int32Array(MOST_ROWS);

/** Lines whose box touches the tile or its buffer, and that are sent at its zoom; valid until the next call. */
function rowsWithin(
  { boxes, zooms, ids }: Copy,
  { z }: Tile,
  { west, south, east, north, perMetre }: TileFrame,
): Int32Array {
  const margin = BUFFER / perMetre;
  const [left, bottom, right, top] = [west - margin, south - margin, east + margin, north + margin];
  let count = 0;
  for (let row = 0, at = 0; row < ids.length; row += 1, at += 4) {
    if ((boxes[at] as number) > right || (boxes[at + 2] as number) < left) continue;
    if ((boxes[at + 1] as number) > top || (boxes[at + 3] as number) < bottom) continue;
    if (zooms === null || (zooms[row] as number) <= z) found[count++] = row;
  }
  return found.subarray(0, count);
}

/** Null where the copy lacks a field. */
function drawn(copy: Copy, layer: Layer, role: Role, tile: Tile): Buffer | null {
  const properties: TileProperty[] = [];
  for (const [name] of tileFields(layer, role)) {
    const property = copy.properties.find((known) => known.name === name);
    if (property === undefined) return null;
    properties.push(property);
  }
  const frame = frameOf(tile);
  const rows = rowsWithin(copy, tile, frame);
  const starts = pickNumbers(copy.offsets, rows, new Int32Array(rows.length));
  return encodeShapes(
    layer.id,
    pickNumbers(copy.ids, rows, new Float64Array(rows.length)),
    new ShapeEncoder(copy.shapes, frame, 'line', toleranceAt(layer, tile.z), starts),
    properties.map((property) => ({ ...property, column: pickRows(property.column, rows) })),
  );
}
