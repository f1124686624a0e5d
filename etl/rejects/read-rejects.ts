import type { Role } from '../../layers/access.ts';
import { sourceFields } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { Gdal } from '../formats/gdal.ts';
import { openFile } from '../formats/open.ts';
import type { DeclaredCrs } from '../formats/source.ts';
import { cellsOf, type HandedRow, maskedCells } from './handed-row.ts';
import { assertSameFile, type PastLoad } from './past-load.ts';

export interface Rejects {
  columns: readonly string[];
  rows: HandedRow[];
  hasGeometry: boolean;
  /** CRS the file itself names. */
  crs: DeclaredCrs | null;
}

interface Stored {
  line: number | null;
  code: string;
  message: string;
  raw: Record<string, unknown> | null;
}

/** Formats without shapes: all there is of a row is in `app.reject`, wherever the file has gone. */
const TABULAR = new Set(['csv', 'xlsx']);

/**
 * The rows a load set aside, masked for the role. Rows of a table come from the database; rows with a shape from the file
 * of the department, which must still be there. Throws FILE_NOT_FOUND otherwise.
 */
export async function readRejects(
  db: Database,
  past: PastLoad,
  role: Role,
  gdal: () => Promise<Gdal>,
): Promise<Rejects> {
  const stored = await db.sql<Stored[]>`
    select line, code, message, raw from app.reject where load_id = ${past.load}::int4 order by line nulls last, reject_id`;
  return TABULAR.has(past.format) ? fromDatabase(past, role, stored) : fromFile(past, role, stored, gdal);
}

function fromDatabase({ layer }: PastLoad, role: Role, stored: readonly Stored[]): Rejects {
  const columns = new Set(sourceColumns(layer));
  for (const { raw } of stored) for (const column of Object.keys(raw ?? {})) columns.add(column);
  // A column of the definition that no row has is not in the file.
  const found = [...columns].filter((column) => stored.some(({ raw }) => raw !== null && column in raw));
  const rows = stored.map(({ line, code, message, raw }): HandedRow => {
    const cells = new Map(found.map((column) => [column, raw?.[column] ?? null]));
    return { line: line ?? 0, code, reason: message, cells: maskedCells(layer, role, code, cells), geometry: null };
  });
  return { columns: found, rows, hasGeometry: false, crs: null };
}

async function fromFile(
  past: PastLoad,
  role: Role,
  stored: readonly Stored[],
  gdal: () => Promise<Gdal>,
): Promise<Rejects> {
  await assertSameFile(past);
  const { layer } = past;
  const byLine = new Map(stored.flatMap((reject) => (reject.line === null ? [] : [[reject.line, reject]])));
  // What only the database could tell is known by its key.
  const byKey = new Map(
    stored.flatMap((reject) => (reject.line === null ? [[cellKey(reject.raw?.['source_id']), reject]] : [])),
  );
  const { source } = await openPast(past, gdal);
  const keyColumn = source.columns.indexOf(layer.source.columns?.[layer.key] ?? layer.key);
  const rows: HandedRow[] = [];
  try {
    for await (const batch of source.batches()) {
      for (const [i, record] of batch.rows.entries()) {
        const line = batch.lines[i] as number;
        const reject = byLine.get(line) ?? byKey.get(cellKey(record[keyColumn]));
        if (reject === undefined) continue;
        rows.push({
          line,
          code: reject.code,
          reason: reject.message,
          cells: maskedCells(layer, role, reject.code, cellsOf(source.columns, record)),
          geometry: batch.geometries?.[i] ?? null,
        });
      }
    }
    return { columns: source.columns, rows, hasGeometry: source.hasGeometry, crs: source.crs };
  } finally {
    await source.close();
  }
}

function cellKey(value: unknown): string {
  return value === null || value === undefined ? '\0' : String(value).trim();
}

/** Opens the file of a load as the loader did, with all of its columns. */
export function openPast({ path, format, encoding }: PastLoad, gdal: () => Promise<Gdal>) {
  return openFile(path, {
    gdal,
    ...(format === 'csv' && encoding !== null ? { encoding } : {}),
    ...(format === 'shapefile' && encoding !== null ? { encoding } : {}),
  });
}

/** Column names the definition reads, coordinates included, in its order. */
export function sourceColumns(layer: PastLoad['layer']): string[] {
  const columns = sourceFields(layer).map((name) => layer.source.columns?.[name] ?? name);
  const { coordinates } = layer.source;
  return coordinates ? [...columns, coordinates.x, coordinates.y] : columns;
}
