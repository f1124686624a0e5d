import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { MqttIntake } from '../../../server/sensors/mqtt-intake.ts';
import { ReadingIntake } from '../../../server/sensors/reading-intake.ts';
import { testDatabase, testTarget } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { Broker } from '../../support/mosquitto.ts';
import { removeReadings } from './gauge-layer.ts';

const LAYER = 'test_mqtt';
const TOPIC = 'onemap/readings';
const ROOT = join(import.meta.dirname, '../../..');

let db: Database;
let broker: Broker;
let publisher: MqttClient;
const open: MqttIntake[] = [];
const children: ChildProcess[] = [];
const metrics = new Map([['level_m', { type: 'number', title: { zh: '', en: '' }, range: [0, 1e9] } as const]]);
const sensors = {
  ready: async () => undefined,
  metricsOf: (sensor: string) => (sensor.startsWith(`${LAYER}:`) ? metrics : undefined),
};

beforeAll(async () => {
  db = await testDatabase();
  broker = await Broker.start();
  publisher = await connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 100 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((mqtt) => mqtt.close()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await publisher.endAsync(true);
  await broker.remove();
  await removeReadings(db, LAYER);
  await db.sql`delete from app.reading_reject where via = 'mqtt'`;
});

let clock = Date.now() - 3_600_000;
const next = (): number => (clock += 1);

const onError = (): void => undefined;

async function subscriber(clientId: string, isWaiting = false): Promise<{ mqtt: MqttIntake; intake: ReadingIntake }> {
  const intake = new ReadingIntake(db.sql, { sensors, keepDays: 30, onError });
  const mqtt = new MqttIntake({ url: broker.url, clientId, topic: TOPIC, sql: db.sql, intake, onError });
  mqtt.start();
  open.push(mqtt);
  if (!isWaiting) await until('the connection', () => mqtt.isConnected);
  // The subscription is asked for after the connection.
  await new Promise((done) => setTimeout(done, 200));
  return { mqtt, intake };
}

/** Messages with a reading each. */
const send = (count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      publisher.publishAsync(`${TOPIC}/${LAYER}/B/level_m`, JSON.stringify({ at: next(), value: i }), { qos: 1 }),
    ),
  );

const countOf = async (sensor: string): Promise<number> => {
  const [row] = await db.sql<{ n: number }[]>`
    select count(*)::int as n from app.reading where sensor = ${`${LAYER}:${sensor}`}`;
  return row?.n ?? 0;
};

test('messages of every form are stored, what is wrong is refused, and none is delivered again', async () => {
  const { mqtt, intake } = await subscriber('test-forms');
  const at = next();
  await publisher.publishAsync(`${TOPIC}/${LAYER}/A/level_m`, JSON.stringify({ at, value: 1 }), { qos: 1 });
  await publisher.publishAsync(`${TOPIC}/${LAYER}/A`, JSON.stringify({ at: next(), level_m: 2 }), { qos: 1 });
  const full = { sensor: `${LAYER}:A`, metric: 'level_m', at: next(), value: 3 };
  await publisher.publishAsync(TOPIC, JSON.stringify([full, { ...full, sensor: 'nobody:1' }]), { qos: 1 });
  await publisher.publishAsync(`${TOPIC}/${LAYER}/A`, 'no JSON', { qos: 1 });
  await until('all of them', async () => (await countOf('A')) === 3 && mqtt.totals.messages === 4);
  await intake.close();
  const rejects = await db.sql<{ sensor: string; code: string }[]>`
    select sensor, code from app.reading_reject where via = 'mqtt' order by code`;
  expect(rejects).toEqual([
    { sensor: `${TOPIC}/${LAYER}/A`, code: 'BODY_INVALID' },
    { sensor: 'nobody:1', code: 'UNKNOWN_SENSOR' },
  ]);
  // Everything was acknowledged, the malformed one too: a new connection of the session gets nothing.
  await mqtt.close();
  const again = await subscriber('test-forms');
  await new Promise((done) => setTimeout(done, 300));
  expect(again.mqtt.totals.messages).toBe(0);
  await again.intake.close();
});

test('of several processes one is connected, and another goes on where it leaves', async () => {
  const first = await subscriber('test-shared');
  const second = await subscriber('test-shared', true);
  await send(400);
  await until('all of them', async () => (await countOf('B')) === 400, 20_000);
  expect([first.mqtt.totals.messages, second.mqtt.totals.messages]).toEqual([400, 0]);
  // Far fewer commits than messages: they are not acknowledged one by one.
  expect(first.intake.load.batches).toBeLessThan(200);
  await first.mqtt.close();
  await send(100);
  await until('the others', async () => (await countOf('B')) === 500, 20_000);
  expect([first.mqtt.totals.messages, second.mqtt.totals.messages]).toEqual([400, 100]);
  for (const { intake } of [first, second]) await intake.close();
});

test('no acknowledged reading is lost when the broker is restarted and the subscriber is killed, again and again', async () => {
  const spawnSubscriber = (): ChildProcess => {
    const target = testTarget();
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'tests/support/mqtt-subscriber.ts'), broker.url, 'test-killed', LAYER],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          DATABASE_URL: 'url' in target ? (target.url ?? '') : '',
          DATA_DIR: 'dataDir' in target ? (target.dataDir ?? '') : '',
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    children.push(child);
    return child;
  };
  let child = spawnSubscriber();
  let acknowledged = 0;
  const stop = new AbortController();
  const hello = async (): Promise<void> => {
    // Until the subscriber has been there once, nobody keeps messages for it.
    await until(
      'the subscriber',
      async () => {
        await publisher.publishAsync(`${TOPIC}/${LAYER}/hello/level_m`, JSON.stringify({ at: next(), value: 1 }), {
          qos: 1,
        });
        return (await countOf('hello')) > 0;
      },
      30_000,
    );
  };
  await hello();
  const sending = (async () => {
    while (!stop.signal.aborted) {
      const values = Array.from({ length: 20 }, () => next());
      const results = await Promise.allSettled(
        values.map((at) =>
          publisher.publishAsync(`${TOPIC}/${LAYER}/C/level_m`, JSON.stringify({ at, value: 1 }), { qos: 1 }),
        ),
      );
      acknowledged += results.filter(({ status }) => status === 'fulfilled').length;
      await new Promise((done) => setTimeout(done, 5));
    }
  })();
  for (let round = 0; round < 3; round++) {
    const before = await countOf('C');
    await until('some readings', async () => (await countOf('C')) > before + 50, 30_000);
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
    if (round === 1) {
      await broker.down();
      await broker.up();
    }
    child = spawnSubscriber();
  }
  const before = await countOf('C');
  await until('some more', async () => (await countOf('C')) > before + 50, 30_000);
  await broker.down();
  await broker.up();
  stop.abort();
  await sending;
  // The client sends again what was not acknowledged when the broker went: nothing is counted twice.
  await until('all that was acknowledged', async () => (await countOf('C')) >= acknowledged, 30_000);
  expect(acknowledged).toBeGreaterThan(300);
});
