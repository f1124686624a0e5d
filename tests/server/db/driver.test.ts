/** What patches/postgres+3.4.9.patch repairs in the driver. */
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase } from '../../../server/db/connect.ts';
import { testDatabase, testTarget } from '../../support/database.ts';

const db = await testDatabase();
const sockets = new Set<net.Socket>();
let relay: net.Server;
let victim: postgres.Sql;

/** Ends all connections of `victim`, as a lost network does. */
function cut(): void {
  for (const socket of sockets) socket.destroy();
}

beforeAll(async () => {
  const url = new URL(testTarget().url ?? 'postgres://postgres@embedded/postgres');
  relay = net.createServer((socket) => {
    const upstream = net.connect(
      db.engine === 'server'
        ? { host: url.hostname, port: Number(url.port || 5432) }
        : { path: join(db.clientConfig.host!, '.s.PGSQL.5432') },
    );
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket) && upstream.destroy()).on('error', () => {});
    upstream.on('close', () => socket.destroy()).on('error', () => {});
    socket.pipe(upstream).pipe(socket);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  victim = postgres({
    host: '127.0.0.1',
    port: (relay.address() as net.AddressInfo).port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    max: 1,
    backoff: () => 0.05,
    onnotice: () => {},
  });
  await db.sql`create table cut_off (n int)`;
});

afterAll(async () => {
  await victim.end({ timeout: 1 });
  cut();
  relay.close();
  await db.sql`drop table cut_off`;
});

test('after an error in the middle of a result the next result on the connection is whole', async () => {
  const single = await connectDatabase({ ...testTarget(), max: 1 });
  try {
    for (let i = 0; i < 3; i++) {
      await expect(
        single.sql`select 1 / (5000 - n) as q, repeat('x', 100) as t from generate_series(1, 6000) n`,
      ).rejects.toThrow('division by zero');
      const rows = await single.sql`select 1 as one`;
      expect(rows.length).toBe(1);
      expect([...rows]).toEqual([{ one: 1 }]);
    }
  } finally {
    await single.close();
  }
});

test('a connection that is lost inside a transaction rejects the transaction, not the process', async () => {
  let late: unknown;
  const broken = victim.begin(async (tx) => {
    await tx`insert into cut_off values (1)`;
    cut();
    await sleep(20);
    late = await tx`insert into cut_off values (2)`.catch((error: unknown) => error);
    throw late;
  });
  await expect(broken).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect([...(await victim`select 1 as one`)]).toEqual([{ one: 1 }]);
  await expect.poll(() => late).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect((await db.sql`select count(*)::int as n from cut_off`)[0]?.n).toBe(0);
});

test('what is left of a lost transaction does not run outside it on the next connection', async () => {
  let late: unknown;
  const broken = victim.begin(async (tx) => {
    await tx`insert into cut_off values (3)`;
    cut();
    await sleep(20);
    // The pool has one connection: this is the one of the transaction, connected anew.
    expect([...(await victim`select 1 as one`)]).toEqual([{ one: 1 }]);
    late = await tx`insert into cut_off values (4)`.catch((error: unknown) => error);
    return 'done';
  });
  await expect(broken).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  await expect.poll(() => late, { timeout: 10_000 }).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect([...(await victim`select n from cut_off`)]).toEqual([]);
});

test('of endless texts only the first are kept prepared on a connection, and all are answered', async () => {
  const single = await connectDatabase({ ...testTarget(), max: 1 });
  try {
    for (let i = 0; i < 400; i++) {
      const rows = await single.sql.unsafe(`select $1::int4 + ${i} as n, $2::text as t`, [1, `t${i}`], {
        prepare: true,
      });
      expect(rows).toEqual([{ n: 1 + i, t: `t${i}` }]);
    }
    // In the pipeline, too, where one is prepared and its neighbours are not.
    const again = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        single.sql.unsafe<{ n: number }[]>(`select $1::int4 + ${i} as n, $2::text as t`, [i, 'x'], { prepare: true }),
      ),
    );
    expect(again.map(([row]) => row?.n)).toEqual(Array.from({ length: 400 }, (_, i) => 2 * i));
    const [kept] = await single.sql.unsafe<{ count: number }[]>(
      "select count(*)::int4 as count from pg_prepared_statements where statement like 'select $1::int4 + %'",
    );
    expect(kept?.count).toBeGreaterThan(100);
    expect(kept?.count).toBeLessThanOrEqual(301);
  } finally {
    await single.close();
  }
});
