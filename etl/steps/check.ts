import type { Geometry as GeoJson } from 'geojson';
import type { Layer } from '../../layers/define.ts';
import { readShape } from '../checks/shape.ts';
import { bilingual, type Fault, FieldReader, INVALID, type Value } from '../checks/field-reader.ts';
import type { ToWgs84 } from '../crs/transform.ts';
import type { StoredGeometry } from '../encode/geometry.ts';
import { LoadError } from '../errors.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { hashedFid, hashKey } from '../link/key-hash.ts';
import { KeySet } from '../link/key-set.ts';
import type { PlaceIndex, Position } from '../link/place-index.ts';
import { gridFault, placeGeometry } from './place.ts';

/** What a layer is checked against. */
export interface CheckContext {
  transform: ToWgs84;
  /** False for layers of users, which may lie anywhere on earth. */
  isDistrict: boolean;
  /** The governance grid; null when it is not loaded, or when the layer is part of it. */
  mesh: GridMesh | null;
  /** Places of the layer that rows are placed by. */
  places: PlaceIndex | null;
  /** Keys that values of a field must be among. */
  references: ReadonlyMap<string, { layer: string; keys: KeySet }>;
  /** Rows expected, to size the sets. */
  expectedRows: number;
  /** Column that holds the key when it is not a field of the file: rows are then known by their line. */
  keyByLine: boolean;
}

/** A row that passed, valid until the next call. */
export interface CheckedRow {
  key: string;
  /** Number of the key among those of the layer. */
  number: number;
  fid: number;
  /** Line of the file, or number of the record. */
  line: number;
  /** In the order of the layer's fields. */
  values: Value[];
  /** Null for points (their position says it all) and for unlocated rows. */
  geometry: Exclude<StoredGeometry, { kind: 'point' }> | null;
  /** Null when unlocated. */
  position: Position | null;
  /** Rings that were closed. */
  closed: number;
}

interface Reference {
  /** Index of the field. */
  index: number;
  layer: string;
  keys: KeySet;
  /** Value found last: the next rows often have the same. */
  last: Value;
}

/** Checks records of one file against the contract of one layer. Remembers keys and unique values. */
export class RowChecker {
  /** Why the last row failed, and where it lies if that is known. */
  fault: Fault = { code: 'ROW_SHAPE', field: null, value: null, message: '' };
  faultPlace: { lon: number; lat: number } | null = null;
  readonly keys: KeySet;

  private readonly layer: Layer;
  readonly context: CheckContext;
  private readonly readers: FieldReader[];
  /** Index of each field's column in a record; -1 when the file lacks it. */
  readonly columns: number[];
  readonly width: number;
  readonly keyIndex: number;
  readonly placeIndex: number;
  readonly gridIndex: number;
  readonly xColumn: number;
  readonly yColumn: number;
  readonly uniques: { index: number; keys: KeySet }[];
  readonly references: Reference[];
  private readonly position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  private readonly row: CheckedRow;
  /** Coordinates of the record at hand, read by `readPlace`. */
  private geometry: StoredGeometry | null = null;
  private lastLink: string | null = null;
  private isLinkFound = false;
  private closed = 0;
  private readonly raw: { x: number; y: number; transform: ToWgs84 };

  constructor(layer: Layer, sourceColumns: readonly string[], context: CheckContext) {
    this.layer = layer;
    this.context = context;
    const names = Object.keys(layer.fields);
    this.width = sourceColumns.length;
    this.columns = columnIndexes(layer, sourceColumns, context.keyByLine);
    this.readers = Object.entries(layer.fields).map(
      ([name, field]) => new FieldReader(name, field, field.required === true || name === layer.key),
    );
    this.keyIndex = names.indexOf(layer.key);
    this.placeIndex = layer.place ? names.indexOf(layer.place.field) : -1;
    this.gridIndex = context.isDistrict ? names.indexOf('grid_code') : -1;
    this.xColumn = layer.source.coordinates ? sourceColumns.indexOf(layer.source.coordinates.x) : -1;
    this.yColumn = layer.source.coordinates ? sourceColumns.indexOf(layer.source.coordinates.y) : -1;
    this.keys = new KeySet(context.expectedRows);
    this.uniques = (layer.checks.unique ?? []).map((field) => ({
      index: names.indexOf(field),
      keys: new KeySet(context.expectedRows),
    }));
    this.references = [...context.references].map(([field, target]) => ({
      index: names.indexOf(field),
      last: null,
      ...target,
    }));
    this.raw = { x: 0, y: 0, transform: context.transform };
    this.row = {
      key: '',
      number: 0,
      fid: 0,
      line: 0,
      values: names.map(() => null),
      geometry: null,
      position: null,
      closed: 0,
    };
  }

  /** The row as it will be stored, or null with `fault` set. */
  check(record: readonly unknown[], line: number, geometry: GeoJson | null): CheckedRow | null {
    this.faultPlace = null;
    this.geometry = null;
    this.closed = 0;
    if (record.length !== this.width) {
      const fault = { code: 'ROW_SHAPE', field: null, value: String(record.length) } as const;
      this.fault = {
        ...fault,
        message: bilingual(
          `应有 ${this.width} 列，实有 ${record.length} 列`,
          `expected ${this.width} columns, found ${record.length}`,
        ),
      };
      return null;
    }
    const { row } = this;
    row.line = line;
    // The place first: a rejected row is drawn where it lies.
    const placeFault = this.readPlace(record, geometry);
    const fault = this.readFields(record, line) ?? placeFault ?? this.checkLinks() ?? this.checkKeys();
    if (fault) {
      this.fault = fault;
      if (row.position) this.faultPlace = { lon: row.position.lon, lat: row.position.lat };
      return null;
    }
    return row;
  }

  private readFields(record: readonly unknown[], line: number): Fault | null {
    const { values } = this.row;
    for (let i = 0; i < this.readers.length; i += 1) {
      const reader = this.readers[i] as FieldReader;
      const column = this.columns[i] as number;
      const raw = column >= 0 ? record[column] : i === this.keyIndex && this.context.keyByLine ? line : null;
      const value = reader.read(raw);
      if (value === INVALID) return reader.fault;
      values[i] = value;
    }
    return null;
  }

  /** Own coordinates, if the row has any, into `geometry` and `row.position`. */
  private readPlace(record: readonly unknown[], source: GeoJson | null): Fault | null {
    const { row } = this;
    row.geometry = null;
    row.position = null;
    if (this.xColumn >= 0) {
      const fault = this.readCoordinates(record);
      if (fault) return fault;
    } else if (source) {
      const shape = readShape(source, this.layer.geometry, this.context.transform);
      if ('code' in shape) return { code: shape.code, field: null, value: shape.value, message: shape.message };
      this.geometry = shape.geometry;
      if (shape.geometry) {
        this.closed = shape.closed;
        const first = firstPosition(source);
        this.raw.x = first[0];
        this.raw.y = first[1];
      }
    }
    const { geometry } = this;
    if (!geometry) return null;
    this.lastLink = null;
    const fault = placeGeometry(geometry, this.position, this.context.mesh, this.context.isDistrict, this.raw);
    if (fault) return fault;
    row.position = this.position;
    row.closed = this.closed;
    if (geometry.kind !== 'point') row.geometry = geometry;
    return null;
  }

  private readCoordinates(record: readonly unknown[]): Fault | null {
    const [rawX, rawY] = [record[this.xColumn], record[this.yColumn]];
    const isEmptyX = isBlank(rawX);
    const isEmptyY = isBlank(rawY);
    if (isEmptyX && isEmptyY) return null;
    const x = isEmptyX ? Number.NaN : Number(rawX);
    const y = isEmptyY ? Number.NaN : Number(rawY);
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      return {
        code: 'BAD_COORDINATES',
        field: null,
        value: `${String(rawX)}, ${String(rawY)}`,
        message: bilingual('坐标不是一对数值', 'the coordinates are not two numbers'),
      };
    }
    this.raw.x = x;
    this.raw.y = y;
    const [lon, lat] = this.context.transform(x, y);
    this.geometry = { kind: 'point', lon, lat };
    return null;
  }

  /** Place by link, references, and the stated grid cell. */
  private checkLinks(): Fault | null {
    const { row, context } = this;
    const { values } = row;
    if (row.position === null && this.placeIndex >= 0 && context.places) {
      const link = values[this.placeIndex];
      if (typeof link === 'string') {
        // Rows of one household or building come one after the other: the same place need not be looked up again.
        if (link !== this.lastLink) {
          this.lastLink = link;
          this.isLinkFound = context.places.find(link, this.position);
        }
        if (this.isLinkFound) row.position = this.position;
      }
    }
    for (const reference of this.references) {
      const { index, layer, keys } = reference;
      const value = values[index];
      if (value === null || value === undefined || value === reference.last) continue;
      if (keys.has(String(value))) reference.last = value;
      else {
        const field = (this.readers[index] as FieldReader).name;
        return {
          code: 'UNKNOWN_REFERENCE',
          field,
          value: String(value),
          message: bilingual(`图层 ${layer} 中没有该编码`, `there is no such key in layer ${layer}`),
        };
      }
    }
    const stated = this.gridIndex >= 0 ? values[this.gridIndex] : null;
    if (typeof stated === 'string' && row.position && context.mesh)
      return gridFault(stated, row.position, context.mesh);
    return null;
  }

  /** Last, so that only rows that pass otherwise take a key. */
  private checkKeys(): Fault | null {
    const { row } = this;
    row.key = String(row.values[this.keyIndex]);
    row.number = this.keys.add(row.key);
    if (row.number < 0) return this.duplicateKey();
    row.fid = hashedFid();
    if (this.keys.collided) {
      hashKey(`${row.key}\u0001`);
      row.fid = hashedFid();
    }
    for (let i = 0; i < this.uniques.length; i += 1) {
      const { index, keys } = this.uniques[i] as { index: number; keys: KeySet };
      const value = row.values[index];
      if (value === null || value === undefined || keys.add(String(value)) >= 0) continue;
      this.keys.undo();
      for (const earlier of this.uniques.slice(0, i)) if (row.values[earlier.index] !== null) earlier.keys.undo();
      return {
        code: 'NOT_UNIQUE',
        field: (this.readers[index] as FieldReader).name,
        value: String(value),
        message: bilingual('该值已出现过', 'this value occurred before'),
      };
    }
    return null;
  }

  private duplicateKey(): Fault {
    return {
      code: 'DUPLICATE_KEY',
      field: this.layer.key,
      value: this.row.key,
      message: bilingual('主键已出现过', 'this key occurred before'),
    };
  }
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

function firstPosition(geometry: GeoJson): [number, number] {
  let at: unknown = geometry.type === 'GeometryCollection' ? geometry.geometries[0] : geometry;
  at = (at as { coordinates?: unknown }).coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[0];
  return at as [number, number];
}

/** Where each field's column is. A file without the column of a required field cannot be this layer's. */
function columnIndexes(layer: Layer, sourceColumns: readonly string[], keyByLine: boolean): number[] {
  const missing: string[] = [];
  const indexes = Object.entries(layer.fields).map(([name, field]) => {
    const column = layer.source.columns?.[name] ?? name;
    const index = sourceColumns.indexOf(column);
    const isNeeded = name === layer.key ? !keyByLine : field.required === true;
    if (index < 0 && isNeeded) missing.push(column);
    return index;
  });
  const { coordinates } = layer.source;
  if (coordinates)
    for (const column of [coordinates.x, coordinates.y]) if (!sourceColumns.includes(column)) missing.push(column);
  if (missing.length > 0) {
    throw new LoadError('MISSING_COLUMN', {
      zh: `缺少列：${missing.join('、')}（文件中有：${sourceColumns.join('、')}）。`,
      en: `missing: ${missing.join(', ')} (the file has: ${sourceColumns.join(', ')}).`,
    });
  }
  return indexes;
}
