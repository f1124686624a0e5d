import { sensorId } from '../../layers/sensor.ts';
import type { ReadingRejection } from './check-reading.ts';

const MOST_READINGS = 5000;

/**
 * Readings of an MQTT message, unchecked. Below a root, e.g. `onemap/readings`:
 * - `<root>/<layer>/<key>/<metric>`: `{at, value}`
 * - `<root>/<layer>/<key>`: `{at, <metric>: value, …}`
 * - `<root>`: `{sensor, metric, at, value}`, from gateways
 *
 * Each may be an array of such. What is none of it is one rejection.
 */
export function readMessage(root: string, topic: string, payload: Buffer): unknown[] | ReadingRejection {
  const refuse = (message: string): ReadingRejection => ({
    code: 'BODY_INVALID',
    field: 'reading',
    message,
    sensor: topic.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, 160),
    metric: '',
    value: payload
      .subarray(0, 80)
      .toString()
      .replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd'),
  });
  let body: unknown;
  try {
    body = JSON.parse(payload.toString());
  } catch {
    return refuse('the message is no JSON');
  }
  const items: unknown[] = Array.isArray(body) ? body : [body];
  if (items.length > MOST_READINGS) return refuse(`the message has more than ${MOST_READINGS} readings`);
  if (topic === root) return items;
  const [layer, key, metric, ...more] = topic.slice(root.length + 1).split('/');
  if (!topic.startsWith(`${root}/`) || !layer || !key || metric === '' || more.length > 0) {
    return refuse(`the topic is not ${root}, ${root}/layer/key or ${root}/layer/key/metric`);
  }
  const sensor = sensorId(layer, key);
  const readings: unknown[] = [];
  for (const item of items) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return refuse('a reading is an object');
    if (metric !== undefined) readings.push({ ...item, sensor, metric });
    else {
      const { at, ...values } = item as Record<string, unknown>;
      for (const [name, value] of Object.entries(values)) readings.push({ sensor, metric: name, at, value });
    }
    if (readings.length > MOST_READINGS) return refuse(`the message has more than ${MOST_READINGS} readings`);
  }
  return readings.length === 0 ? refuse('the message has no reading') : readings;
}
