import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { detectFileEncoding } from '../formats/encoding.ts';
import type { Geometry } from 'geojson';
import { openCsv } from '../formats/csv.ts';
import { openGeoJson } from '../formats/geojson.ts';
import type { RecordSource } from '../formats/source.ts';
import { findColumns, isConstant, type IncidentColumns } from './columns.ts';
import { timeReader } from './time.ts';

/** One row of the file that says when and where something happened. */
export interface FileIncident {
  /** Line of the file. */
  line: number;
  /** ms since 1970. */
  at: number;
  /** EPSG:4326 degrees, as in the file. */
  lon: number;
  lat: number;
  /** What names the place instead of coordinates, which are NaN then. */
  place?: string;
  category: string;
  title: string;
  /** Idempotency key: the id of the row, or a hash of all of it, so that rows repeated exactly are one incident. */
  key: string;
}

export interface FileContent {
  /** In event order; rows of the same time in file order. */
  incidents: FileIncident[];
  /** Places of the whole file, whatever the limit: they decide how the file is put onto the district. */
  places: { lon: number; lat: number }[];
  columns: IncidentColumns;
  encoding: string;
  /** Rows read. */
  read: number;
  /** Rows without coordinates. */
  unplaced: number;
  /** Rows that cannot be reported at all. */
  rejected: { line: number; message: string }[];
}

const BLANK = /^(na|nan|null|none|n\/a|-)?$/i;

/**
 * Reads a CSV or GeoJSON of incidents whole (meant for files up to some 200 000 rows) and sorts it by time. With `limit`, only the
 * first rows of the file are counted and returned.
 */
export async function readIncidents(
  path: string,
  { map, limit = Number.POSITIVE_INFINITY }: { map?: string; limit?: number } = {},
): Promise<FileContent> {
  const source = await open(path);
  const rows: { line: number; values: unknown[]; geometry: Geometry | null }[] = [];
  try {
    for await (const batch of source.batches()) {
      batch.rows.forEach((values, i) =>
        rows.push({ line: batch.lines[i] ?? 0, values, geometry: batch.geometries?.[i] ?? null }),
      );
    }
  } finally {
    await source.close();
  }
  const columns = findColumns(source.columns, map, source.hasGeometry);
  const timeColumn = source.columns.indexOf(columns.time);
  const { encoding } = source;
  const readTime = timeReader(rows.map(({ values }) => String(values[timeColumn] ?? '')));
  const readRow = rowReader(source.columns, columns, readTime, basename(path, extname(path)).slice(0, 60));

  const content: FileContent = { incidents: [], places: [], columns, encoding, read: 0, unplaced: 0, rejected: [] };
  rows.forEach(({ line, values, geometry }, index) => {
    const row = readRow(line, values, geometry);
    if (typeof row === 'object' && row.place === undefined) content.places.push(row);
    if (index >= limit) return;
    content.read += 1;
    if (row === 'unplaced') content.unplaced += 1;
    else if (typeof row === 'string') content.rejected.push({ line, message: row });
    else content.incidents.push(row);
  });
  content.incidents.sort((a, b) => a.at - b.at || a.line - b.line);
  return content;
}

/** Makes the reader of one row: the incident, `unplaced`, or what is wrong with it. */
function rowReader(
  names: readonly string[],
  columns: IncidentColumns,
  readTime: (text: string) => number | undefined,
  file: string,
): (line: number, values: readonly unknown[], geometry: Geometry | null) => FileIncident | string {
  return (line, values, geometry) => {
    if (values.length !== names.length) return `${values.length} fields instead of ${names.length}`;
    const value = (column: string): string => String(values[names.indexOf(column)] ?? '').trim();
    const time = [columns.time, ...(columns.clock === undefined ? [] : [columns.clock])].map(value).join(' ');
    const named = columns.place
      ?.map(value)
      .filter((text) => !BLANK.test(text))
      .join(' ');
    if (named === '') return 'unplaced';
    const [x, y] =
      geometry?.type === 'Point'
        ? geometry.coordinates.slice(0, 2).map(String)
        : [columns.lon === undefined ? '' : value(columns.lon), columns.lat === undefined ? '' : value(columns.lat)];
    const [lon, lat] = named === undefined ? [Number(x), Number(y)] : [Number.NaN, Number.NaN];
    if (named === undefined) {
      if (BLANK.test(x ?? '') || BLANK.test(y ?? '') || (lon === 0 && lat === 0)) return 'unplaced';
      if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return `${columns.lon} ${x}, ${columns.lat} ${y} is no place`;
    }
    const at = readTime(time);
    if (at === undefined) return `${columns.time} ${JSON.stringify(time)} is no time`;
    const id = (columns.id && value(columns.id)) || createHash('sha256').update(JSON.stringify(values)).digest('hex');
    const { category: kind } = columns;
    const category = kind === undefined ? '' : isConstant(kind) ? kind.slice(1) : value(kind);
    const parts = columns.title.map(value).filter((text) => !BLANK.test(text));
    const title = clean(parts.join(' · ') || category || file);
    return {
      line,
      at,
      lon,
      lat,
      ...(named === undefined ? {} : { place: named }),
      category,
      title,
      key: `${file}/${id.slice(0, 100)}`,
    };
  };
}

/** In windows-1252 every byte is a character: nothing is lost, at worst a letter looks odd. */
async function open(path: string): Promise<RecordSource> {
  if (/\.(geo)?json$/i.test(path)) return openGeoJson(path);
  const { encoding, confidence, bom } = await detectFileEncoding(path);
  return openCsv(path, { encoding: confidence > 0.3 ? encoding : 'windows-1252', bom });
}

function clean(title: string): string {
  const text = title.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return text.length > 200 ? text.slice(0, 200).replace(/[\ud800-\udbff]$/, '') : text;
}
