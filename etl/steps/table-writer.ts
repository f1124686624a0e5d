import type { Layer } from '../../layers/define.ts';
import { isPointLike, layerColumns } from '../../layers/ddl.ts';
import type { CopyWriter } from '../../server/db/copy.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { ewkb } from '../encode/geometry.ts';
import { mortonKey, worldX, worldY } from '../encode/world-pixel.ts';
import { type GridMesh, townOfGrid } from '../../server/db/mesh.ts';
import type { Position } from '../link/place-index.ts';
import type { Value } from '../checks/field-reader.ts';
import type { CheckedRow } from './check.ts';
import { RowRun, RUN_ROWS } from './row-run.ts';

/**
 * Rows are sorted by place in long runs: neighbours on the map become neighbours on disk. A run has this many bytes at most,
 * and no more than a share of all rows, so that the database stores one run while the next is made.
 */
const RUN = 48 << 20;
const SHARE = 12;
/** A run has at least this many bytes. */
const LEAST_RUN = 1 << 20;
/** Size of one piece handed to the connection. */
const PIECE = 1 << 20;
/** Pieces below this size are taken by the connection without waiting until they are sent, bytes. */
const HELD = 1 << 17;

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
  /** In the order in which they are written: what a row states itself, its place, what is derived from its address. */
  readonly columns: string[];
  /** Fields in the order of their columns; those that share a system column, and derived ones, are not among them. */
  readonly storedFields: readonly string[];
  /** True when the place depends on values of the row, so that it cannot be kept for the next one. */
  readonly isPlaceOfRow: boolean;

  /** Rows that are collected. */
  private run = new RowRun();
  /** The run before: it is being sent, or is empty. */
  private other = new RowRun();
  private sending: Promise<void> | null = null;
  /** Bytes from which on a run is sent, if the one before is gone. */
  private enough = RUN;
  /** Bytes of the runs before. */
  private sent = 0;
  /** The place of the row at hand, encoded. Often the next row has the same: rooms of a building, people of a room. */
  private readonly place = new BinaryRows(4096);
  private placeBytes: Buffer = Buffer.alloc(0);
  /** Where that place stands among the tails of the run, and where it ends; -1 when it does not. */
  private tail = -1;
  private tailEnd = -1;
  private readonly placeWriters: ColumnWriter[];
  private readonly fieldWriters: ((rows: BinaryRows, values: readonly Value[]) => void)[];
  private readonly derivedWriters: ((rows: BinaryRows, values: readonly Value[]) => void)[];
  /** Stands for rows that come without an object of their own, see `addEncoded`. */
  private readonly plain: Pick<CheckedRow, 'key' | 'values' | 'geometry' | 'position'>;
  private readonly copy: CopyWriter;
  private readonly mesh: GridMesh | null;
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
    const derived = fields.filter((name) => layer.fields[name]?.derived !== undefined);
    this.storedFields = fields.filter((name) => !derived.includes(name));
    this.columns = [...HEAD_COLUMNS, ...this.storedFields, ...places, ...derived];
    this.plain = { key: '', values: Object.keys(layer.fields).map(() => null), geometry: null, position: null };
    this.placeWriters = places.map((name) => this.placeWriter(layer, name));
    this.fieldWriters = this.storedFields.map((name) => fieldWriter(layer, name));
    this.derivedWriters = derived.map((name) => fieldWriter(layer, name));
    this.isPlaceOfRow = !isPointLike(layer) || SHARED_COLUMNS.some((name) => name in layer.fields);
    this.copy = copy(this.columns);
  }

  /** Encodes one row. When `isFull`, call `flush` before the next. */
  add(row: CheckedRow): void {
    const { fieldWriters, derivedWriters, run } = this;
    const { rows } = run;
    if (this.isPlaceOfRow || !this.hasLastPlace(row.position)) this.encodePlace(row);
    const start = rows.size;
    rows.startRow(this.columns.length);
    rows.int8(row.fid);
    rows.int4(row.line);
    rows.text(row.key);
    for (let i = 0; i < fieldWriters.length; i += 1) fieldWriters[i]?.(rows, row.values);
    rows.raw(this.placeBytes);
    for (let i = 0; i < derivedWriters.length; i += 1) derivedWriters[i]?.(rows, row.values);
    run.addOwn(start, row.position ? this.qk : null);
    this.count(row.position);
  }

  /**
   * Adds a row that was encoded up to the last of `storedFields`, `startRow` included. For points, and rows without a place whose
   * codes nobody states.
   * @param block the rows of a piece of text, of which some are left out; each is given once, in their order
   * @param derived values of the derived fields, at the places of their fields; null when the layer has none
   */
  addEncoded(
    block: Uint8Array,
    start: number,
    end: number,
    position: Position | null,
    derived: readonly Value[] | null,
  ): void {
    const { run, derivedWriters } = this;
    const { tails } = run;
    if (!this.hasLastPlace(position)) {
      this.plain.position = position;
      this.encodePlace(this.plain);
    }
    if (this.tail < 0 || derived !== null) {
      this.tail = tails.size;
      tails.raw(this.placeBytes);
      if (derived) for (let i = 0; i < derivedWriters.length; i += 1) derivedWriters[i]?.(tails, derived);
      this.tailEnd = tails.size;
    }
    run.addFrom(block, start, end, this.tail, this.tailEnd, position ? this.qk : null);
    this.count(position);
  }

  private count(position: Position | null): void {
    if (!position) this.unlocated += 1;
    this.rows += 1;
  }

  /** @param share of the rows that were added so far among all that will come, 0..1: so that runs are parts of the whole */
  foresee(share: number): void {
    const all = (this.sent + this.run.size) / Math.max(share, 1e-6);
    this.enough = Math.min(RUN, Math.max(LEAST_RUN, all / SHARE));
  }

  get isFull(): boolean {
    const { size, count } = this.run;
    return size >= RUN || count >= RUN_ROWS || (size >= this.enough && this.sending === null);
  }

  /** Begins to send what is waiting, as soon as what was sent before is gone. Throws what became of that. */
  async flush(): Promise<void> {
    await this.sending;
    if (this.run.count === 0) return;
    const { run } = this;
    this.run = this.other;
    this.other = run;
    this.sent += run.size;
    this.tail = -1;
    const sending = this.send(run).then(() => {
      this.sending = null;
    });
    // Whoever waits for it learns of it; until then nobody does.
    sending.catch(() => {});
    this.sending = sending;
  }

  private async send(run: RowRun): Promise<void> {
    let written: Promise<void> | null = null;
    try {
      for (const piece of run.pieces(PIECE)) {
        await written;
        // The connection may still hold a small piece when the next rows are written over it: it gets a copy.
        written = this.copy.write(piece.length < HELD ? Buffer.from(piece) : piece);
        written.catch(() => {});
      }
      await written;
    } finally {
      run.clear();
    }
  }

  /** Flushes and ends the COPY. @returns rows the database took */
  async end(): Promise<number> {
    await this.flush();
    await this.sending;
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
    this.tail = -1;
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

function fieldWriter(layer: Layer, name: string): (rows: BinaryRows, values: readonly Value[]) => void {
  const index = Object.keys(layer.fields).indexOf(name);
  switch (layer.fields[name]?.type) {
    case 'int':
      return (rows, values) => rows.int4(values[index] as number | null);
    case 'number':
      return (rows, values) => rows.float8(values[index] as number | null);
    case 'bool':
      return (rows, values) => rows.bool(values[index] as boolean | null);
    // Days and microseconds since 2000 are what PostgreSQL stores: int4 and int8 on the wire.
    case 'date':
      return (rows, values) => rows.int4(values[index] as number | null);
    case 'datetime':
      return (rows, values) => rows.int8(values[index] as number | null);
    default:
      return (rows, values) => rows.text(values[index] as string | null);
  }
}
