import type { Geometry as GeoJson } from 'geojson';
import type { Layer } from '../../layers/define.ts';
import { readShape } from '../checks/shape.ts';
import { isBlank } from '../checks/blank.ts';
import { isCoarse } from '../checks/coarse.ts';
import { type ActiveChecks, ALL_CHECKS } from '../checks/active-checks.ts';
import { type DatePair, datePairs, isInOrder } from '../checks/date-order.ts';
import { RowDiagnosis } from '../checks/diagnose-row.ts';
import { bilingual, type Fault, FieldReader, INVALID, type Repair, type Value } from '../checks/field-reader.ts';
import { mendCoordinate } from '../checks/mend-text.ts';
import { latestDay, latestInstant } from '../checks/latest.ts';
import type { ToWgs84 } from '../crs/transform.ts';
import type { StoredGeometry } from '../encode/geometry.ts';
import { LoadError } from '../errors.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import type { AddressLinker } from '../link/address/address-linker.ts';
import { hashedFid, hashKey } from '../link/key-hash.ts';
import { KeySet } from '../link/key-set.ts';
import type { PlaceIndex, Position } from '../link/place-index.ts';
import type { CrsSource } from './detect.ts';
import { deliveredPlace, firstPosition, gridFault, placeGeometry } from './place.ts';

/** What a layer is checked against. */
export interface CheckContext {
  transform: ToWgs84;
  /** What `transform` is made of; without it rows are placed in this thread only. */
  crs?: CrsSource;
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
  /** Checks that are made; all when left out. */
  checks?: ActiveChecks;
  /** Fills the fields that are derived from the address. */
  linker?: AddressLinker | null;
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
  /** What was put right in it. */
  repairs: Repair[];
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
  /** Why the last row failed, and where it lies as it was delivered, if that is a place on earth. */
  fault: Fault = { code: 'ROW_SHAPE', field: null, value: null, message: '' };
  faultPlace: { lon: number; lat: number } | null = null;
  readonly keys: KeySet;
  /** Rows that passed, but have no place although the layer is placed by link: without a link, and with one that leads nowhere. */
  readonly unlinked = { empty: 0, dead: 0 };
  /** Newest timestamp of a row that passed, as it is stored. */
  newest = Number.NEGATIVE_INFINITY;
  /** Index of the field with the timestamp of the row, or -1. */
  readonly timestampIndex: number;
  readonly orders: readonly DatePair[];
  readonly checks: ActiveChecks;
  /** Latest day or instant of each field, as it is stored. */
  readonly latest: readonly number[];

  private readonly layer: Layer;
  private readonly diagnosis: RowDiagnosis | null;
  private readonly shapes: KeySet | null;
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
  private readonly raw: { x: number; y: number; transform: ToWgs84 };

  constructor(layer: Layer, sourceColumns: readonly string[], context: CheckContext) {
    this.layer = layer;
    this.context = context;
    const names = Object.keys(layer.fields);
    this.width = sourceColumns.length;
    this.columns = columnIndexes(layer, sourceColumns, context.keyByLine);
    this.checks = context.checks ?? ALL_CHECKS;
    const order = layer.checks.order ?? [];
    this.latest = Object.entries(layer.fields).map(([name, field]) =>
      !order.some(([first, second]) => first === name && second === 'today')
        ? Number.POSITIVE_INFINITY
        : field.type === 'date'
          ? latestDay(new Date())
          : latestInstant(new Date()),
    );
    this.readers = Object.entries(layer.fields).map(
      ([name, field], i) =>
        new FieldReader(name, field, field.required === true || name === layer.key, this.checks, this.latest[i]),
    );
    this.orders = datePairs(layer);
    this.timestampIndex = layer.source.timestamp === undefined ? -1 : names.indexOf(layer.source.timestamp);
    const isTable = layer.source.format === 'csv' || layer.source.format === 'xlsx';
    this.diagnosis = isTable
      ? new RowDiagnosis(sourceColumns, this.checks, (record, shift) => this.countPassing(record, shift))
      : null;
    this.shapes = layer.checks.distinctShapes === true ? new KeySet(context.expectedRows) : null;
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
      repairs: [],
    };
  }

  /** The row as it will be stored, or null with `fault` set. */
  check(record: readonly unknown[], line: number, geometry: GeoJson | null): CheckedRow | null {
    this.faultPlace = null;
    this.geometry = null;
    const { row } = this;
    row.repairs.length = 0;
    if (record.length !== this.width) {
      const fault = this.made(this.widthFault(record));
      if (fault) {
        this.fault = this.diagnosis?.of(record) ?? fault;
        return null;
      }
    }
    row.line = line;
    // The place first: a rejected row is drawn where it lies.
    const placeFault = this.readPlace(record, geometry);
    const fieldFault = this.readFields(record, line);
    const fault =
      (fieldFault && (this.diagnosis?.of(record) ?? fieldFault)) ??
      placeFault ??
      this.made(this.checkOrder()) ??
      this.checkLinks() ??
      this.checkKeys();
    if (fault) {
      this.fault = fault;
      this.faultPlace = row.position
        ? { lon: row.position.lon, lat: row.position.lat }
        : deliveredPlace(this.geometry, this.raw, geometry, this.context.isDistrict);
      return null;
    }
    this.note();
    this.context.linker?.fill(row.values);
    return row;
  }

  /** The fault, unless its check is not made. */
  private made(fault: Fault | null): Fault | null {
    return fault && this.checks.has(fault.code) ? fault : null;
  }

  private widthFault(record: readonly unknown[]): Fault {
    const { width } = this;
    const message = bilingual(
      `应有 ${width} 列，实有 ${record.length} 列`,
      `expected ${width} columns, found ${record.length}`,
    );
    const code = record.length < width ? 'TRUNCATED_ROW' : 'ROW_SHAPE';
    return { code, field: null, value: String(record.length), message };
  }

  /** What is counted of a row that passed. */
  private note(): void {
    const { row } = this;
    if (row.position === null && this.placeIndex >= 0) {
      if (row.values[this.placeIndex] === null) this.unlinked.empty += 1;
      else this.unlinked.dead += 1;
    }
    const timestamp = this.timestampIndex < 0 ? null : row.values[this.timestampIndex];
    if (typeof timestamp === 'number' && timestamp > this.newest) this.newest = timestamp;
  }

  /** Fields with a value that accept it, when each stands `shift` columns further on than it should. */
  private countPassing(record: readonly unknown[], shift: number): number {
    let passing = 0;
    for (let i = 0; i < this.readers.length; i += 1) {
      const reader = this.readers[i] as FieldReader;
      const column = this.columns[i] as number;
      const raw = column < 0 ? null : record[column + shift];
      // Free text takes anything and says nothing.
      if (!reader.isTelling || raw === null || raw === undefined || raw === '') continue;
      if (reader.read(raw) !== INVALID && reader.repair === null) passing += 1;
    }
    return passing;
  }

  private checkOrder(): Fault | null {
    const { values } = this.row;
    for (const pair of this.orders) {
      const { first, second } = pair;
      const [from, to] = [values[first], values[second]];
      if (typeof from !== 'number' || typeof to !== 'number' || isInOrder(pair, from, to)) continue;
      const [a, b] = [this.readers[first] as FieldReader, this.readers[second] as FieldReader];
      return {
        code: 'DATE_ORDER',
        field: b.name,
        value: null,
        message: bilingual(`${a.name} 晚于 ${b.name}`, `${a.name} is later than ${b.name}`),
      };
    }
    return null;
  }

  private readFields(record: readonly unknown[], line: number): Fault | null {
    const { values } = this.row;
    for (let i = 0; i < this.readers.length; i += 1) {
      const reader = this.readers[i] as FieldReader;
      const column = this.columns[i] as number;
      const raw = column >= 0 ? record[column] : i === this.keyIndex && this.context.keyByLine ? line : null;
      const value = reader.read(raw);
      if (value === INVALID) return reader.fault;
      if (reader.repair) this.row.repairs.push(reader.repair);
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
      if ('code' in shape) {
        return this.made({ code: shape.code, field: null, value: shape.value, message: shape.message });
      }
      this.geometry = shape.geometry;
      if (shape.geometry) {
        const first = firstPosition(source);
        this.raw.x = first?.[0] ?? Number.NaN;
        this.raw.y = first?.[1] ?? Number.NaN;
        const fault = this.noteShape(shape.closed, shape.repeated);
        if (fault) return fault;
      }
    }
    const { geometry } = this;
    if (!geometry) return null;
    this.lastLink = null;
    const fault = placeGeometry(geometry, this.position, this.context.mesh, this.context.isDistrict, this.raw);
    if (fault && this.checks.has(fault.code)) return fault;
    if (fault) return null;
    row.position = this.position;
    if (geometry.kind !== 'point') row.geometry = geometry;
    return null;
  }

  private readCoordinates(record: readonly unknown[]): Fault | null {
    const [rawX, rawY] = [record[this.xColumn], record[this.yColumn]];
    const isEmptyX = isBlank(rawX);
    const isEmptyY = isBlank(rawY);
    if (isEmptyX && isEmptyY) return null;
    let x = isEmptyX ? Number.NaN : Number(rawX);
    let y = isEmptyY ? Number.NaN : Number(rawY);
    if ((!Number.isFinite(x) || !Number.isFinite(y)) && this.checks.has('NUMBER_CLEANED')) {
      x = Number.isFinite(x) ? x : mendCoordinate(rawX);
      y = Number.isFinite(y) ? y : mendCoordinate(rawY);
      if (Number.isFinite(x) && Number.isFinite(y)) {
        this.row.repairs.push({ code: 'NUMBER_CLEANED', message: `${String(rawX)}, ${String(rawY)} → ${x}, ${y}` });
      }
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      return this.made({
        code: 'BAD_COORDINATES',
        field: null,
        value: `${String(rawX)}, ${String(rawY)}`,
        message: bilingual('坐标不是一对数值', 'the coordinates are not two numbers'),
      });
    }
    this.raw.x = x;
    this.raw.y = y;
    const [lon, lat] = this.context.transform(x, y);
    this.geometry = { kind: 'point', lon, lat };
    if (this.context.isDistrict && isCoarse(x, y)) {
      const fault = this.made({
        code: 'COARSE_COORDINATES',
        field: null,
        value: `${x}, ${y}`,
        message: bilingual('坐标取整到约 1 公里', 'the coordinates are rounded to some 1 km'),
      });
      if (fault) return fault;
    }
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
      if (keys.has(String(value)) || !this.checks.has('UNKNOWN_REFERENCE')) reference.last = value;
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
      return this.made(gridFault(stated, row.position, context.mesh));
    return null;
  }

  /** Notes what was mended in a shape; a shape that may not be mended is refused. */
  private noteShape(closed: number, repeated: number): Fault | null {
    const { checks, row } = this;
    if ((closed > 0 && !checks.has('RING_CLOSED')) || (repeated > 0 && !checks.has('REPEATED_POINTS'))) {
      const message = bilingual('图形需修复', 'the geometry would have to be mended');
      return { code: 'BAD_GEOMETRY', field: null, value: null, message };
    }
    if (closed > 0) {
      row.repairs.push({ code: 'RING_CLOSED', message: bilingual(`闭合了 ${closed} 个环`, `${closed} rings closed`) });
    }
    if (repeated > 0) {
      const message = bilingual(`去除了 ${repeated} 个重复点`, `${repeated} repeated points left out`);
      row.repairs.push({ code: 'REPEATED_POINTS', message });
    }
    return null;
  }

  /** Last, so that only rows that pass otherwise take a key. */
  private checkKeys(): Fault | null {
    const { row } = this;
    row.key = String(row.values[this.keyIndex]);
    row.number = this.keys.add(row.key);
    if (row.number < 0) return this.made(this.duplicateKey());
    row.fid = hashedFid();
    if (this.keys.collided) {
      hashKey(`${row.key}\u0001`);
      row.fid = hashedFid();
    }
    for (let i = 0; i < this.uniques.length; i += 1) {
      const { index, keys } = this.uniques[i] as { index: number; keys: KeySet };
      const value = row.values[index];
      if (value === null || value === undefined || keys.add(String(value)) >= 0) continue;
      if (!this.checks.has('NOT_UNIQUE')) continue;
      this.keys.undo();
      for (const earlier of this.uniques.slice(0, i)) if (row.values[earlier.index] !== null) earlier.keys.undo();
      return {
        code: 'NOT_UNIQUE',
        field: (this.readers[index] as FieldReader).name,
        value: String(value),
        message: bilingual('该值已出现过', 'this value occurred before'),
      };
    }
    return this.shapes && row.geometry ? this.checkShape(this.shapes, row.geometry) : null;
  }

  private checkShape(shapes: KeySet, geometry: NonNullable<CheckedRow['geometry']>): Fault | null {
    const vertices = JSON.stringify(geometry.kind === 'line' ? geometry.lines : geometry.polygons);
    if (shapes.add(vertices) >= 0 || !this.checks.has('DUPLICATE_GEOMETRY')) return null;
    this.keys.undo();
    for (const { index, keys } of this.uniques) if (this.row.values[index] !== null) keys.undo();
    return {
      code: 'DUPLICATE_GEOMETRY',
      field: null,
      value: vertices.slice(0, 100),
      message: bilingual('与前面一行的图形完全相同', 'is the very geometry of an earlier row'),
    };
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

/** Where each field's column is. A file without the column of a required field cannot be this layer's. */
function columnIndexes(layer: Layer, sourceColumns: readonly string[], keyByLine: boolean): number[] {
  const missing: string[] = [];
  const indexes = Object.entries(layer.fields).map(([name, field]) => {
    const column = layer.source.columns?.[name] ?? name;
    // A column of the name of a derived field is the department's own affair.
    const index = field.derived === undefined ? sourceColumns.indexOf(column) : -1;
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
