import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDatabase } from '../../../server/db/connect.ts';
import { migrate } from '../../../server/db/migrate.ts';
import { testDatabase, testTarget } from '../../support/database.ts';

const db = await testDatabase();
const real = fileURLToPath(new URL('../../../server/db/migrations', import.meta.url));
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onemap-migrate-'));
  await cp(real, dir, { recursive: true });
});

// The real migrations stay as they are; those of the tests are numbered from 9000.
afterEach(async () => {
  await rm(dir, { recursive: true });
  await db.sql`delete from app.migration where id >= 9000`;
  await db.sql`drop table if exists app.trial_a, app.trial_b`;
});

const add = (name: string, sql: string): Promise<void> => writeFile(join(dir, name), sql);

test('the schema is what the code expects, and a second run does nothing', async () => {
  expect(await migrate(db)).toEqual([]);
  const tables = await db.sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'app' order by 1`;
  expect(tables.map((table) => table.name)).toEqual(
    expect.arrayContaining(['layer_state', 'load', 'meta', 'migration', 'reject', 'repair', 'user_layer']),
  );
  const schemas = await db.sql<{ name: string }[]>`
    select nspname as name from pg_namespace where nspname in ('app', 'layers', 'layers_next', 'history') order by 1`;
  expect(schemas.map((schema) => schema.name)).toEqual(['app', 'history', 'layers', 'layers_next']);
});

test('new files run in order, once, with many statements each', async () => {
  await add('9002_second.sql', "insert into app.trial_a values (2, 'zwei; --');\ndrop table if exists app.trial_b;");
  await add('9001_first.sql', 'create table app.trial_a (n int, t text); create table app.trial_b (n int);');
  expect(await migrate(db, dir)).toEqual(['9001_first', '9002_second']);
  expect([...(await db.sql`select * from app.trial_a`)]).toEqual([{ n: 2, t: 'zwei; --' }]);
  expect(await migrate(db, dir)).toEqual([]);
});

test('a migration that fails leaves nothing of itself, and what came before stays', async () => {
  await add('9001_good.sql', 'create table app.trial_a (n int)');
  await add('9002_bad.sql', 'create table app.trial_b (n int); insert into app.trial_b values (1); select 1/0;');
  await expect(migrate(db, dir)).rejects.toThrow('migration 9002_bad: division by zero');
  const [row] =
    await db.sql`select to_regclass('app.trial_a') is not null as a, to_regclass('app.trial_b') is not null as b`;
  expect(row).toEqual({ a: true, b: false });
  await add('9002_bad.sql', 'create table app.trial_b (n int)');
  expect(await migrate(db, dir)).toEqual(['9002_bad']);
});

test('a file that was changed after it was run is refused; other line ends are no change', async () => {
  await add('9001_first.sql', 'create table app.trial_a (n int);\n-- end\n');
  await migrate(db, dir);
  await add('9001_first.sql', 'create table app.trial_a (n int);\r\n-- end\r\n');
  expect(await migrate(db, dir)).toEqual([]);
  await add('9001_first.sql', 'create table app.trial_a (n int, m int);\n-- end\n');
  await add('9002_next.sql', 'create table app.trial_b (n int)');
  await expect(migrate(db, dir)).rejects.toThrow('migration 9001_first has changed since it was run');
  expect((await db.sql`select to_regclass('app.trial_b') as b`)[0]?.b).toBe(null);
});

test('code older than the database is refused', async () => {
  await add('9001_first.sql', 'create table app.trial_a (n int)');
  await migrate(db, dir);
  await expect(migrate(db)).rejects.toThrow('migration 9001_first was run on this database but is not in the code');
});

test('wrong file names are refused before anything runs', async () => {
  await add('9001_first.sql', 'create table app.trial_a (n int)');
  await add('902_short.sql', 'select 1');
  await expect(migrate(db, dir)).rejects.toThrow('migration 902_short.sql: the name must be like');
  await rm(join(dir, '902_short.sql'));
  await add('9001_again.sql', 'select 1');
  await expect(migrate(db, dir)).rejects.toThrow('number 9001 is taken');
  expect((await db.sql`select to_regclass('app.trial_a') as a`)[0]?.a).toBe(null);
});

test('two processes at once run each migration once', async () => {
  for (let i = 1; i <= 5; i++)
    await add(
      `900${i}_step.sql`,
      i === 1 ? 'create table app.trial_a (n int)' : `insert into app.trial_a values (${i})`,
    );
  const others = await Promise.all([1, 2, 3].map(() => connectDatabase({ ...testTarget(), max: 2 })));
  try {
    const runs = await Promise.all(others.map((other) => migrate(other, dir)));
    expect(runs.flat().toSorted()).toEqual([1, 2, 3, 4, 5].map((i) => `900${i}_step`));
    expect((await db.sql`select array_agg(n order by n) as n from app.trial_a`)[0]?.n).toEqual([2, 3, 4, 5]);
  } finally {
    await Promise.all(others.map((other) => other.close()));
  }
});
