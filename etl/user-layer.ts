import type { Layer } from '../layers/define.ts';
import type { Database } from '../server/db/connect.ts';
import type { LoadReport } from './report.ts';

/** Notes a layer of a user before its first load; what is there already stays until the load is published. */
export async function noteUserLayer(
  db: Database,
  layer: Pick<Layer, 'id'>,
  owner: { role: string; token: string | null } | null = null,
): Promise<void> {
  await db.sql`insert into app.user_layer (layer_id, definition, owner_role, owner_token)
    values (${layer.id}, ${definitionText(layer)}::text::jsonb, ${owner?.role ?? null}, ${owner?.token ?? null})
    on conflict (layer_id) do nothing`;
}

/**
 * The definition goes with the rows: the new one when they were published, none when there were never any. A layer that
 * had been deleted and is loaded again is there again.
 */
export async function settleUserLayer(db: Database, id: string, layer: unknown, report: LoadReport): Promise<void> {
  if (report.status === 'published') {
    await db.sql`update app.user_layer set definition = ${definitionText(layer)}::text::jsonb, deleted_at = null
      where layer_id = ${id}`;
    await db.sql`select pg_notify('layers', ${id})`;
    return;
  }
  if (report.status === 'unchanged') {
    await db.sql`update app.user_layer set deleted_at = null where layer_id = ${id}`;
    return;
  }
  await db.sql`delete from app.user_layer where layer_id = ${id}
    and not exists (select from app.layer_state where layer_id = ${id})`;
}

/** A definition as it is stored: PostgreSQL keeps no NUL character, not even in JSON. */
function definitionText(layer: unknown): string {
  return JSON.stringify(layer).replaceAll('\\u0000', '␀');
}
