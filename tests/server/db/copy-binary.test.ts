import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyRows } from '../../../server/db/copy.ts';
import { BinaryRows } from '../../../server/db/copy-binary.ts';
import { testDatabase } from '../../support/database.ts';

test('every type and NULL come back as they were', async () => {
  const db = await testDatabase();
  await db.sql`create table copy_types (id int4, t text, i int4, l int8, f4 float4, f8 float8, b bool, d date, z timestamptz,
    j jsonb, g geometry(Point, 4326))`;
  try {
    const rows = new BinaryRows(16);
    const names = ['id', 't', 'i', 'l', 'f4', 'f8', 'b', 'd', 'z', 'j', 'g'];
    rows.startRow(11);
    rows.int4(1);
    rows.text('𠮷田 佛山市禅城区 "a,b"\n\t\\N');
    rows.int4(-2147483648);
    rows.int8(-9007199254740991);
    rows.float4(0.5);
    rows.float8(113.1234567890123);
    rows.bool(true);
    rows.date('2024-02-29');
    rows.timestamptz(new Date('1969-12-31T23:59:59.123Z'));
    rows.jsonb(JSON.stringify({ 名: ['𠮷', null, 1.5] }));
    rows.point(113.1, 23.02);
    rows.startRow(11);
    rows.int4(2);
    for (let i = 1; i < 11; i++) rows.value('text', null);
    rows.startRow(11);
    rows.int4(3);
    rows.value('text', '');
    rows.value('int4', 0);
    rows.value('int8', 622236719905341439n);
    rows.value('float4', -0);
    rows.value('float8', Infinity);
    rows.value('bool', false);
    rows.value('date', '0001-01-01');
    rows.value('timestamptz', Date.parse('9999-12-31T00:00:00Z'));
    rows.value('jsonb', 'x');
    const ewkb = Buffer.alloc(25);
    ewkb[0] = 1;
    ewkb.writeUInt32LE(0x20000001, 1);
    ewkb.writeUInt32LE(4326, 5);
    rows.value('geometry(Point,4326)', ewkb);
    rows.startRow(11);
    rows.int4(99);
    rows.dropRow();
    const writer = await copyRows(db, 'copy_types', names);
    await writer.write(rows.take());
    expect(await writer.end()).toBe(3);
    const stored = await db.sql`select id, t, i, l, f4, f8, b, d, z, j, st_asewkt(g) as g from copy_types order by id`;
    expect([...stored]).toEqual([
      {
        id: 1,
        t: '𠮷田 佛山市禅城区 "a,b"\n\t\\N',
        i: -2147483648,
        l: -9007199254740991,
        f4: 0.5,
        f8: 113.1234567890123,
        b: true,
        d: '2024-02-29',
        z: new Date('1969-12-31T23:59:59.123Z'),
        j: { 名: ['𠮷', null, 1.5] },
        g: 'SRID=4326;POINT(113.1 23.02)',
      },
      { id: 2, ...Object.fromEntries(names.slice(1).map((name) => [name, null])) },
      {
        id: 3,
        t: '',
        i: 0,
        l: 622236719905341439n,
        f4: -0,
        f8: Infinity,
        b: false,
        d: '0001-01-01',
        z: new Date('9999-12-31T00:00:00Z'),
        j: 'x',
        g: 'SRID=4326;POINT(0 0)',
      },
    ]);
  } finally {
    await db.sql`drop table copy_types`;
  }
});

test('any text, any int8 and any day survive', async () => {
  const db = await testDatabase();
  const text = fc.string({ unit: 'binary', maxLength: 100 }).map((t) => t.replaceAll('\0', ''));
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const row = fc.tuple(text, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), day, fc.maxSafeInteger());
  const values = fc.sample(row, { numRuns: 3000, seed: 1 });
  const rows = new BinaryRows(1);
  values.forEach(([t, l, d, n], id) => {
    rows.startRow(5);
    rows.int4(id);
    rows.text(t);
    rows.int8(l);
    rows.date(d.toISOString().slice(0, 10));
    rows.int8(n);
  });
  await db.sql`create table copy_any (id int4, t text, l int8, d date, n int8)`;
  try {
    const writer = await copyRows(db, 'copy_any', ['id', 't', 'l', 'd', 'n']);
    await writer.write(rows.take());
    await writer.end();
    const stored = await db.sql`select t, l::text as l, to_char(d, 'YYYY-MM-DD') as d, n from copy_any order by id`;
    expect(stored.map(({ t, l, d, n }) => [t, l, d, n])).toEqual(
      values.map(([t, l, d, n]) => [t, String(l), d.toISOString().slice(0, 10), n]),
    );
  } finally {
    await db.sql`drop table copy_any`;
  }
});

test('UTF-8 is what Buffer makes of it, lone surrogates included', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 60 }),
      (value) => {
        const rows = new BinaryRows(1);
        rows.text(value);
        expect(rows.take().subarray(4).toString('hex')).toBe(Buffer.from(value).toString('hex'));
      },
    ),
    { seed: 7, numRuns: 2000 },
  );
});

test.each([
  ['int4', 2147483648],
  ['int4', 1.5],
  ['int4', Number.NaN],
  ['int8', 2 ** 53],
  ['int8', 2n ** 63n],
  ['date', '2023-02-29'],
  ['date', '2023-2-9'],
  ['date', '20230209'],
  ['date', '2023-13-01'],
  ['date', '２０２３-01-01'],
  ['timestamptz', new Date('nonsense')],
] as const)('%s refuses %s', (type, value) => {
  const rows = new BinaryRows();
  rows.startRow(1);
  expect(() => rows.value(type, value)).toThrow(RangeError);
  rows.dropRow();
  expect(rows.size).toBe(0);
});
