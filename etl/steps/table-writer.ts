import type { Layer } from '../../layers/define.ts';
import { isPointLike, layerColumns } from '../../layers/ddl.ts';
import type { CopyWriter } from '../../server/db/copy.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { ewkb } from '../encode/geometry.ts';
import { mortonKey, worldX, worldY } from '../encode/world-pixel.ts';
import { type GridMesh, townOfGrid } from '../../server/db/mesh.ts';
import type { Position } from '../link/place-index.ts';
import type { CheckedRow } from './check.ts';

/** Rows are sorted by place in runs of this many bytes: neighbours on the map become neighbours on disk. */
const RUN = 48 << 20;
/** Most rows in a run: their numbers take 18 bits, see `sortedOrder`. */
const RUN_ROWS = 2 ** 18;
/** Rows there is room for at first. */
const FIRST_ROWS = 2 ** 12;
/** Size of one piece handed to the connection. */
const PIECE = 1 << 20;
/** Pieces below this size are taken by the connection without waiting until they are sent, bytes. */
const HELD = 1 << 17;
/** Sorts unlocated rows behind all others: above every 44-bit key. */
const NO_PLACE = 2 ** 45;

type ColumnWriter = (row: Pick<CheckedRow, 'key' | 'values' | 'geometry' | 'position'>) => void;

/** Columns that depend on nothing but the place of a row; they stand together, see `layerColumns`. */
const PLACE_COLUMNS = new Set('geom h3 grid_code community_code town_code mx my qk'.split(' '));
/** Columns that come first. */
const HEAD_COLUMNS = ['fid', 'source_line', 'source_id'];

/** Encodes checked rows of one layer and copies them into its table, sorted by place in long runs. */
export class TableWriter {
  rows = 0;
  unlocated = 0;
  /** `[minLon, minLat, maxLon, maxLat]` of what was written, or null. */
  bbox: [number, number, number, number] | null = null;
  readonly columns: string[];
  /** Fields in the order of their columns; those that share a system column are not among them. */
  readonly storedFields: readonly string[];
  /** True when the place depends on values of the row, so that it cannot be kept for the next one. */
  readonly isPlaceOfRow: boolean;

  /** A run of rows, and the piece that is sorted behind it. Grows with the rows: most layers need a hundredth of a run. */
  private readonly binary = new BinaryRows(PIECE);
  /** The place of the row at hand, encoded. Often the next row has the same: rooms of a building, people of a room. */
  private readonly place = new BinaryRows(4096);
  private placeBytes: Buffer = Buffer.alloc(0);
  private readonly placeWriters: ColumnWriter[];
  private readonly fieldWriters: ColumnWriter[];
  /** Stands for rows that come without an object of their own, see `startRow`. */
  private readonly plain: Pick<CheckedRow, 'key' | 'values' | 'geometry' | 'position'>;
  private readonly copy: CopyWriter;
  private readonly mesh: GridMesh | null;
  private ends = new Uint32Array(FIRST_ROWS);
  private sortKeys = new Float64Array(FIRST_ROWS);
  private waiting = 0;
  private lastLon = Number.NaN;
  private lastLat = Number.NaN;
  private lastCell = -1;
  private mx = 0;
  private my = 0;
  private qk = 0;

  constructor(layer: Layer, copy: (columns: string[]) => CopyWriter, mesh: GridMesh | null) {
    this.mesh = mesh;
    const columns = layerColumns(layer).filter((column) => column.generated !== true && column.ofLoad !== true);
    const names = columns.map(({ name }) => name);
    const places = names.filter((name) => PLACE_COLUMNS.has(name));
    const fields = names.filter((name) => !PLACE_COLUMNS.has(name) && !HEAD_COLUMNS.includes(name));
    this.columns = [...HEAD_COLUMNS, ...places, ...fields];
    this.storedFields = fields;
    this.plain = { key: '', values: Object.keys(layer.fields).map(() => null), geometry: null, position: null };
    this.placeWriters = places.map((name) => this.placeWriter(layer, name));
    this.fieldWriters = fields.map((name) => this.fieldWriter(layer, name));
    this.isPlaceOfRow = !isPointLike(layer) || SHARED_COLUMNS.some((name) => name in layer.fields);
    this.copy = copy(this.columns);
  }

  /** Encodes one row. When `isFull`, call `flush` before the next. */
  add(row: CheckedRow): void {
    const { binary, fieldWriters } = this;
    if (this.isPlaceOfRow || !this.hasLastPlace(row.position)) this.encodePlace(row);
    this.writeHead(row.fid, row.line);
    binary.text(row.key);
    this.writePlace(binary);
    for (let i = 0; i < fieldWriters.length; i += 1) (fieldWriters[i] as ColumnWriter)(row);
    this.endRow(row.position);
  }

  /**
   * Begins a row whose values the caller writes: its key into the buffer returned, then `writePlace`, then one value for each
   * of `storedFields`, then `endRow`. For points, and rows without a place whose codes nobody states.
   */
  startRow(fid: number, line: number, position: Position | null): BinaryRows {
    if (!this.hasLastPlace(position)) {
      this.plain.position = position;
      this.encodePlace(this.plain);
    }
    this.writeHead(fid, line);
    return this.binary;
  }

  writePlace(rows: BinaryRows): void {
    rows.raw(this.placeBytes);
  }

  endRow(position: Position | null): void {
    if (!position) this.unlocated += 1;
    if (this.waiting === this.ends.length) this.makeRoom();
    this.ends[this.waiting] = this.binary.size;
    this.sortKeys[this.waiting] = position ? this.qk : NO_PLACE;
    this.waiting += 1;
    this.rows += 1;
  }

  private makeRoom(): void {
    const rows = this.ends.length * 4;
    const [ends, sortKeys] = [new Uint32Array(rows), new Float64Array(rows)];
    ends.set(this.ends);
    sortKeys.set(this.sortKeys);
    this.ends = ends;
    this.sortKeys = sortKeys;
  }

  private writeHead(fid: number, line: number): void {
    const { binary } = this;
    binary.startRow(this.columns.length);
    binary.int8(fid);
    binary.int4(line);
  }

  get isFull(): boolean {
    return this.binary.size >= RUN || this.waiting >= RUN_ROWS;
  }

  /** Sorts what is waiting and hands it to the connection. */
  async flush(): Promise<void> {
    if (this.waiting === 0) return;
    const order = sortedOrder(this.sortKeys.subarray(0, this.waiting));
    const { ends } = this;
    // Behind the rows: moving bytes inside one buffer costs no object for each row.
    const start = this.binary.size;
    const rows = this.binary.peek(PIECE);
    let at = start;
    for (let i = 0; i < order.length;) {
      // Neighbours that stay neighbours are moved together.
      const first = order[i] as number;
      let last = first;
      const from = first === 0 ? 0 : (ends[first - 1] as number);
      for (i += 1; order[i] === last + 1 && (ends[last + 1] as number) - from <= PIECE; i += 1) last += 1;
      const to = ends[last] as number;
      if (at + to - from > start + PIECE) {
        await this.send(rows.subarray(start, at));
        at = start;
        if (to - from > PIECE) {
          await this.copy.write(rows.subarray(from, to));
          continue;
        }
      }
      rows.copyWithin(at, from, to);
      at += to - from;
    }
    await this.send(rows.subarray(start, at));
    this.binary.clear();
    this.waiting = 0;
  }

  /** The connection may still hold a small piece when the next rows are written over it: it gets a copy. */
  private send(piece: Buffer): Promise<void> {
    return this.copy.write(piece.length < HELD ? Buffer.from(piece) : piece);
  }

  /** Flushes and ends the COPY. @returns rows the database took */
  async end(): Promise<number> {
    await this.flush();
    return this.copy.end();
  }

  async abort(): Promise<void> {
    await this.copy.abort();
  }

  private hasLastPlace(position: Position | null): boolean {
    if (!position) return Number.isNaN(this.lastLon) && this.placeBytes.length > 0;
    return position.lon === this.lastLon && position.lat === this.lastLat && position.cell === this.lastCell;
  }

  private encodePlace(row: Parameters<ColumnWriter>[0]): void {
    const { position } = row;
    this.lastLon = position ? position.lon : Number.NaN;
    this.lastLat = position ? position.lat : Number.NaN;
    this.lastCell = position ? position.cell : -1;
    if (position) {
      this.mx = worldX(position.lon);
      this.my = worldY(position.lat);
      this.qk = mortonKey(this.mx, this.my);
      this.extend(row);
    }
    this.place.clear();
    for (const write of this.placeWriters) write(row);
    this.placeBytes = this.place.peek();
  }

  private extend(row: Parameters<ColumnWriter>[0]): void {
    const box = (this.bbox ??= [Infinity, Infinity, -Infinity, -Infinity]);
    const { geometry, position } = row;
    if (geometry) {
      const rings = geometry.kind === 'line' ? geometry.lines : geometry.polygons.flat();
      for (const ring of rings) for (const [lon, lat] of ring as [number, number][]) grow(box, lon, lat);
    } else if (position) {
      grow(box, position.lon, position.lat);
    }
  }

  private placeWriter(layer: Layer, name: string): ColumnWriter {
    const { place } = this;
    switch (name) {
      case 'geom':
        return (row) => {
          if (row.geometry) place.bytes(ewkb(row.geometry));
          else if (row.position) place.point(row.position.lon, row.position.lat);
          else place.null();
        };
      case 'h3':
        return (row) => (row.position ? place.int8Parts(row.position.h3High, row.position.h3Low) : place.null());
      case 'mx':
        return (row) => place.int4(row.position ? this.mx : null);
      case 'my':
        return (row) => place.int4(row.position ? this.my : null);
      case 'qk':
        return (row) => place.int8(row.position ? this.qk : null);
      default:
        return this.codeWriter(layer, name, Object.keys(layer.fields).indexOf(name));
    }
  }

  private fieldWriter(layer: Layer, name: string): ColumnWriter {
    const { binary } = this;
    const index = Object.keys(layer.fields).indexOf(name);
    switch (layer.fields[name]?.type) {
      case 'int':
        return (row) => binary.int4(row.values[index] as number | null);
      case 'number':
        return (row) => binary.float8(row.values[index] as number | null);
      case 'bool':
        return (row) => binary.bool(row.values[index] as boolean | null);
      // Days and microseconds since 2000 are what PostgreSQL stores: int4 and int8 on the wire.
      case 'date':
        return (row) => binary.int4(row.values[index] as number | null);
      case 'datetime':
        return (row) => binary.int8(row.values[index] as number | null);
      default:
        return (row) => binary.text(row.values[index] as string | null);
    }
  }

  /**
   * Codes of the grid cell the row lies in. Without a place, or in a layer that makes up the hierarchy itself, what the
   * row states of itself.
   */
  private codeWriter(layer: Layer, name: string, index: number): ColumnWriter {
    const { place, mesh } = this;
    const stated = statedCode(layer, name, index);
    const codes =
      (name === 'grid_code' ? mesh?.codes : name === 'community_code' ? mesh?.communities : mesh?.towns) ?? [];
    return (row) => {
      const cell = mesh && row.position ? row.position.cell : -1;
      place.text(cell >= 0 ? (codes[cell] as string) : stated(row));
    };
  }
}

/** System columns that a field may share. */
const SHARED_COLUMNS = ['grid_code', 'community_code', 'town_code'];

/** The layers that make up the hierarchy; their own codes say where they belong. */
export const HIERARCHY: readonly string[] = [
  'district_boundary',
  'town_boundary',
  'community_boundary',
  'governance_grid',
];

function statedCode(layer: Layer, name: string, index: number): (row: Parameters<ColumnWriter>[0]) => string | null {
  if (index >= 0) return (row) => row.values[index] as string | null;
  if (layer.id === 'governance_grid' && name === 'town_code') return (row) => townOfGrid(row.key);
  if (layer.id === 'community_boundary' && name === 'community_code') return (row) => row.key;
  if (layer.id === 'town_boundary' && name === 'town_code') return (row) => row.key;
  return () => null;
}

function grow(box: [number, number, number, number], lon: number, lat: number): void {
  if (lon < box[0]) box[0] = lon;
  if (lat < box[1]) box[1] = lat;
  if (lon > box[2]) box[2] = lon;
  if (lat > box[3]) box[3] = lat;
}

/** Indexes in ascending order of their keys, which are below 2^46. */
function sortedOrder(keys: Float64Array): Uint32Array {
  // Key above index in one 64-bit integer: a typed array sorts natively, without a callback.
  const packed = new BigUint64Array(keys.length);
  const halves = new Uint32Array(packed.buffer);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] as number;
    const high = Math.floor(key / 2 ** 14);
    halves[i * 2 + 1] = high;
    halves[i * 2] = ((key - high * 2 ** 14) << 18) | i;
  }
  packed.sort();
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i += 1) order[i] = (halves[i * 2] as number) & (RUN_ROWS - 1);
  return order;
}
