import type { Text } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';

/** A row of `app.load`, without its report. */
export interface LoadRow {
  id: number;
  layer: string;
  status: 'running' | 'published' | 'unchanged' | 'failed';
  file: string;
  format: string | null;
  encoding: string | null;
  crs: string | null;
  crsConfidence: number | null;
  startedAt: Date;
  finishedAt: Date | null;
  rowsIn: number;
  accepted: number;
  repaired: number;
  quarantined: number;
  unlocated: number;
  error: string | null;
  errorText: Text | null;
}

/** The parts of the loader's report that the columns do not have. What an older loader did not write is missing. */
export interface StoredReport {
  file?: { bytes?: number } | null;
  encoding?: { confidence?: number; reasons?: string[] } | null;
  crs?: { reasons?: (Text | string)[]; candidates?: string[] } | null;
  steps?: { step: string; seconds: number }[];
  seconds?: number;
  rowsPerSecond?: number;
  notes?: string[];
  links?: StoredLink[];
}

/** One link of a layer, and how many rows found what it leads to. Older loaders did not write all of it. */
export interface StoredLink {
  kind?: 'place' | 'reference' | 'address' | 'precision' | 'building' | 'grid';
  by: string;
  to: string;
  matched: number;
  empty: number;
  dead: number;
  refused?: number;
  reasons?: Record<string, number>;
}

function columns(sql: Sql) {
  return sql`load_id as id, layer_id as layer, status, source_file as file, format, encoding, crs,
    round(crs_confidence::numeric, 3)::float8 as "crsConfidence", started_at as "startedAt", finished_at as "finishedAt", rows_in as "rowsIn",
    rows_accepted as accepted, rows_repaired as repaired, rows_quarantined as quarantined, rows_unlocated as unlocated,
    error, report -> 'error' -> 'text' as "errorText"`;
}

export interface LoadQuery {
  /** Layers the answer may be about. */
  layers: readonly string[];
  status: LoadRow['status'] | null;
  /** Only loads before this one. */
  before: number | null;
  limit: number;
}

/** Loads, newest first. */
export async function listLoads(sql: Sql, { layers, status, before, limit }: LoadQuery): Promise<LoadRow[]> {
  return await sql<LoadRow[]>`
    select ${columns(sql)} from app.load
    where layer_id = any(${layers as string[]}::text[])
      and (${status}::text is null or status = ${status}::text)
      and (${before}::int4 is null or load_id < ${before}::int4)
    order by load_id desc limit ${limit}::int4`;
}

export async function findLoad(
  sql: Sql,
  id: number,
): Promise<(LoadRow & { sha256: string | null; report: StoredReport | null }) | null> {
  const [row] = await sql<(LoadRow & { sha256: string | null; report: StoredReport | null })[]>`
    select ${columns(sql)}, sha256, report from app.load where load_id = ${id}::int4`;
  return row ?? null;
}

/** What happened last to each layer: the attempt with the highest number that has ended. */
export async function listLastAttempts(
  sql: Sql,
): Promise<{ layer: string; load: number; status: 'published' | 'unchanged' | 'failed'; error: string | null }[]> {
  return await sql<
    { layer: string; load: number; status: 'published' | 'unchanged' | 'failed'; error: string | null }[]
  >`
    select distinct on (layer_id) layer_id as layer, load_id as load, status, error
    from app.load where status <> 'running' order by layer_id, load_id desc`;
}

/** Titles of the loader's codes. */
export async function listCodeTitles(sql: Sql): Promise<Map<string, Text>> {
  const rows = await sql<{ code: string; zh: string; en: string }[]>`select code, zh, en from app.code`;
  return new Map(rows.map(({ code, zh, en }) => [code, { zh, en }]));
}
