import type { Text } from '../../layers/define.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import type { ExportOwner } from './exports.ts';

/** A layer that somebody made or imported. */
export interface UserLayerRow {
  id: string;
  title: Text;
  geometry: string;
  sensitivity: string;
  rows: number | null;
  own: boolean;
  operation: string | null;
  createdAt: Date;
  deletedAt: Date | null;
  restorableUntil: Date | null;
}

/** How long a layer that was deleted can be taken back. */
export const UNDO = '1 day';

function columns(sql: Sql, { role, token }: ExportOwner) {
  return sql`u.layer_id as id, u.definition -> 'title' as title, u.definition ->> 'geometry' as geometry,
    u.definition ->> 'sensitivity' as sensitivity, s.rows,
    coalesce(u.owner_role = ${role} and u.owner_token is not distinct from ${token}::text, false) as own,
    l.made_of ->> 'operation' as operation, u.created_at as "createdAt", u.deleted_at as "deletedAt",
    u.deleted_at + ${UNDO}::text::interval as "restorableUntil"`;
}

/** Layers of users that are there, and the caller's own that are deleted and can be taken back; the newest first. */
export async function listOwnLayers(sql: Sql, owner: ExportOwner): Promise<UserLayerRow[]> {
  return await sql<UserLayerRow[]>`
    select * from (
      select ${columns(sql, owner)} from app.user_layer u
        left join app.layer_state s using (layer_id) left join app.load l on l.load_id = s.load_id
    ) found
    where "deletedAt" is null or (own and "restorableUntil" > now())
    order by "createdAt" desc, id limit 1000`;
}

export async function findOwnLayer(sql: Sql, id: string, owner: ExportOwner): Promise<UserLayerRow | null> {
  const [row] = await sql<UserLayerRow[]>`
    select ${columns(sql, owner)} from app.user_layer u
      left join app.layer_state s using (layer_id) left join app.load l on l.load_id = s.load_id
    where u.layer_id = ${id}`;
  return row ?? null;
}

/** What is left of a job whose layer nobody wants, and everything of a layer that was deleted long ago. */
export async function removeUserLayer(tx: TransactionSql, id: string): Promise<void> {
  const tables = await tx<{ name: string }[]>`
    select history_table as name from app.load where layer_id = ${id} and history_table is not null`;
  for (const { name } of tables) await tx`drop table if exists ${tx(`history.${name}`)}`;
  await tx`drop table if exists ${tx(`layers.${id}`)}`;
  await tx`drop table if exists ${tx(`layers_next.${id}`)}`;
  await tx`delete from app.layer_state where layer_id = ${id}`;
  await tx`delete from app.load where layer_id = ${id}`;
  await tx`delete from app.user_layer where layer_id = ${id}`;
  await tx`select pg_notify('layers', ${id})`;
}

export async function renameUserLayer(sql: Sql, id: string, title: Text): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`update app.user_layer
      set definition = jsonb_set(definition, '{title}', ${JSON.stringify(title)}::text::jsonb) where layer_id = ${id}`;
    await tx`select pg_notify('layers', ${id})`;
  });
}

/** Takes a layer away from everybody, or gives it back. False when it was so before. */
export async function setDeleted(sql: Sql, id: string, isDeleted: boolean): Promise<boolean> {
  return await sql.begin(async (tx: TransactionSql) => {
    const found = await tx`
      update app.user_layer set deleted_at = case when ${isDeleted}::bool then now() end
      where layer_id = ${id} and (deleted_at is null) = ${isDeleted}::bool returning 1`;
    await tx`select pg_notify('layers', ${id})`;
    return found.length > 0;
  });
}

/** Layers that were deleted and can no longer be taken back. */
export async function listForgotten(tx: TransactionSql): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select layer_id as id from app.user_layer where deleted_at < now() - ${UNDO}::text::interval order by deleted_at limit 100`;
  return rows.map(({ id }) => id);
}

/** Tables of overlays whose job ended without removing them: its process was killed. */
export async function listLeftTables(tx: TransactionSql, prefix: string): Promise<string[]> {
  const rows = await tx<{ name: string }[]>`
    select 'layers_next.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'layers_next' and c.relkind = 'r' and starts_with(c.relname, ${prefix})
      and not exists (
        select from app.export e where e.kind = 'layer' and e.state = 'running' and e.seen_at > now() - interval '10 minutes'
          and c.relname like ${prefix} || replace(e.export_id::text, '-', '') || '\\_%')`;
  return rows.map(({ name }) => name);
}
