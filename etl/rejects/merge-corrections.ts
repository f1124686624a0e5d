import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Geometry } from 'geojson';
import { ROLES } from '../../layers/access.ts';
import type { Database } from '../../server/db/connect.ts';
import { TextFile } from '../demo/files/text-file.ts';
import { LoadError } from '../errors.ts';
import type { Gdal } from '../formats/gdal.ts';
import { openFile, type OpenedFile } from '../formats/open.ts';
import { cellsOf, cellText, LEADING, LEADING_ASCII, maskedCells } from './handed-row.ts';
import type { PastLoad } from './past-load.ts';
import { openPast } from './read-rejects.ts';

export interface Merged {
  path: string;
  format: 'csv' | 'geojson';
  /** Rows that came back mended, that came back as they were handed out, and that did not come back. */
  corrected: number;
  unchanged: number;
  missing: number;
}

interface Correction {
  cells: Map<string, unknown>;
  geometry: Geometry | null;
}

/**
 * Writes the file of a load once more, with the mended rows in the place of those that were set aside; all others stay
 * as they are, also rejected ones that did not come back or came back unchanged. Of a mended row, a cell that still says
 * what was handed out keeps its original, so that masked values come through. Tables become CSV, shapes GeoJSON.
 */
export async function mergeCorrections(
  db: Database,
  past: PastLoad,
  file: string,
  folder: string,
  gdal: () => Promise<Gdal>,
): Promise<Merged> {
  const codes = await readCodes(db, past.load);
  const corrections = await readCorrections(past, file, gdal);
  const { source } = await openPast(past, gdal);
  const format = source.hasGeometry ? 'geojson' : 'csv';
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${past.layer.id}-${past.load}.${format}`);
  const writer = format === 'csv' ? csvWriter(path, source.columns) : geojsonWriter(path, past, source);
  const merged: Merged = { path, format, corrected: 0, unchanged: 0, missing: codes.total - corrections.size };
  const keyColumn = source.columns.indexOf(past.layer.source.columns?.[past.layer.key] ?? past.layer.key);
  try {
    for await (const batch of source.batches()) {
      for (const [i, record] of batch.rows.entries()) {
        const line = batch.lines[i] as number;
        const geometry = batch.geometries?.[i] ?? null;
        const correction = corrections.get(line);
        if (correction === undefined) {
          writer.write(record, geometry);
          continue;
        }
        corrections.delete(line);
        const code = codes.byLine.get(line) ?? codes.byKey.get(cellText(record[keyColumn]));
        if (code === undefined) throw notRejected(line, past.load);
        const mended = mend(past, code, cellsOf(source.columns, record), geometry, correction);
        if (mended === null) {
          merged.unchanged += 1;
          writer.write(record, geometry);
        } else {
          merged.corrected += 1;
          const cells = source.columns.map((column) => mended.cells.get(column) ?? null);
          writer.write(cells, mended.geometry);
        }
      }
    }
    const [stray] = corrections.keys();
    if (stray !== undefined) throw notRejected(stray, past.load);
    writer.finish();
    return merged;
  } catch (error) {
    writer.finish();
    rmSync(path, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

/** Reasons by line; what only the database could tell has no line, but a key. */
async function readCodes(
  db: Database,
  load: number,
): Promise<{ byLine: Map<number, string>; byKey: Map<string, string>; total: number }> {
  const rows = await db.sql<{ line: number | null; code: string; key: string | null }[]>`
    select line, code, raw ->> 'source_id' as key from app.reject where load_id = ${load}::int4`;
  return {
    byLine: new Map(rows.flatMap(({ line, code }) => (line === null ? [] : [[line, code] as const]))),
    byKey: new Map(
      rows.flatMap(({ line, code, key }) => (line !== null || key === null ? [] : [[key, code] as const])),
    ),
    total: rows.length,
  };
}

/** The mended rows by the line they had. */
async function readCorrections(
  past: PastLoad,
  file: string,
  gdal: () => Promise<Gdal>,
): Promise<Map<number, Correction>> {
  const opened = await openCorrections(past, file, gdal);
  const { source } = opened;
  const lineColumn = source.columns.findIndex((column) => column === LEADING[0] || column === LEADING_ASCII[0]);
  const corrections = new Map<number, Correction>();
  try {
    if (lineColumn < 0) {
      throw new LoadError('MISSING_COLUMN', {
        zh: `缺少列 ${LEADING[0]}：请在下载的退回文件中更正，并保留前三列。`,
        en: `${LEADING[0]} (${LEADING_ASCII[0]}) is missing: mend the downloaded file, and keep its first three columns.`,
      });
    }
    for await (const batch of source.batches()) {
      for (const [i, record] of batch.rows.entries()) {
        const text = cellText(record[lineColumn]);
        const line = /^\d{1,9}(\.0+)?$/.test(text) ? Number(text) : Number.NaN;
        if (!Number.isInteger(line) || corrections.has(line)) {
          throw new LoadError('UNREADABLE', {
            zh: `${LEADING[0]} 应为互不相同的整数，实为 ${JSON.stringify(text)}（第 ${batch.lines[i]} 行）。`,
            en: `${LEADING[0]} must hold whole numbers that differ, not ${JSON.stringify(text)} (line ${batch.lines[i]}).`,
          });
        }
        corrections.set(line, {
          cells: cellsOf(source.columns, record),
          geometry: batch.geometries?.[i] ?? null,
        });
      }
    }
    return corrections;
  } finally {
    await source.close();
  }
}

/** In the encoding it was handed out in; a spreadsheet may have saved it in another. */
async function openCorrections(past: PastLoad, file: string, gdal: () => Promise<Gdal>): Promise<OpenedFile> {
  try {
    return await openFile(file, { gdal, ...(past.encoding === null ? {} : { encoding: past.encoding }) });
  } catch (error) {
    if (!(error instanceof LoadError) || error.code !== 'UNKNOWN_ENCODING') throw error;
    return openFile(file, { gdal });
  }
}

/** The original with what was changed in it; null when nothing was. */
function mend(
  { layer }: PastLoad,
  code: string,
  original: Map<string, unknown>,
  geometry: Geometry | null,
  correction: Correction,
): Correction | null {
  // Whoever mended it was handed one of these: a cell that says the same as any of them was not touched.
  const handed = ROLES.map((role) => maskedCells(layer, role, code, original));
  const cells = new Map(original);
  let isChanged = JSON.stringify(geometry) !== JSON.stringify(correction.geometry);
  for (const column of original.keys()) {
    const returned = correction.cells.get(column);
    // A cell beyond the header is mended by leaving it out.
    const text = cellText(returned);
    if (handed.some((each) => cellText(each.get(column)) === text)) continue;
    cells.set(column, returned ?? null);
    isChanged = true;
  }
  return isChanged ? { cells, geometry: correction.geometry } : null;
}

function notRejected(line: number, load: number): LoadError {
  return new LoadError('UNREADABLE', {
    zh: `第 ${line} 行不在装载 ${load} 退回的行之中。`,
    en: `line ${line} is not among the rows that load ${load} set aside.`,
  });
}

interface Writer {
  write(record: readonly unknown[], geometry: Geometry | null): void;
  finish(): void;
}

function csvWriter(path: string, columns: readonly string[]): Writer {
  const file = new TextFile(path, 'utf-8');
  file.write(`\uFEFF${csvLine(columns)}`);
  return { write: (record) => file.write(csvLine(record)), finish: () => file.close() };
}

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map((cell) => quoted(rawText(cell))).join(',')}\r\n`;
}

/** Not trimmed: rows that were not mended stay as they came. */
function rawText(value: unknown): string {
  return typeof value === 'string' ? value : cellText(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function geojsonWriter(path: string, { layer }: PastLoad, { columns, crs }: OpenedFile['source']): Writer {
  const file = new TextFile(path, 'utf-8');
  const named = crs !== null && crs.from !== 'RFC 7946' && /^EPSG:\d+$/.test(crs.crs);
  const member = named ? `"crs":{"type":"name","properties":{"name":"${crs.crs}"}},` : '';
  file.write(`{"type":"FeatureCollection","name":"${layer.id}",${member}"features":[`);
  let separator = '\n';
  return {
    write(record, geometry) {
      const properties = Object.fromEntries(columns.map((column, i) => [column, record[i] ?? null]));
      file.write(separator + JSON.stringify({ type: 'Feature', properties, geometry }));
      separator = ',\n';
    },
    finish() {
      file.write('\n]}\n');
      file.close();
    },
  };
}
