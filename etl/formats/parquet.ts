import { basename } from 'node:path';
import type { Geometry } from 'geojson';
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { LoadError } from '../errors.ts';
import type { Batch, DeclaredCrs, RecordSource } from './source.ts';

const BATCH = 2000;

/** One geometry column as GeoParquet describes it. */
interface GeoColumn {
  encoding?: string;
  /** PROJJSON; absent means longitude and latitude in WGS 84, null means unknown. */
  crs?: { id?: { authority: string; code: number | string }; name?: string } | null;
}

/** Opens Parquet, and GeoParquet with WKB geometries. One row group is in memory at a time. */
export async function openParquet(path: string): Promise<RecordSource> {
  const file = await asyncBufferFromFile(path);
  const metadata = await readable(path, () => parquetMetadataAsync(file));
  const columns = topLevel(metadata.schema);
  const geo = geoMetadata(path, metadata);
  const primary = geo?.primary ?? null;
  const shapes = new Set(Object.keys(geo?.columns ?? {}));
  const names = columns.map(({ name }) => name).filter((name) => !shapes.has(name));
  const others = [...shapes].filter((name) => name !== primary);
  const notes = others.length > 0 ? [`further geometry columns, left out: ${others.join(', ')}`] : [];
  const days = new Set(columns.filter(isDay).map(({ name }) => name));
  const total = Number(metadata.num_rows);
  let done = 0;

  async function* batches(): AsyncGenerator<Batch> {
    let start = 0;
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      const records = await readable(path, () =>
        parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd: end }),
      );
      if (records.length !== end - start) throw unreadable(path, `${records.length} of ${end - start} rows of a group`);
      for (let from = 0; from < records.length; from += BATCH) {
        const part = records.slice(from, from + BATCH);
        yield {
          rows: part.map((record) => names.map((name) => plainValue(record[name], days.has(name)))),
          lines: part.map((_, i) => start + from + i + 1),
          ...(primary === null
            ? {}
            : { geometries: part.map((record) => (record[primary] ?? null) as Geometry | null) }),
        };
        done = start + from + part.length;
      }
      start = end;
    }
  }
  return {
    format: 'parquet',
    columns: names,
    encoding: 'utf-8',
    hasGeometry: primary !== null,
    crs: primary === null ? null : crsOf(geo?.columns[primary]),
    notes,
    batches,
    progress: () => (total === 0 ? 1 : done / total),
    close: () => Promise.resolve(),
  };
}

/** The columns of the table; what lies inside a nested one is part of its value. */
function topLevel(schema: SchemaElement[]): SchemaElement[] {
  const found: SchemaElement[] = [];
  const skip = (from: number): number => {
    let at = from + 1;
    for (let i = 0; i < (schema[from]?.num_children ?? 0); i += 1) at = skip(at);
    return at;
  };
  for (let at = 1; at < schema.length; at = skip(at)) found.push(schema[at] as SchemaElement);
  return found;
}

function geoMetadata(
  path: string,
  metadata: FileMetaData,
): { primary: string; columns: Record<string, GeoColumn> } | null {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'geo')?.value;
  const native = topLevel(metadata.schema).filter(({ logical_type }) => logical_type?.type.startsWith('GEO') === true);
  if (text === undefined) {
    const [first] = native;
    return first ? { primary: first.name, columns: Object.fromEntries(native.map(({ name }) => [name, {}])) } : null;
  }
  const geo = JSON.parse(text) as { primary_column?: string; columns?: Record<string, GeoColumn> };
  const columns = geo.columns ?? {};
  const primary = geo.primary_column ?? Object.keys(columns)[0];
  if (primary === undefined) return null;
  const encoding = columns[primary]?.encoding ?? 'WKB';
  if (encoding !== 'WKB') {
    throw new LoadError('UNSUPPORTED', {
      zh: `${basename(path)} 的几何编码是 ${encoding}。请以 WKB 编码写出 GeoParquet，或导出 GeoPackage。`,
      en: `${basename(path)} writes its geometries as ${encoding}. Write GeoParquet with WKB, or export a GeoPackage.`,
    });
  }
  return { primary, columns };
}

function crsOf(column: GeoColumn | undefined): DeclaredCrs | null {
  if (column?.crs === null) return null;
  if (column?.crs === undefined) return { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'GeoParquet' };
  const { id, name } = column.crs;
  if (id?.authority === 'OGC' && id.code === 'CRS84')
    return { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'GeoParquet' };
  if (id?.authority === 'EPSG') return { crs: `EPSG:${id.code}`, name: `EPSG:${id.code}`, from: 'GeoParquet' };
  return { crs: name ?? '?', name: name ?? '?', from: 'GeoParquet' };
}

function isDay(element: SchemaElement): boolean {
  return element.converted_type === 'DATE' || element.logical_type?.type === 'DATE';
}

/** A value as other formats have it: whole numbers beyond 2^53 as text, days and times as ISO 8601, bytes as hexadecimal. */
function plainValue(value: unknown, isDate: boolean): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return null;
    return isDate ? value.toISOString().slice(0, 10) : value.toISOString();
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object') return value;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): LoadError {
  return new LoadError(
    'UNREADABLE',
    {
      zh: `${basename(path)} 不是完好的 Parquet：${reason}。请重新导出或重新传送。`,
      en: `${basename(path)} is not sound Parquet: ${reason}. Export or send it again.`,
    },
    { cause },
  );
}
