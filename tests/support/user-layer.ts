import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFile, type ImportOptions } from '../../etl/import.ts';
import type { LoadReport } from '../../etl/report.ts';
import type { Database } from '../../server/db/connect.ts';

/** Imports a file with this content into the user layer `id`, by the steps of every load. Throws when it fails. */
export async function importContent(
  db: Database,
  id: string,
  name: string,
  content: string,
  options: Partial<ImportOptions> = {},
): Promise<LoadReport & { load: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'one-map-user-'));
  try {
    const file = join(dir, name);
    await writeFile(file, content);
    const report = await importFile({ db, file, id, ...options });
    const { load } = report;
    if (report.status === 'failed' || load === null) throw new Error(JSON.stringify(report.error));
    return { ...report, load };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Removes a layer with its versions and all that is remembered of its loads. */
export async function removeLayer(db: Database, id: string): Promise<void> {
  const tables = await db.sql<{ name: string }[]>`
    select history_table as name from app.load where layer_id = ${id} and history_table is not null`;
  for (const { name } of tables) await db.sql.unsafe(`drop table if exists history."${name}"`);
  await db.sql.unsafe(`drop table if exists layers."${id}"`);
  await db.sql`delete from app.layer_state where layer_id = ${id}`;
  await db.sql`delete from app.user_layer where layer_id = ${id}`;
  await db.sql`delete from app.load where layer_id = ${id}`;
  await db.sql`select pg_notify('layers', ${id})`;
}
