/**
 * What any PostgreSQL client may expect, on both engines: on a server PostgreSQL itself answers, on the embedded engine
 * the gateway. Where the engines cannot be the same, the test says what each of them does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { connectDatabase } from '../../../../server/db/connect.ts';
import { testDatabase, testTarget } from '../../../support/database.ts';

const db = await testDatabase();
const { sql } = db;
const embedded = db.engine === 'embedded';

async function client(): Promise<Client> {
  const connected = new Client(db.clientConfig);
  connected.on('error', () => {});
  await connected.connect();
  return connected;
}

async function count(): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from wire`;
  return row!.n;
}

beforeEach(async () => {
  await sql`drop table if exists wire`;
  await sql`create table wire (id int primary key, t text, g geometry)`;
});
afterAll(() => sql`drop table if exists wire`);

test('2000 queries on 8 connections each get their own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 2000 }, (_, i) =>
      i % 3 === 0
        ? sql`select ${i}::int as i, ${`text ${i}`}::text as t`
        : i % 3 === 1
          ? sql.unsafe(`select ${i} as i, 'text ${i}' as t`)
          : sql`select ${i}::int as i, n, ${`text ${i}`}::text as t from generate_series(1, ${(i % 50) + 1}) as n`,
    ),
  );
  answers.forEach((rows, i) => {
    expect(rows.length).toBe(i % 3 === 2 ? (i % 50) + 1 : 1);
    for (const row of rows) expect(row).toMatchObject({ i, t: `text ${i}` });
  });
});

test('2000 queries without prepared statements, too', async () => {
  const other = await connectDatabase({ ...testTarget(), max: 8 });
  try {
    const answers = await Promise.all(
      Array.from({ length: 2000 }, (_, i) => other.sql.unsafe('select $1::int as i, $2::text as t', [i, `${i}`])),
    );
    answers.forEach((rows, i) => expect([...rows]).toEqual([{ i, t: `${i}` }]));
  } finally {
    await other.close();
  }
});

test('after an error the same connection answers the next query', async () => {
  const pg = await client();
  for (let i = 0; i < 20; i++) {
    await expect(pg.query('select 1/0')).rejects.toThrow('division by zero');
    await expect(pg.query('select $1::int / 0', [i])).rejects.toThrow('division by zero');
    await expect(pg.query('selec')).rejects.toThrow('syntax error');
    await expect(pg.query('select $1::int', ['x'])).rejects.toThrow('invalid input syntax');
    expect((await pg.query('select $1::int as i', [i])).rows).toEqual([{ i }]);
  }
  await pg.end();
});

test('errors in the middle of many queries hit only their own', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 400 }, (_, i) => sql`select 100 / ${i % 4}::int as q, ${i}::int as i`),
  );
  results.forEach((result, i) => {
    if (i % 4 === 0) expect(result).toMatchObject({ status: 'rejected', reason: { message: 'division by zero' } });
    else expect(result.status === 'fulfilled' && [...result.value]).toEqual([{ q: Math.floor(100 / (i % 4)), i }]);
  });
});

test('nobody sees or disturbs an open transaction', async () => {
  const writer = sql.begin(async (tx) => {
    await tx`insert into wire (id, t) values (1, 'mine')`;
    await sleep(200);
    await tx`insert into wire (id, t) values (2, 'mine')`;
    return (await tx`select * from wire`).length;
  });
  await sleep(50);
  const readers = await Promise.all(Array.from({ length: 20 }, count));
  expect(await writer).toBe(2);
  // A server shows the state before; the embedded engine lets the others wait and shows the state after.
  expect(new Set(readers)).toEqual(new Set([embedded ? 2 : 0]));
});

test('20 transactions at once, half of them rolled back', async () => {
  await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      sql.begin(async (tx) => {
        await tx`insert into wire (id) values (${i * 2})`;
        await sleep(i % 3);
        await tx`insert into wire (id) values (${i * 2 + 1})`;
        if (i % 2 === 1) throw new Error('changed my mind');
      }),
    ),
  );
  const rows = await sql<{ id: number }[]>`select id from wire order by id`;
  expect(rows.map((row) => row.id)).toEqual(
    Array.from({ length: 40 }, (_, id) => id).filter((id) => (id >> 1) % 2 === 0),
  );
});

test('savepoints', async () => {
  await sql.begin(async (tx) => {
    await tx`insert into wire (id) values (1)`;
    await tx.savepoint((sp) => sp`insert into wire (id) values (1)`).catch(() => {});
    await tx`insert into wire (id) values (2)`;
  });
  expect(await count()).toBe(2);
});

test('several statements in one simple query', async () => {
  const pg = await client();
  const results = (await pg.query(
    "insert into wire (id) values (1); select id from wire; update wire set t = 'x' returning t; ;",
  )) as unknown as { command: string; rows: unknown[] }[];
  expect(results.map((result) => [result.command, result.rows])).toEqual([
    ['INSERT', []],
    ['SELECT', [{ id: 1 }]],
    ['UPDATE', [{ t: 'x' }]],
  ]);
  await expect(pg.query('insert into wire (id) values (7); select 1/0')).rejects.toThrow('division by zero');
  expect(await count()).toBe(1);
  await pg.query('');
  await pg.query('-- nothing');
  expect((await pg.query('/* hint */ select 1 as one -- end')).rows).toEqual([{ one: 1 }]);
  await pg.end();
});

test('cursors and large results', async () => {
  let seen = 0;
  await sql`select n, repeat('x', 100) as t from generate_series(1, 25000) n`.cursor(1000, (rows) => {
    expect(rows[0]?.n).toBe(seen + 1);
    seen += rows.length;
  });
  expect(seen).toBe(25_000);
  const rows = await sql`select n, repeat('界', 300) as t from generate_series(1, 20000) n`;
  expect(rows.length).toBe(20_000);
  expect(rows.at(-1)).toEqual({ n: 20_000, t: '界'.repeat(300) });
});

test('NOTIFY reaches every listener of the channel once and nobody else', async () => {
  const received: string[] = [];
  const other = await connectDatabase({ ...testTarget(), max: 2 });
  const deaf = await client();
  deaf.on('notification', () => received.push('deaf'));
  const pg = await client();
  pg.on('notification', (message) => received.push(`pg ${message.channel} ${message.payload}`));
  await pg.query('listen "Wire 1"');
  const a = await sql.listen('Wire 1', (payload) => received.push(`a ${payload}`));
  const b = await other.sql.listen('Wire 1', (payload) => received.push(`b ${payload}`));
  await other.sql.listen('wire 2', (payload) => received.push(`two ${payload}`));
  await sql`select pg_notify('Wire 1', '甲')`;
  await sql.begin(async (tx) => {
    // Not tx.notify: postgres.js sends that on another connection.
    await tx`select pg_notify('Wire 1', '乙')`;
    await tx`select pg_notify('wire 2', '丙')`;
  });
  await sql
    .begin(async (tx) => {
      await tx`select pg_notify('Wire 1', 'rolled back')`;
      throw new Error('no');
    })
    .catch(() => {});
  await expect.poll(() => received.length).toBe(7);
  // One listener stops: the others still hear.
  await a.unlisten();
  await pg.query('unlisten *');
  await other.sql.notify('Wire 1', '丁');
  await expect.poll(() => received.length).toBe(8);
  await b.unlisten();
  await sql.notify('Wire 1', 'nobody');
  await sql.notify('wire 2', '戊');
  await expect.poll(() => received.length).toBe(9);
  await sleep(50);
  expect(received.toSorted()).toEqual(
    ['a 甲', 'a 乙', 'b 甲', 'b 乙', 'b 丁', 'pg Wire 1 甲', 'pg Wire 1 乙', 'two 丙', 'two 戊'].toSorted(),
  );
  await Promise.all([other.close(), deaf.end(), pg.end()]);
});

test('5000 notifications arrive in order, none lost', async () => {
  const received: number[] = [];
  const { unlisten } = await sql.listen('wire_flood', (payload) => received.push(Number(payload)));
  for (let i = 0; i < 10; i++) {
    await sql`select pg_notify('wire_flood', n::text) from generate_series(${i * 500}::int, ${i * 500 + 499}::int) n`;
  }
  await expect.poll(() => received.length, { timeout: 10_000 }).toBe(5000);
  expect(received).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  await unlisten();
});

test('a client that dies in a transaction leaves nothing open and nothing behind', async () => {
  const pg = await client();
  await pg.query('begin');
  await pg.query("insert into wire (id, t) values (1, 'half')");
  await pg.query({ name: 'wire_left_over', text: 'select $1::int', values: [1] });
  const waiting = count();
  // Not a goodbye: the connection just ends, as with kill -9.
  (pg as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await waiting).toBe(0);
  await sql`insert into wire (id) values (1)`;
  const again = await client();
  // Its prepared statement has gone with it.
  expect((await again.query({ name: 'wire_left_over', text: 'select $1::text as t', values: ['x'] })).rows).toEqual([
    { t: 'x' },
  ]);
  await again.end();
});

test('a client that dies while its query waits or runs', async () => {
  const victims = await Promise.all(Array.from({ length: 5 }, client));
  const gone = Promise.allSettled(
    victims.map((pg) => pg.query('insert into wire select 0, pg_sleep(0.2)::text where false')),
  );
  await sleep(50);
  for (const pg of victims)
    (pg as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await gone;
  expect(await count()).toBe(0);
});

/** Rows 1 to 100 are points; the 101st is the intersection of an invalid polygon, over which GEOS throws. */
const throwing = `select n, case when n < 101 then st_point(n, n) else st_intersection(
    'POLYGON((0 0,1 1,1 0,0 1,0 0))'::geometry, st_geomfromtext('POLYGON((0 0,2 0,2 2,0 ' || (n - 99) || ',0 0))')) end as g
  from generate_series(1, 150) n`;

test('a C++ exception is an error, never a shorter result', async () => {
  const pg = await client();
  const message = embedded ? /C\+\+ exception inside PostGIS/ : /TopologyException|Self-intersection|self-intersection/;
  const expectFailure = async (query: Promise<unknown>): Promise<void> => {
    await expect(query).rejects.toThrow(message);
    expect((await pg.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  };
  await expectFailure(pg.query(throwing));
  await expectFailure(pg.query(`${throwing.replace('150', '$1::int')}`, [150]));
  await expectFailure(pg.query(`insert into wire (id, g) select n, g from (${throwing}) q`));
  expect(await count()).toBe(0);
  await expectFailure(pg.query(`insert into wire (id, g) select n, g from (${throwing}) q where n <> $1`, [7]));
  expect(await count()).toBe(0);
  await expectFailure(pg.query(`insert into wire (id, g) select n, g from (${throwing}) q returning id`));
  expect(await count()).toBe(0);
  await expect(pg.query(`begin; insert into wire (id, g) select n, g from (${throwing}) q`)).rejects.toThrow(message);
  await expect(pg.query('select 1')).rejects.toThrow('current transaction is aborted');
  await pg.query('rollback');
  expect(await count()).toBe(0);
  await pg.end();
});

test('a C++ exception in a transaction rolls all of it back', async () => {
  await expect(
    sql.begin(async (tx) => {
      await tx`insert into wire (id) values (1000)`;
      await tx.unsafe(`insert into wire (id, g) select n, g from (${throwing}) q`);
    }),
  ).rejects.toMatchObject({ code: 'XX000' });
  expect(await count()).toBe(0);
  // Also one that plpgsql might have swallowed.
  await expect(
    sql.begin(async (tx) => {
      await tx.unsafe(`do $$begin insert into wire (id, g) select n, g from (${throwing}) q; end$$`);
    }),
  ).rejects.toMatchObject({ code: 'XX000' });
  expect(await count()).toBe(0);
  await sql`insert into wire (id) values (1)`;
  expect(await count()).toBe(1);
});

test('what GEOS throws and catches itself is no error', async () => {
  await expect(sql`
    with shape(g) as (values ('POLYGON((0 0,2 2,2 0,0 2,0 0))'::geometry), ('POLYGON((0 0,0 0,0 0,0 0))'),
      ('MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((1 1,3 1,3 3,1 3,1 1)))'), ('LINESTRING(0 0,1 1)'))
    select st_astext(st_makevalid(g)) as valid, st_isvalid(g), st_isvalidreason(g) from shape`).resolves.toHaveLength(
    4,
  );
  // Nearly parallel edges: the overlay is tried again with snapping.
  const rows = await sql`
    select st_area(st_intersection(a, b)) as area, st_area(st_union(a, b)) as u
    from (select st_rotate(g, n * 1e-9, 113, 23) as a, st_rotate(g, -n * 1e-12, 113, 23) as b
      from generate_series(1, 500) n, st_buffer(st_point(113.0000001, 23), 0.013, 32) as g) as pairs`;
  expect(rows.length).toBe(500);
  for (const row of rows) expect(row.area).toBeCloseTo(row.u, 8);
});

test('COPY FROM STDIN and TO STDOUT with text, and a bad line', async () => {
  const { from, to } = await import('pg-copy-streams');
  const { pipeline } = await import('node:stream/promises');
  const { Readable } = await import('node:stream');
  const { text } = await import('node:stream/consumers');
  const pg = await client();
  await pipeline(Readable.from(['1\t甲\n2\t𠮷', '\n']), pg.query(from('copy wire (id, t) from stdin')));
  await expect(
    pipeline(Readable.from(['3\tx\nbad\ty\n']), pg.query(from('copy wire (id, t) from stdin'))),
  ).rejects.toThrow('invalid input syntax for type integer');
  expect(await text(pg.query(to('copy (select id, t from wire order by id) to stdout')))).toBe('1\t甲\n2\t𠮷\n');
  expect(await count()).toBe(2);
  await pg.end();
});

test('a transaction left standing while others wait', async () => {
  const impatient = await connectDatabase({ ...testTarget(), max: 2 });
  const pg = await client();
  await pg.query('begin');
  await pg.query('insert into wire (id) values (1)');
  const waited = Date.now();
  const waiting = impatient.sql`select count(*)::int as n from wire`.execute();
  await sleep(300);
  await pg.query('commit');
  expect((await waiting)[0]?.n).toBe(embedded ? 1 : 0);
  expect(Date.now() - waited).toBeGreaterThanOrEqual(299);
  await pg.end();
  await impatient.close();
});

test('settings made local to a transaction end with it', async () => {
  await sql.begin(async (tx) => {
    await tx`select set_config('onemap.role', 'staff', true)`;
    expect((await tx`select current_setting('onemap.role') as role`)[0]?.role).toBe('staff');
  });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => sql`select current_setting('onemap.role', true) as role`),
  );
  for (const [row] of answers) expect(row?.role || null).toBe(null);
});
