import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCatalogue, type Catalogue } from '../../../server/catalogue.ts';
import type { LiveEvent } from '../../../server/contract/live.ts';
import type { Database } from '../../../server/db/connect.ts';
import { Duties } from '../../../server/duty/duties.ts';
import { registerDuty } from '../../../server/duty/duty.ts';
import { readHead, readLog } from '../../../server/live/log.ts';
import { addDays, daysFrom, dropDays } from '../../../server/sensors/day-partitions.ts';
import { shanghaiDay } from '../../../server/shanghai-time.ts';
import { followReadings, followReadingsOnce } from '../../../server/sensors/follow-readings.ts';
import { keepDaysOf } from '../../../server/sensors/keep-days.ts';
import { ReadingIntake } from '../../../server/sensors/reading-intake.ts';
import type { Reading } from '../../../server/sensors/reading.ts';
import { registerSensors } from '../../../server/sensors/register.ts';
import { createSensorList, type SensorList } from '../../../server/sensors/sensor-list.ts';
import { noteSilence } from '../../../server/sensors/silence.ts';
import { storeReadings } from '../../../server/sensors/store.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { gaugeLayer, gaugeRows, removeReadings } from './gauge-layer.ts';

const gauge = gaugeLayer('test_gauge');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let db: Database;
let catalogue: Catalogue;
let sensors: SensorList;
let intake: ReadingIntake;
let name: string;
const failures: unknown[] = [];

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, gauge, gaugeRows(64));
  catalogue = createCatalogue(db.sql, { log: pino({ level: 'silent' }), defined: [], maxAgeMs: 0 });
  await registerSensors(db.sql, catalogue);
  sensors = createSensorList(db.sql, catalogue, (cause) => failures.push(cause));
  intake = new ReadingIntake(db.sql, { sensors, keepDays: 30, onError: (cause) => failures.push(cause) });
});
beforeEach(() => {
  name = `test-${Math.random().toString(36).slice(2)}`;
});
afterAll(async () => {
  await intake.close();
  await sensors.close();
  await catalogue.close();
  await removeReadings(db, gauge.id);
  await removeFixture(db, gauge);
  await db.sql`delete from app.reading_reject where sensor in ('nobody:1', '')`;
  await db.sql`delete from app.duty where starts_with(name, 'test-')`;
  expect(failures).toEqual([]);
});

let clock = Math.floor(Date.now() / 1000) * 1000 - 20 * MINUTE;
/** A reading that nobody has had before. */
function reading(i: number, value = 1, metric = 'level_m'): Reading {
  clock += 1;
  return { sensor: `${gauge.id}:G${i}`, metric, at: clock, value };
}

const states = async (inputs: readonly unknown[]): Promise<string[]> =>
  (await intake.submit(inputs, 'test')).map((result) =>
    result.state === 'refused' ? result.rejection.code : result.state,
  );

const sorted = (readings: readonly Reading[]) => readings.map(({ sensor, at }) => `${sensor} ${at}`).toSorted();

async function latest(sensor: string): Promise<Record<string, number>> {
  const rows = await db.sql<{ metric: string; value: number }[]>`
    select metric, value from app.sensor_latest where sensor = ${sensor}`;
  return Object.fromEntries(rows.map(({ metric, value }) => [metric, value]));
}

describe('sensors', () => {
  test('are the features of live layers that measure, with their place', async () => {
    const [row] = await db.sql`
      select id, layer, title, lon, lat, town_code, metrics, interval_s from app.sensor where id = ${`${gauge.id}:G9`}`;
    expect(row).toMatchObject({
      layer: gauge.id,
      title: '水尺9',
      lon: 113.031,
      lat: 22.981,
      town_code: '440604001000',
      metrics: ['level_m', 'pumps'],
      interval_s: 300,
    });
    expect(await registerSensors(db.sql, catalogue)).toEqual([]);
  });

  test('follow what is published, and who waited to be registered waits no longer', async () => {
    const late = `${gauge.id}:G64`;
    expect(await states([{ ...reading(0), sensor: late }])).toEqual(['UNKNOWN_SENSOR']);
    await intake.flush();
    const waiting = () => db.sql`select count from app.reading_reject where sensor = ${late}`;
    expect(await waiting()).toMatchObject([{ count: 1 }]);
    await publishFixture(db, gauge, gaugeRows(65));
    expect(await registerSensors(db.sql, catalogue)).toEqual([gauge.id]);
    expect(await waiting()).toHaveLength(0);
    await until('the list', () => sensors.metricsOf(late) !== undefined);
    expect(await states([{ ...reading(0), sensor: late }])).toEqual(['stored']);
  });
});

describe('storing', () => {
  test('a repeated reading is the same reading, and another value of its instant is refused', async () => {
    const one = reading(1, 2.5);
    expect(await states([one, one, { ...one, value: 3 }])).toEqual(['stored', 'known', 'VALUE_DIFFERS']);
    expect(await states([{ ...one, at: new Date(one.at).toISOString() }, reading(1, 2.6)])).toEqual([
      'known',
      'stored',
    ]);
    expect(await states([{ ...one, value: 4 }])).toEqual(['VALUE_DIFFERS']);
    const rows = await db.sql`select value from app.reading where sensor = ${one.sensor} and at = ${new Date(one.at)}`;
    expect(rows).toEqual([{ value: 2.5 }]);
  });

  test('the latest is the newest, in whatever order they come', async () => {
    const [older, newer] = [reading(2, 1), reading(2, 2)];
    await storeReadings(db.sql, [newer, reading(2, 7, 'pumps')]);
    await storeReadings(db.sql, [older]);
    expect(await latest(older.sensor)).toEqual({ level_m: 2, pumps: 7 });
  });

  test('each value is checked, and what is refused is kept account of', async () => {
    const good = reading(3, 1);
    const cases: [string, unknown][] = [
      ['stored', good],
      ['OUT_OF_RANGE', { ...good, value: 15.01 }],
      ['OUT_OF_RANGE', { ...good, value: -5.1 }],
      ['OUT_OF_RANGE', { ...good, metric: 'pumps', value: 1.5 }],
      ['BODY_INVALID', { ...good, value: Number.NaN }],
      ['BODY_INVALID', { ...good, value: '1' }],
      ['BODY_INVALID', { ...good, value: null }],
      ['UNKNOWN_METRIC', { ...good, metric: 'name' }],
      ['UNKNOWN_SENSOR', { ...good, sensor: 'nobody:1' }],
      ['IN_THE_FUTURE', { ...good, at: new Date(Date.now() + 6 * MINUTE).toISOString() }],
      ['TOO_OLD', { ...good, at: Date.now() - 40 * DAY }],
      ['BODY_INVALID', { ...good, at: '2026-02-30T00:00:00Z' }],
      ['BODY_INVALID', { ...good, at: '2026-11-01T00:00:00' }],
      ['BODY_INVALID', { ...good, at: 1.5 }],
      ['BODY_INVALID', { ...good, unit: 'm' }],
      ['BODY_INVALID', { metric: 'level_m' }],
      ['BODY_INVALID', [good]],
      ['BODY_INVALID', null],
      ['BODY_INVALID', 'level'],
    ];
    expect(await states(cases.map(([, input]) => input))).toEqual(cases.map(([code]) => code));
    await intake.flush();
    const rows = await db.sql<{ code: string; count: number; value: string; via: string }[]>`
      select code, count, value, via from app.reading_reject where sensor = ${good.sensor} and metric = 'level_m'`;
    expect(rows).toContainEqual({ code: 'OUT_OF_RANGE', count: 2, value: '-5.1', via: 'test' });
    expect(rows).toContainEqual({ code: 'IN_THE_FUTURE', count: 1, value: expect.any(String), via: 'test' });
  });

  test('the first reading of a day without a partition makes one', async () => {
    const at = Date.now() - 25 * DAY;
    await dropDays(db.sql, 'reading', '1970-01-01');
    const partition = `app.reading_${shanghaiDay(at).replaceAll('-', '')}`;
    await db.sql.unsafe(`drop table if exists ${partition}`);
    const one = { ...reading(4), at };
    expect(await states([one])).toEqual(['stored']);
    const rows = await db.sql.unsafe(`select sensor from ${partition}`);
    expect(rows).toEqual([{ sensor: one.sensor }]);
    // Late readings are history: what is shown stays the newest.
    expect(await states([reading(4, 9)])).toEqual(['stored']);
    expect(await latest(one.sensor)).toEqual({ level_m: 9 });
  });

  test('what is stored is told in this process after the commit, repeats are not', async () => {
    const told: Reading[] = [];
    intake.onReadings((readings) => told.push(...readings));
    const one = reading(5);
    await states([one, { ...one, sensor: 'nobody:1' }]);
    await states([one]);
    expect(told).toEqual([one]);
  });
});

test('days are made ahead and dropped by age, of both tables', async () => {
  const future = Date.now() + 3 * DAY;
  const old = ['2020-01-01', '2020-01-02'];
  await addDays(db.sql, 'reading', old);
  await addDays(db.sql, 'position', old);
  await db.sql.begin((tx) => keepDaysOf(tx, Date.now(), 3000));
  const names = async () =>
    (
      await db.sql<{ name: string }[]>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent in ('app.reading'::regclass, 'app.position'::regclass)`
    ).map((row) => row.name);
  for (const day of daysFrom(Date.now(), future)) {
    expect(await names()).toEqual(expect.arrayContaining([`reading_${day.replaceAll('-', '')}`]));
  }
  expect(await names()).toContain('reading_20200101');
  expect(await names()).not.toContain('position_20200101');
  expect(await dropDays(db.sql, 'reading', '2020-01-02')).toBe(1);
  expect(await dropDays(db.sql, 'reading', '2020-01-03')).toBe(1);
  expect(await names()).not.toContain('reading_20200102');
});

describe('followers', () => {
  test('are given every reading exactly once while many write at once', async () => {
    const duties = [1, 2].map(
      () => new Duties({ sql: db.sql, onError: (_, cause) => failures.push(cause), pollMs: 50 }),
    );
    const seen: Reading[] = [];
    const follower = { name, handle: async (_: unknown, readings: readonly Reading[]) => void seen.push(...readings) };
    try {
      for (const each of duties) await followReadings(each, follower, 50);
      await until(
        'the cursor',
        async () => (await db.sql`select from app.duty where name = ${name} and log_id is not null`).length > 0,
      );
      const sent: Reading[][] = Array.from({ length: 24 }, (_, i) =>
        Array.from({ length: 40 }, () => reading((i % 8) + 8, i / 2)),
      );
      // Several writers, beside the batches of the intake: as several processes would.
      await Promise.all(sent.map((batch, i) => (i % 2 ? storeReadings(db.sql, batch) : intake.submit(batch, 'test'))));
      await until('all of them', () => seen.length >= 24 * 40, 20_000);
      expect(sorted(seen)).toEqual(sorted(sent.flat()));
    } finally {
      await Promise.all(duties.map((each) => each.close()));
    }
  });

  test('are given them again when they failed, and are told of a gap', async () => {
    await registerDuty(db.sql, name);
    let gaps = 0;
    const seen: Reading[] = [];
    const follower = {
      name,
      handle: async (_: unknown, readings: readonly Reading[]) => void seen.push(...readings),
      onGap: async () => void (gaps += 1),
    };
    await followReadingsOnce(db.sql, follower);
    const sent = [reading(20, 1.25), reading(21)];
    await storeReadings(db.sql, sent);
    const failing = { ...follower, handle: async () => Promise.reject(new Error('half way')) };
    await expect(followReadingsOnce(db.sql, failing)).rejects.toThrow('half way');
    await followReadingsOnce(db.sql, follower);
    expect(seen.toSorted((a, b) => a.at - b.at)).toEqual(sent);
    await storeReadings(db.sql, [reading(20)]);
    // Older than now: the clock of the embedded engine counts milliseconds.
    await db.sql`select pg_sleep(0.005)`;
    await db.sql`select app.prune_readings('0 s')`;
    await followReadingsOnce(db.sql, follower);
    expect([gaps, seen.length]).toEqual([1, 2]);
  });
});

test('a sensor that misses three readings is silent until it speaks again', async () => {
  const sensor = `${gauge.id}:G30`;
  const events = async (after: number): Promise<LiveEvent[]> =>
    (await readLog(db.sql, { after, withRestricted: true, limit: 1000 })).entries
      .map(({ json }) => JSON.parse(json) as LiveEvent)
      .filter((event) => 'silence' in event && event.silence.layer === gauge.id);
  const look = () => db.sql.begin((tx) => noteSilence(tx, new Set([gauge.id])));
  const at = Date.now() - 14 * MINUTE;
  await storeReadings(db.sql, [{ sensor, metric: 'level_m', at, value: 1 }]);
  await look();
  const spells = () => db.sql<{ from: Date; to: Date | null }[]>`
    select from_at as "from", to_at as "to" from app.sensor_silence where sensor = ${sensor} order by from_at`;
  expect(await spells()).toEqual([]);
  await db.sql`update app.sensor_latest set at = at - interval '2 minutes' where sensor = ${sensor}`;
  const { id: head } = await readHead(db.sql);
  await look();
  await look();
  const from = new Date(at - 2 * MINUTE);
  expect(await spells()).toEqual([{ from, to: null }]);
  const [began, ...more] = await events(head);
  expect(more).toEqual([]);
  expect(began).toMatchObject({
    type: 'silence.began',
    silence: { layer: gauge.id, count: 1, sensors: [{ id: sensor, title: '水尺30', since: from.toISOString() }] },
  });
  const { id: middle } = await readHead(db.sql);
  const again = { sensor, metric: 'pumps', at: at + MINUTE, value: 1 };
  const now = { ...again, at: Date.now() };
  await storeReadings(db.sql, [now, again]);
  await look();
  // It ended with the first reading after the gap, not with the one that was looked at.
  expect(await spells()).toEqual([{ from, to: new Date(at) }]);
  expect(await events(middle)).toMatchObject([{ type: 'silence.ended', silence: { count: 1 } }]);
});
