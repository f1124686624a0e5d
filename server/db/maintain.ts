import type { Database } from './connect.ts';

/**
 * Does what autovacuum does on a server, which never runs on the embedded engine: vacuums tables with many dead rows,
 * analyzes tables that changed much (the thresholds are autovacuum's). Call it now and then, and after a load. Does
 * nothing on a server.
 * @returns the tables that were treated, `schema.table`
 */
export async function maintain(db: Database): Promise<string[]> {
  if (db.engine === 'server') return [];
  // What this session changed is counted a second late, unless asked for.
  await db.sql`select pg_stat_force_next_flush()`;
  const tables = await db.sql<{ schema: string; name: string; dead: boolean }[]>`
    select schemaname as schema, relname as name, n_dead_tup > 50 + 0.2 * n_live_tup as dead
    from pg_stat_user_tables
    where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup`;
  const treated: string[] = [];
  for (const { schema, name, dead } of tables) {
    const table = db.sql(`${schema}.${name}`);
    // Gone since the list was made: a load has swapped it.
    const [found] = await db.sql`select to_regclass(${`"${schema}"."${name}"`}) is not null as exists`;
    if (!found?.exists) continue;
    // VACUUM cannot run in a prepared statement's transaction: simple query.
    await (dead ? db.sql`vacuum (analyze) ${table}`.simple() : db.sql`analyze ${table}`.simple());
    treated.push(`${schema}.${name}`);
  }
  return treated;
}
