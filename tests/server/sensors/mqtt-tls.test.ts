import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { MqttIntake, type MqttSettings } from '../../../server/sensors/mqtt-intake.ts';
import { ReadingIntake } from '../../../server/sensors/reading-intake.ts';
import { connectAsync } from 'mqtt';
import { readFile } from 'node:fs/promises';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { Broker } from '../../support/mosquitto.ts';
import { removeReadings } from './gauge-layer.ts';

const LAYER = 'test_mqtt_tls';
const TOPIC = 'onemap/readings';
let db: Database;
let dir: string;
/** By user and password, and by certificate. */
let byPassword: Broker;
let byCertificate: Broker;
const open: MqttIntake[] = [];
const at = (name: string): string => join(dir, name);
const openssl = (...parts: string[]): void => void execFileSync('openssl', parts, { cwd: dir, stdio: 'pipe' });

/** A certificate, signed by an authority. */
function certify(name: string, ca: string): void {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${ca}.crt`,
    '-CAkey',
    `${ca}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    `${name}.crt`,
    '-extfile',
    'names.txt',
  );
}

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-tls-'));
  await writeFile(at('names.txt'), 'subjectAltName=IP:127.0.0.1\n');
  for (const ca of ['ours', 'theirs']) {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.crt`,
      '-days',
      '2',
      '-subj',
      `/CN=${ca}`,
    );
  }
  certify('broker', 'ours');
  certify('service', 'ours');
  certify('stranger', 'theirs');
  execFileSync('mosquitto_passwd', ['-b', '-c', at('passwords'), 'onemap', 'right'], { stdio: 'pipe' });
  execFileSync('chmod', ['-R', 'a+rX', dir]);
  const tls = [`cafile ${at('ours.crt')}`, `certfile ${at('broker.crt')}`, `keyfile ${at('broker.key')}`];
  byPassword = await Broker.start({
    scheme: 'mqtts',
    lines: [...tls, 'allow_anonymous false', `password_file ${at('passwords')}`],
  });
  byCertificate = await Broker.start({
    scheme: 'mqtts',
    lines: [...tls, 'require_certificate true', 'use_identity_as_username true', 'allow_anonymous false'],
  });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((mqtt) => mqtt.close()));
});
afterAll(async () => {
  await byPassword.remove();
  await byCertificate.remove();
  await rm(dir, { recursive: true });
  await removeReadings(db, LAYER);
});

const metrics = new Map([['level_m', { type: 'number', title: { zh: '', en: '' }, range: [0, 1e9] } as const]]);
const sensors = {
  ready: async () => undefined,
  metricsOf: (sensor: string) => (sensor.startsWith(`${LAYER}:`) ? metrics : undefined),
};
let clients = 0;

function subscribe(settings: Partial<MqttSettings>): { mqtt: MqttIntake; errors: string[] } {
  const errors: string[] = [];
  const intake = new ReadingIntake(db.sql, { sensors, keepDays: 30, onError: () => undefined });
  const mqtt = new MqttIntake({
    url: byPassword.url,
    clientId: `tls-${(clients += 1)}`,
    topic: TOPIC,
    caFile: at('ours.crt'),
    ...settings,
    sql: db.sql,
    intake,
    onError: (cause) => errors.push(cause instanceof Error ? cause.message : String(cause)),
  });
  mqtt.start();
  open.push(mqtt);
  return { mqtt, errors };
}

const right = { username: 'onemap', password: 'right' };
const service = () => ({ url: byCertificate.url, certFile: at('service.crt'), keyFile: at('service.key') });

test.each(['user and password', 'certificate'] as const)('readings come in over TLS, by %s', async (by) => {
  const { mqtt } = subscribe(by === 'certificate' ? service() : right);
  await until('the connection', () => mqtt.isConnected);
  await new Promise((done) => setTimeout(done, 200));
  const publisher =
    by === 'certificate'
      ? await connectAsync(byCertificate.url, {
          ca: await readFile(at('ours.crt')),
          cert: await readFile(at('service.crt')),
          key: await readFile(at('service.key')),
        })
      : await connectAsync(byPassword.url, { ca: await readFile(at('ours.crt')), ...right });
  const sensor = `${LAYER}:${by === 'certificate' ? 'C' : 'P'}`;
  const message = JSON.stringify({ sensor, metric: 'level_m', at: Date.now() - 1000, value: 1 });
  await publisher.publishAsync(TOPIC, message, { qos: 1 });
  await publisher.endAsync();
  await until('the reading', async () => (await db.sql`select from app.reading where sensor = ${sensor}`).length === 1);
});

test.each<[string, () => Partial<MqttSettings>, RegExp]>([
  [
    'an authority that is not the broker\u2019s',
    () => ({ ...right, caFile: at('theirs.crt') }),
    /certificate of the broker is signed .*MQTT_CA/,
  ],
  ['no authority', () => ({ ...right, caFile: undefined }), /certificate of the broker is signed .*MQTT_CA/],
  [
    'the name of another host',
    () => ({ ...right, url: byPassword.url.replace('127.0.0.1', 'localhost') }),
    /is that of another host/,
  ],
  ['a wrong password', () => ({ username: 'onemap', password: 'wrong' }), /[Nn]ot authorized/],
  ['no certificate', () => ({ url: byCertificate.url }), /refuses this service .*MQTT_CERT/],
  [
    'a certificate of somebody else',
    () => ({ ...service(), certFile: at('stranger.crt'), keyFile: at('stranger.key') }),
    /refuses this service .*MQTT_CERT/,
  ],
])('with %s there is no connection, and the reason is told', async (_, settings, reason) => {
  const { mqtt, errors } = subscribe(settings());
  await until('the reason', () => errors.some((message) => reason.test(message)), 10_000).catch(() => {
    throw new Error(`it was said: ${errors.join('; ')}`);
  });
  expect(mqtt.isConnected).toBe(false);
});
