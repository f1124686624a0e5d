import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database, TransactionSql } from './connect.ts';

/** Key of the advisory lock under which migrations run. */
const LOCK = 1129270605;

interface Migration {
  id: number;
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const file of (await readdir(dir)).toSorted()) {
    if (!file.endsWith('.sql')) continue;
    const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file);
    if (!match) throw new Error(`migration ${file}: the name must be like 0003_what_it_does.sql`);
    // A checkout with Windows line ends is the same migration.
    const sql = (await readFile(`${dir}/${file}`, 'utf8')).replaceAll('\r\n', '\n');
    const id = Number(match[1]);
    if (migrations.some((other) => other.id === id)) throw new Error(`migration ${file}: number ${match[1]} is taken`);
    migrations.push({ id, name: match[2]!, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/**
 * Brings the schema up to date: runs each file of `migrations/` that has not been run, in order, each in a transaction
 * of its own. Any number of processes may call it at once.
 * @param dir folder of the files, `NNNN_name.sql`
 * @returns names of the migrations that were run now
 * @throws when a file that was run before has changed or is gone (write a new migration instead), or when one fails
 */
export async function migrate(
  db: Database,
  dir: string = fileURLToPath(new URL('./migrations', import.meta.url)),
): Promise<string[]> {
  const migrations = await readMigrations(dir);
  await db.sql.begin(async (tx) => {
    await lock(tx);
    await tx`create schema if not exists app`;
    await tx`create table if not exists app.migration (
      id int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`;
    await check(tx, migrations);
  });
  const applied: string[] = [];
  for (const migration of migrations) {
    const label = `${String(migration.id).padStart(4, '0')}_${migration.name}`;
    await db.sql.begin(async (tx) => {
      await lock(tx);
      // Another process may have run it while this one waited for the lock.
      const done = await tx`select from app.migration where id = ${migration.id}`;
      if (done.length > 0) return;
      try {
        await tx.unsafe(migration.sql);
      } catch (error) {
        throw new Error(`migration ${label}: ${(error as Error).message}`, { cause: error });
      }
      await tx`insert into app.migration (id, name, checksum)
        values (${migration.id}, ${migration.name}, ${migration.checksum})`;
      applied.push(label);
    });
  }
  return applied;
}

async function lock(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCK})`;
}

async function check(tx: TransactionSql, migrations: readonly Migration[]): Promise<void> {
  const applied = await tx<{ id: number; name: string; checksum: string }[]>`
    select id, name, checksum from app.migration order by id`;
  for (const { id, name, checksum } of applied) {
    const label = `${String(id).padStart(4, '0')}_${name}`;
    const file = migrations.find((migration) => migration.id === id);
    if (!file) throw new Error(`migration ${label} was run on this database but is not in the code: the code is older`);
    if (file.checksum !== checksum) {
      throw new Error(`migration ${label} has changed since it was run: restore it and write a new one`);
    }
  }
}
