import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { copyRows, openLoader } from '../../../server/db/copy.ts';
import { BinaryRows } from '../../../server/db/copy-binary.ts';
import { testDatabase } from '../../support/database.ts';

const db = await testDatabase();

function numbers(from: number, to: number, filler = 0): Buffer {
  const rows = new BinaryRows();
  for (let i = from; i < to; i++) {
    rows.startRow(2);
    rows.int4(i);
    rows.text('x'.repeat(filler));
  }
  return rows.take();
}

async function count(): Promise<number> {
  const [row] = await db.sql<{ n: number }[]>`select count(*)::int as n from copy_target`;
  return row!.n;
}

async function createTarget(): Promise<void> {
  await db.sql`drop table if exists copy_target`;
  await db.sql`create table copy_target (id int4 primary key, t text)`;
}

afterEach(async () => {
  await db.sql`drop table if exists copy_target, copy_next`;
});

test('a table is made, filled, indexed and swapped in one transaction', async () => {
  await createTarget();
  await db.sql`insert into copy_target values (-1, 'old')`;
  const loader = await openLoader(db);
  try {
    await loader.exec('create table copy_next (id int4, t text)');
    const writer = loader.copy('public.copy_next', ['id', 't']);
    for (let i = 0; i < 10; i++) await writer.write(numbers(i * 1000, (i + 1) * 1000));
    expect(await writer.end()).toBe(10_000);
    await loader.exec('alter table copy_next add primary key (id); drop table copy_target');
    await loader.exec('alter table copy_next rename to copy_target');
    expect(await loader.query('select max(id) as max, $1::int8 as fid from copy_target', [2 ** 52])).toEqual([
      { max: 9999, fid: 2 ** 52 },
    ]);
    await loader.commit();
  } finally {
    await loader.rollback();
  }
  expect(await count()).toBe(10_000);
});

test('frozen rows are stored, on a server as visible to all, and there only into a table of the same transaction', async () => {
  const loader = await openLoader(db);
  try {
    await loader.exec('create table copy_next (id int4, t text)');
    const writer = loader.copy('copy_next', ['id', 't'], { isFrozen: true });
    await writer.write(numbers(0, 5000));
    expect(await writer.end()).toBe(5000);
    await loader.exec('analyze copy_next');
    expect(
      await loader.query(
        `select relallvisible = relpages and relpages > 0 as "areAll" from pg_class where relname = 'copy_next'`,
      ),
    ).toEqual([{ areAll: db.engine === 'server' }]);
    await loader.commit();
  } finally {
    await loader.rollback();
  }
  expect((await db.sql`select count(*)::int as n from copy_next`)[0]).toEqual({ n: 5000 });
  if (db.engine === 'embedded') return;
  const other = await openLoader(db);
  try {
    const writer = other.copy('copy_next', ['id', 't'], { isFrozen: true });
    await expect(writer.write(numbers(0, 10)).then(() => writer.end())).rejects.toThrow(/FREEZE/);
  } finally {
    await other.rollback();
  }
});

test('rows beyond the size of one piece all arrive', async () => {
  await createTarget();
  const writer = await copyRows(db, 'copy_target', ['id', 't']);
  // 40 MB: three statements on the embedded engine
  for (let i = 0; i < 40; i++) await writer.write(numbers(i * 1000, (i + 1) * 1000, 1000));
  expect(await writer.end()).toBe(40_000);
  expect(await count()).toBe(40_000);
});

test('a COPY without rows is a COPY of no rows', async () => {
  await createTarget();
  expect(await (await copyRows(db, 'copy_target', ['id', 't'])).end()).toBe(0);
});

test.each([
  ['a duplicate key', (): Buffer => Buffer.concat([numbers(0, 1000), numbers(0, 1)]), /duplicate key/],
  [
    'a row with too many values',
    (): Buffer => Buffer.concat([numbers(0, 1000), Buffer.alloc(200_000, 7)]),
    /row field count/,
  ],
  ['a zero byte in a text', (): Buffer => nulByte(), /0x00/],
])('%s is an error and nothing stays', async (_title, rows, message) => {
  await createTarget();
  const writer = await copyRows(db, 'copy_target', ['id', 't']);
  const failing = async (): Promise<number> => {
    await writer.write(numbers(5000, 6000));
    await writer.write(rows());
    for (let i = 1; i < 30; i++) await writer.write(numbers(i * 10_000, (i + 1) * 10_000, 100));
    return writer.end();
  };
  await expect(failing()).rejects.toThrow(message);
  await writer.abort();
  expect(await count()).toBe(0);
});

function nulByte(): Buffer {
  const rows = new BinaryRows();
  rows.startRow(2);
  rows.int4(1);
  rows.text('a\0b');
  return rows.take();
}

test('a table that does not exist is an error', async () => {
  const writer = await copyRows(db, 'no_such_table', ['id']);
  await expect(
    (async () => {
      await sleep(50);
      await writer.write(numbers(0, 10));
      await writer.end();
    })(),
  ).rejects.toThrow(/no_such_table/);
  await writer.abort();
});

test('a failed transaction is not committed silently', async () => {
  await createTarget();
  const loader = await openLoader(db);
  await loader.exec('insert into copy_target values (1)');
  await expect(loader.exec('select 1/0')).rejects.toThrow('division by zero');
  await expect(loader.commit()).rejects.toThrow('nothing was committed');
  await loader.rollback();
  expect(await count()).toBe(0);
});

test('rollback in the middle of a COPY leaves nothing and holds nothing', async () => {
  await createTarget();
  const loader = await openLoader(db);
  const writer = loader.copy('copy_target', ['id', 't']);
  await writer.write(numbers(0, 100_000));
  await loader.rollback();
  await loader.rollback();
  expect(await count()).toBe(0);
  await db.sql`alter table copy_target add column z int`;
});

test('without a transaction others are served between the statements', async () => {
  await createTarget();
  const loader = await openLoader(db, { transaction: false });
  const writer = loader.copy('copy_target', ['id', 't']);
  await writer.write(numbers(0, 1000));
  expect(await count()).toBe(0);
  expect(await writer.end()).toBe(1000);
  expect(await count()).toBe(1000);
  await loader.begin();
  await loader.exec('delete from copy_target');
  await loader.rollback();
  expect(await count()).toBe(1000);
});

test('names of tables and columns cannot carry SQL', async () => {
  const loader = await openLoader(db);
  expect(() => loader.copy('t; drop table x', ['id'])).toThrow('not an identifier');
  expect(() => loader.copy('t', ['id) from stdin; --'])).toThrow('not an identifier');
  await loader.rollback();
});
