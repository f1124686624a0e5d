import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { detectFileEncoding } from '../formats/encoding.ts';
import { openCsv } from '../formats/csv.ts';
import { findColumns, type IncidentColumns } from './columns.ts';
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
 * Reads a CSV of incidents whole (meant for files up to some 200 000 rows) and sorts it by time. With `limit`, only the
 * first rows of the file are counted and returned.
 */
export async function readIncidents(
  path: string,
  { map, limit = Number.POSITIVE_INFINITY }: { map?: string; limit?: number } = {},
): Promise<FileContent> {
  const verdict = await detectFileEncoding(path);
  // In windows-1252 every byte is a character: nothing is lost, at worst a letter looks odd.
  const encoding = verdict.confidence > 0.3 ? verdict.encoding : 'windows-1252';
  const source = await openCsv(path, { encoding, bom: verdict.bom });
  const rows: { line: number; values: unknown[] }[] = [];
  try {
    for await (const batch of source.batches()) {
      batch.rows.forEach((values, i) => rows.push({ line: batch.lines[i] ?? 0, values }));
    }
  } finally {
    await source.close();
  }
  const columns = findColumns(source.columns, map);
  const timeColumn = source.columns.indexOf(columns.time);
  const readTime = timeReader(rows.map(({ values }) => String(values[timeColumn] ?? '')));
  const readRow = rowReader(source.columns, columns, readTime, basename(path, extname(path)).slice(0, 60));

  const content: FileContent = { incidents: [], places: [], columns, encoding, read: 0, unplaced: 0, rejected: [] };
  rows.forEach(({ line, values }, index) => {
    const row = readRow(line, values);
    if (typeof row === 'object') content.places.push(row);
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
): (line: number, values: readonly unknown[]) => FileIncident | string {
  return (line, values) => {
    if (values.length !== names.length) return `${values.length} fields instead of ${names.length}`;
    const value = (column: string): string => String(values[names.indexOf(column)] ?? '').trim();
    const [x, y] = [value(columns.lon), value(columns.lat)];
    const [lon, lat] = [Number(x), Number(y)];
    if (BLANK.test(x) || BLANK.test(y) || (lon === 0 && lat === 0)) return 'unplaced';
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return `${columns.lon} ${x}, ${columns.lat} ${y} is no place`;
    const at = readTime(value(columns.time));
    if (at === undefined) return `${columns.time} ${JSON.stringify(value(columns.time))} is no time`;
    const id = (columns.id && value(columns.id)) || createHash('sha256').update(JSON.stringify(values)).digest('hex');
    const category = columns.category ? value(columns.category) : '';
    const parts = columns.title.map(value).filter((text) => !BLANK.test(text));
    const title = clean(parts.join(' · ') || category || file);
    return { line, at, lon, lat, category, title, key: `${file}/${id.slice(0, 100)}` };
  };
}

function clean(title: string): string {
  const text = title.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return text.length > 200 ? text.slice(0, 200).replace(/[\ud800-\udbff]$/, '') : text;
}
