import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../server/db/connect.ts';
import { migrate } from '../../../server/db/migrate.ts';
import { testDatabase, testTarget } from '../../support/database.ts';
import { copyEmptyEmbedded } from '../../support/embedded.ts';

/** The migration that moved `app.observation` into `app.reading`. */
const MOVED_IN = '0012_sensors.sql';
const NAME = `onemap_old_${process.pid}`;
const real = fileURLToPath(new URL('../../../server/db/migrations', import.meta.url));
let dir: string;
let old: Database;

// A database of its own, at the version before.
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onemap-old-'));
  const target = testTarget();
  if ('url' in target) {
    await (await testDatabase()).sql.unsafe(`create database ${NAME}`);
    const url = new URL(target.url as string);
    url.pathname = `/${NAME}`;
    old = await connectDatabase({ url: url.href, max: 2 });
  } else {
    await copyEmptyEmbedded(join(dir, 'data'));
    old = await connectDatabase({ dataDir: join(dir, 'data'), max: 2 });
  }
  const before = join(dir, 'migrations');
  await cp(real, before, { recursive: true });
  for (const file of await readdir(before)) if (file >= MOVED_IN) await rm(join(before, file));
  await migrate(old, before);
});
afterAll(async () => {
  await old.close();
  if ('url' in testTarget()) await (await testDatabase()).sql.unsafe(`drop database ${NAME}`);
  await rm(dir, { recursive: true });
});

test('readings of an older database are those of the new one, and none is lost or made up', async () => {
  const { sql } = old;
  await sql`create table layers.old_gauge (fid bigint primary key, source_id text not null)`;
  await sql`insert into layers.old_gauge values (1, 'G1'), (2, 'G2')`;
  const [load] = await sql<[{ id: number }]>`
    insert into app.load (layer_id, source_file) values ('old_gauge.series', 'old.csv') returning load_id as id`;
  // A layer that is gone has nobody whose readings they are.
  const [series, gone] = await sql<[{ id: number }, { id: number }]>`
    insert into app.series (layer_id, fields, load_id, from_at, to_at)
    values ('old_gauge', array['level_m', 'flow_m3s'], ${load.id}, '2026-11-20', '2026-11-23'),
      ('gone_layer', array['x'], ${load.id}, '2026-11-20', '2026-11-23')
    returning series_id as id`;
  await sql`insert into app.observation (series_id, fid, at, v1) values (${gone.id}, 1, '2026-11-20', 5)`;
  await sql`
    insert into app.observation (series_id, fid, at, v1, v2)
    select ${series.id}, fid, '2026-11-20T15:30:00Z'::timestamptz + make_interval(hours => n),
      case when n % 7 = 3 then null else fid * 100 + n end, case when n % 2 = 0 then n / 10.0 end
    from generate_series(0, 40) n, (values (1), (2)) f(fid)`;
  const expected = await sql<{ sensor: string; metric: string; at: Date; value: number }[]>`
    select 'old_gauge:G' || fid as sensor, m.metric, at, m.value
    from app.observation, lateral (values ('level_m', v1), ('flow_m3s', v2)) m(metric, value)
    where series_id = ${series.id} and m.value is not null order by 1, 2, 3`;
  expect(expected.length).toBeGreaterThan(100);
  expect((await migrate(old))[0]).toBe(MOVED_IN.replace('.sql', ''));
  const rows = await sql`select sensor, metric, at, value from app.reading order by 1, 2, 3`;
  expect([...rows]).toEqual([...expected]);
  const latest = await sql<{ sensor: string; metric: string; at: Date; value: number }[]>`
    select sensor, metric, at, value from app.sensor_latest order by 1, 2`;
  const newest = new Map(expected.map((row) => [`${row.sensor} ${row.metric}`, row]));
  expect([...latest]).toEqual([...newest.values()]);
  expect((await sql`select to_regclass('app.observation') as t`)[0]?.['t']).toBe(null);
});
