import { expect, test } from 'vitest';
import { connectDatabase, withoutPassword } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';

test('answers with PostGIS on either engine', async () => {
  const db = await testDatabase();
  expect(db.engine).toBe(process.env.DATABASE_URL ? 'server' : 'embedded');
  expect(Number(db.version.postgres.split('.')[0])).toBeGreaterThanOrEqual(15);
  const [row] =
    await db.sql`select st_astext(st_transform(st_setsrid(st_makepoint(38407000, 2547000), 4526), 4326), 6) as p`;
  expect(row?.p).toBe('POINT(113.092778 23.019635)');
});

test('int8 is a number where that is exact, a bigint beyond; a date has no time zone', async () => {
  const { sql } = await testDatabase();
  const [row] =
    await sql`select 4503599627370495::int8 as fid, 9007199254740991::int8 as last, -9007199254740992::int8 as beyond,
    622236719905341439::int8 as h3, date '1949-10-01' as day, timestamptz '2026-11-22T08:00:00+08' as at,
    current_setting('TimeZone') as zone`;
  expect(row).toEqual({
    fid: 4503599627370495,
    last: 9007199254740991,
    beyond: -9007199254740992n,
    h3: 622236719905341439n,
    day: '1949-10-01',
    at: new Date('2026-11-22T00:00:00Z'),
    zone: 'Asia/Shanghai',
  });
  const [echo] = await sql`select ${622236719905341439n}::int8 as h3, ${4503599627370495}::int8 as fid,
    ${'2000-02-29'}::date as day, ${sql.array([1n, 2n], 1016)}::int8[] as list, ${sql.array(['a', 'b,"c'])}::text[] as texts`;
  expect(echo).toEqual({
    h3: 622236719905341439n,
    fid: 4503599627370495,
    day: '2000-02-29',
    list: [1, 2],
    texts: ['a', 'b,"c'],
  });
});

test('a server that cannot be reached is named, its password is not', async () => {
  await expect(connectDatabase({ url: 'postgres://map:hunter2@127.0.0.1:1/city' })).rejects.toThrow(
    /^database postgres:\/\/map:\*\*\*@127\.0\.0\.1:1\/city: .*ECONNREFUSED/,
  );
  await expect(connectDatabase({ url: 'mysql://map:hunter2@db/city' })).rejects.toThrow(
    /^not a PostgreSQL URL: mysql:\/\/map:\*\*\*@db\/city/,
  );
});

test.each([
  ['postgres://a:b@h/d', 'postgres://a:***@h/d'],
  ['postgres://h/d?user=a&password=b%20c&x=1', 'postgres://h/d?user=a&password=***&x=1'],
  ['postgres://a@h/d', 'postgres://a@h/d'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
