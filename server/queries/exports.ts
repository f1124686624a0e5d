import type { Sql } from '../db/connect.ts';

/** A row of `app.export`: a job that makes a file of a layer, or a layer. */
export interface ExportRecord {
  id: string;
  kind: 'file' | 'layer';
  /** What the file is of, or the layer that is made. */
  layer: string;
  load: number | null;
  format: string;
  state: 'waiting' | 'running' | 'ready' | 'failed' | 'cancelled';
  phase: 'reading' | 'converting' | 'packing' | 'computing' | 'loading' | null;
  rowsTotal: number;
  rowsDone: number;
  bytes: number;
  file: string | null;
  name: string | null;
  errorCode: string | null;
  error: string | null;
  /** Of a layer that was made. */
  result: Record<string, unknown> | null;
  createdAt: Date;
  expiresAt: Date;
}

/** Who asked for an export. */
export interface ExportOwner {
  role: string;
  token: string | null;
}

/** Silent for so long, the process that made an export is gone. */
const SILENT = '30 seconds';

function columns(sql: Sql) {
  const isLost = sql`state in ('waiting', 'running') and seen_at < now() - ${SILENT}::text::interval`;
  return sql`export_id as id, kind, layer_id as layer, load_id as load, format,
    case when ${isLost} then 'failed' else state end as state, phase, rows_total as "rowsTotal",
    rows_done as "rowsDone", bytes, file, name,
    case when ${isLost} then 'NOT_READY' else error_code end as "errorCode",
    case when ${isLost} then 'The service that worked at it was stopped.' else error end as error, result,
    created_at as "createdAt", expires_at as "expiresAt"`;
}

export interface NewExport {
  kind: ExportRecord['kind'];
  layer: string;
  load: number | null;
  format: string;
  rows: number;
  keepSeconds: number;
}

export async function insertExport(sql: Sql, { role, token }: ExportOwner, values: NewExport): Promise<ExportRecord> {
  const [row] = await sql<ExportRecord[]>`
    insert into app.export (role, token, kind, layer_id, load_id, format, rows_total, expires_at)
    values (${role}, ${token}, ${values.kind}, ${values.layer}, ${values.load}, ${values.format}, ${values.rows}::int4,
      now() + make_interval(secs => ${values.keepSeconds}::int4))
    returning ${columns(sql)}`;
  return row as ExportRecord;
}

/** The job, or null when there is none of its kind or it is somebody else's. */
export async function findExport(
  sql: Sql,
  id: string,
  kind: ExportRecord['kind'],
  { role, token }: ExportOwner,
): Promise<ExportRecord | null> {
  const [row] = await sql<ExportRecord[]>`
    select ${columns(sql)} from app.export
    where export_id = ${id}::uuid and kind = ${kind} and role = ${role} and token is not distinct from ${token}::text`;
  return row ?? null;
}

/** Says how far an export is. False when it was cancelled meanwhile, by whatever process. */
export async function updateExport(
  sql: Sql,
  id: string,
  state: 'waiting' | 'running',
  phase: ExportRecord['phase'],
  rows: number,
  bytes: number,
): Promise<boolean> {
  const found = await sql`
    update app.export set state = ${state}, phase = ${phase}, rows_done = ${rows}::int4, bytes = ${bytes}::int8,
      seen_at = now()
    where export_id = ${id}::uuid and state in ('waiting', 'running') returning 1`;
  return found.length > 0;
}

/** It is ready. False when the export was cancelled meanwhile. */
export async function finishExport(
  sql: Sql,
  id: string,
  values: {
    rows: number;
    bytes: number;
    file: string | null;
    name: string | null;
    result?: object;
    keepSeconds: number;
  },
): Promise<boolean> {
  const found = await sql`
    update app.export set state = 'ready', phase = null, rows_done = ${values.rows}::int4, bytes = ${values.bytes}::int8,
      file = ${values.file}, name = ${values.name}, seen_at = now(),
      result = ${values.result === undefined ? null : JSON.stringify(values.result)}::text::jsonb,
      expires_at = now() + make_interval(secs => ${values.keepSeconds}::int4)
    where export_id = ${id}::uuid and state in ('waiting', 'running') returning 1`;
  return found.length > 0;
}

export async function failExport(sql: Sql, id: string, code: string, message: string): Promise<void> {
  await sql`update app.export set state = 'failed', phase = null, error_code = ${code}, error = ${message}, seen_at = now()
    where export_id = ${id}::uuid and state in ('waiting', 'running')`;
}

/** Ends an export of whatever state; its file is no longer anybody's. Answers the name of the file. */
export async function cancelExport(sql: Sql, id: string): Promise<string | null> {
  const [row] = await sql<{ file: string | null }[]>`
    with before as (select export_id, file from app.export where export_id = ${id}::uuid)
    update app.export e set state = 'cancelled', phase = null, file = null
    from before where e.export_id = before.export_id returning before.file`;
  return row?.file ?? null;
}

/** Forgets exports that have expired. */
export async function dropExpiredExports(sql: Sql): Promise<void> {
  await sql`delete from app.export where expires_at < now()`;
}

/** Files that somebody may still fetch, the oldest first. */
export async function listExportFiles(sql: Sql): Promise<{ id: string; file: string }[]> {
  return await sql<{ id: string; file: string }[]>`
    select export_id as id, file from app.export where state = 'ready' and file is not null and expires_at >= now()
    order by created_at`;
}
