/**
 * The MQTT part of an API process alone, to be killed: `tsx tests/support/mqtt-subscriber.ts BROKER_URL CLIENT_ID LAYER`, with
 * DATABASE_URL or DATA_DIR. Takes readings of `level_m` of sensors of this layer.
 */
import { connectDatabase } from '../../server/db/connect.ts';
import { MqttIntake } from '../../server/sensors/mqtt-intake.ts';
import { ReadingIntake } from '../../server/sensors/reading-intake.ts';

const [url = '', clientId = '', layer = ''] = process.argv.slice(2);
const db = await connectDatabase({ url: process.env['DATABASE_URL'], dataDir: process.env['DATA_DIR'], max: 2 });
const metrics = new Map([['level_m', { type: 'number', title: { zh: '', en: '' } } as const]]);
const sensors = {
  ready: async () => undefined,
  metricsOf: (sensor: string) => (sensor.startsWith(`${layer}:`) ? metrics : undefined),
};
// The broker goes away in these tests.
const onError = (): void => undefined;
const intake = new ReadingIntake(db.sql, { sensors, keepDays: 30, onError });
const mqtt = new MqttIntake({ url, clientId, topic: 'onemap/readings', sql: db.sql, lostMs: 1000, intake, onError });
mqtt.start();
process.once('SIGTERM', () => {
  void mqtt
    .close()
    .then(() => intake.close())
    .then(() => db.close())
    .then(() => process.exit(0));
});
