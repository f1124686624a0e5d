import { afterAll, expect, test } from 'vitest';
import { maintain } from '../../../server/db/maintain.ts';
import { testDatabase } from '../../support/database.ts';

const db = await testDatabase();
afterAll(() => db.sql`drop table if exists maintained`);

test('dead rows are removed on the embedded engine; a server has autovacuum', async () => {
  await db.sql`create table maintained (id int primary key, n int) with (autovacuum_enabled = false)`;
  await db.sql`insert into maintained select i, 0 from generate_series(1, 10000) i`;
  for (let i = 0; i < 5; i++) await db.sql`update maintained set n = n + 1`;
  const size = async (): Promise<number> => {
    const [row] = await db.sql<{ pages: number }[]>`
      select pg_relation_size('maintained')::int / 8192 as pages`;
    return row!.pages;
  };
  const before = await size();
  const treated = await maintain(db);
  if (db.engine === 'server') {
    expect(treated).toEqual([]);
    return;
  }
  expect(treated).toContain('public.maintained');
  // The room of the dead rows is used again.
  for (let i = 0; i < 3; i++) await db.sql`update maintained set n = n + 1 where id % 2 = 0`;
  expect(await size()).toBe(before);
  const [row] =
    await db.sql`select reltuples::int as rows, relallvisible > 0 as visible from pg_class where relname = 'maintained'`;
  expect(row).toEqual({ rows: 10000, visible: true });
  expect(await maintain(db)).not.toContain('public.nowhere');
});
