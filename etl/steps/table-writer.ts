import type { Layer } from '../../layers/define.ts';
import { layerColumns } from '../../layers/ddl.ts';
import type { CopyWriter } from '../../server/db/copy.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { ewkb } from '../encode/geometry.ts';
import { mortonKey, worldX, worldY } from '../encode/world-pixel.ts';
import { type GridMesh, townOfGrid } from '../../server/db/mesh.ts';
import type { CheckedRow } from './check.ts';

/** Rows are sorted by place in runs of this many bytes: neighbours on the map become neighbours on disk. */
const RUN = 48 << 20;
/** Size of one piece handed to the connection. */
const PIECE = 1 << 20;
/** Microseconds from 2000-01-01 UTC to the start of Unix time. */
const EPOCH_MICROS = 946_684_800_000_000;
/** Sorts unlocated rows behind all others: above every 44-bit key. */
const NO_PLACE = 2 ** 45;

type ColumnWriter = (row: CheckedRow) => void;

/** Encodes checked rows of one layer and copies them into its table, sorted by place in long runs. */
export class TableWriter {
  rows = 0;
  unlocated = 0;
  /** `[minLon, minLat, maxLon, maxLat]` of what was written, or null. */
  bbox: [number, number, number, number] | null = null;
  readonly columns: string[];

  private readonly binary = new BinaryRows(RUN + PIECE);
  private readonly writers: ColumnWriter[];
  private readonly copy: CopyWriter;
  private readonly mesh: GridMesh | null;
  private ends: number[] = [];
  private sortKeys: number[] = [];
  private mx = 0;
  private my = 0;
  private qk = 0;

  constructor(
    layer: Layer,
    copy: (columns: string[]) => CopyWriter,
    mesh: GridMesh | null,
    load: number,
    validFrom: Date,
  ) {
    this.mesh = mesh;
    const columns = layerColumns(layer).filter((column) => column.generated !== true);
    this.columns = columns.map(({ name }) => name);
    this.writers = columns.map(({ name }) => this.writerOf(layer, name, load, validFrom));
    this.copy = copy(this.columns);
  }

  /** Encodes one row. When `isFull`, call `flush` before the next. */
  add(row: CheckedRow): void {
    const { binary, writers } = this;
    const { position } = row;
    let key = NO_PLACE;
    if (position) {
      this.mx = worldX(position.lon);
      this.my = worldY(position.lat);
      this.qk = mortonKey(this.mx, this.my);
      key = this.qk;
      this.extend(row);
    } else {
      this.unlocated += 1;
    }
    binary.startRow(writers.length);
    for (const write of writers) write(row);
    this.ends.push(binary.size);
    this.sortKeys.push(key);
    this.rows += 1;
  }

  get isFull(): boolean {
    return this.binary.size >= RUN || this.ends.length >= RUN_ROWS;
  }

  /** Sorts what is waiting and hands it to the connection. */
  async flush(): Promise<void> {
    const { ends, sortKeys } = this;
    if (ends.length === 0) return;
    const rows = this.binary.take();
    this.ends = [];
    this.sortKeys = [];
    if (isAscending(sortKeys)) {
      await this.copy.write(rows);
      return;
    }
    const order = sortedOrder(sortKeys);
    let piece = Buffer.allocUnsafe(PIECE);
    let at = 0;
    for (const index of order) {
      const from = index === 0 ? 0 : (ends[index - 1] as number);
      const to = ends[index] as number;
      if (at + to - from > piece.length) {
        await this.copy.write(piece.subarray(0, at));
        piece = Buffer.allocUnsafe(Math.max(PIECE, to - from));
        at = 0;
      }
      at += rows.copy(piece, at, from, to);
    }
    await this.copy.write(piece.subarray(0, at));
  }

  /** Flushes and ends the COPY. @returns rows the database took */
  async end(): Promise<number> {
    await this.flush();
    return this.copy.end();
  }

  async abort(): Promise<void> {
    await this.copy.abort();
  }

  private extend(row: CheckedRow): void {
    const box = (this.bbox ??= [Infinity, Infinity, -Infinity, -Infinity]);
    const { geometry, position } = row;
    if (geometry) {
      const rings = geometry.kind === 'line' ? geometry.lines : geometry.polygons.flat();
      for (const ring of rings) for (const [lon, lat] of ring as [number, number][]) grow(box, lon, lat);
    } else if (position) {
      grow(box, position.lon, position.lat);
    }
  }

  private writerOf(layer: Layer, name: string, load: number, validFrom: Date): ColumnWriter {
    const { binary } = this;
    const names = Object.keys(layer.fields);
    const index = names.indexOf(name);
    switch (name) {
      case 'fid':
        return (row) => binary.int8(row.fid);
      case 'source_id':
        return (row) => binary.text(row.key);
      case 'geom':
        return (row) => {
          if (row.geometry) binary.bytes(ewkb(row.geometry));
          else if (row.position) binary.point(row.position.lon, row.position.lat);
          else binary.null();
        };
      case 'h3':
        return (row) => (row.position ? binary.int8Parts(row.position.h3High, row.position.h3Low) : binary.null());
      case 'grid_code':
      case 'community_code':
      case 'town_code':
        return this.codeWriter(layer, name, index);
      case 'load_id':
        return () => binary.int4(load);
      case 'valid_from': {
        const micros = validFrom.getTime() * 1000 - EPOCH_MICROS;
        return () => binary.int8(micros);
      }
      case 'valid_to':
        return () => binary.null();
      case 'mx':
        return (row) => (row.position ? binary.int4(this.mx) : binary.null());
      case 'my':
        return (row) => (row.position ? binary.int4(this.my) : binary.null());
      case 'qk':
        return (row) => (row.position ? binary.int8(this.qk) : binary.null());
    }
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
    const { binary, mesh } = this;
    const stated = statedCode(layer, name, index);
    const codes =
      (name === 'grid_code' ? mesh?.codes : name === 'community_code' ? mesh?.communities : mesh?.towns) ?? [];
    return (row) => {
      const cell = mesh && row.position ? row.position.cell : -1;
      binary.text(cell >= 0 ? (codes[cell] as string) : stated(row));
    };
  }
}

/** The layers that make up the hierarchy; their own codes say where they belong. */
export const HIERARCHY: readonly string[] = [
  'district_boundary',
  'town_boundary',
  'community_boundary',
  'governance_grid',
];

function statedCode(layer: Layer, name: string, index: number): (row: CheckedRow) => string | null {
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

function isAscending(keys: readonly number[]): boolean {
  for (let i = 1; i < keys.length; i += 1) if ((keys[i] as number) < (keys[i - 1] as number)) return false;
  return true;
}

/** Most rows in a run: their numbers take 18 bits, see `sortedOrder`. */
const RUN_ROWS = 2 ** 18;

/** Indexes in ascending order of their keys, which are below 2^46. */
function sortedOrder(keys: readonly number[]): number[] {
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
  return Array.from(keys, (_, i) => (halves[i * 2] as number) & (RUN_ROWS - 1));
}
