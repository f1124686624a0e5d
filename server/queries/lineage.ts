import { posix } from 'node:path';
import type { Text } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { MadeOf } from '../results/made-of.ts';

/** What a load knows of where its rows came from. */
export interface LoadOrigin {
  load: number;
  /** Name of the file, without folders: where it lay is nobody's business. */
  file: string;
  sha256: string | null;
  format: string | null;
  encoding: string | null;
  crs: { name: string; confidence: number | null; reasons: Text[] } | null;
  startedAt: Date;
  validFrom: Date | null;
  validTo: Date | null;
  rows: { in: number; accepted: number; repaired: number; quarantined: number };
  /** Load of the grid the rows were placed in, and of each layer they were linked to; null where it was not loaded. */
  grid: number | null;
  links: Record<string, number | null>;
  /** Of a result: what it was made of; null of a delivery. */
  madeOf: MadeOf | null;
}

export async function findOrigin(sql: Sql, load: number): Promise<LoadOrigin | null> {
  const [row] = await sql<
    {
      file: string;
      sha256: string | null;
      format: string | null;
      encoding: string | null;
      crs: string | null;
      confidence: number | null;
      reasons: Text[] | null;
      startedAt: Date;
      validFrom: Date | null;
      validTo: Date | null;
      rows: LoadOrigin['rows'];
      inputs: { grid?: number | null; links?: Record<string, number | null> } | null;
      madeOf: MadeOf | null;
    }[]
  >`
    select source_file as file, sha256, format, encoding, crs, crs_confidence as confidence,
      report -> 'crs' -> 'reasons' as reasons, started_at as "startedAt", valid_from as "validFrom", valid_to as "validTo",
      json_build_object('in', rows_in, 'accepted', rows_accepted, 'repaired', rows_repaired,
        'quarantined', rows_quarantined) as rows, inputs, made_of as "madeOf"
    from app.load where load_id = ${load}::int4`;
  if (row === undefined) return null;
  const { crs, confidence, reasons, inputs, ...rest } = row;
  return {
    ...rest,
    load,
    file: fileName(row.file),
    crs: crs === null ? null : { name: crs, confidence, reasons: reasons ?? [] },
    grid: inputs?.grid ?? null,
    links: inputs?.links ?? {},
  };
}

/** Paths of Windows, too. */
export function fileName(path: string): string {
  return posix.basename(path.replaceAll('\\', '/'));
}

/** Where one row came from: its line in the file and the values by which it was linked. */
export async function findRowOrigin(
  sql: Sql,
  table: string,
  fid: number,
  fields: readonly string[],
): Promise<{
  key: string;
  line: number | null;
  gridCode: string | null;
  values: Record<string, string | null>;
} | null> {
  // As JSON: tables that were loaded before rows kept their line have no such column.
  const [row] = await sql<{ key: string; row: Record<string, unknown> }[]>`
    select source_id as key, to_jsonb(t) - 'geom' - 'geom_3857' as row from ${sql(table)} t where fid = ${fid}::int8`;
  if (row === undefined) return null;
  const line = row.row['source_line'];
  const gridCode = row.row['grid_code'];
  return {
    key: row.key,
    line: typeof line === 'number' ? line : null,
    gridCode: typeof gridCode === 'string' ? gridCode : null,
    values: Object.fromEntries(
      fields.map((name) => [
        name,
        row.row[name] === null || row.row[name] === undefined ? null : String(row.row[name]),
      ]),
    ),
  };
}

/** The feature with a key, or null. */
export async function findFid(sql: Sql, table: string, key: string): Promise<number | null> {
  const [row] = await sql<{ fid: number }[]>`select fid from ${sql(table)} where source_id = ${key}`;
  return row?.fid ?? null;
}

/** What was changed about a row so that it could be accepted. */
export async function listRepairs(sql: Sql, load: number, key: string): Promise<{ code: string; message: string }[]> {
  return await sql<{ code: string; message: string }[]>`
    select code, message from app.repair where load_id = ${load}::int4 and source_id = ${key} order by code`;
}
