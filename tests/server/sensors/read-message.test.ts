import { expect, test } from 'vitest';
import { readMessage } from '../../../server/sensors/read-message.ts';

const ROOT = 'onemap/readings';
const read = (topic: string, body: unknown) =>
  readMessage(ROOT, topic, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

test('a topic names the sensor, or the sensor and the metric, or neither', () => {
  expect(read(`${ROOT}/rain_gauge/R1/rain_1h_mm`, { at: 1, value: 2 })).toEqual([
    { sensor: 'rain_gauge:R1', metric: 'rain_1h_mm', at: 1, value: 2 },
  ]);
  expect(read(`${ROOT}/rain_gauge/R1`, [{ at: 1, rain_1h_mm: 2, rain_5min_mm: 3 }])).toEqual([
    { sensor: 'rain_gauge:R1', metric: 'rain_1h_mm', at: 1, value: 2 },
    { sensor: 'rain_gauge:R1', metric: 'rain_5min_mm', at: 1, value: 3 },
  ]);
  const full = { sensor: 'a:b', metric: 'm', at: 1, value: 2 };
  expect(read(ROOT, full)).toEqual([full]);
  // What it says of itself gives way to the topic it came by.
  expect(read(`${ROOT}/a/c/m`, full)).toEqual([{ ...full, sensor: 'a:c' }]);
});

test.each([
  [`${ROOT}/a/b/m`, '{'],
  [`${ROOT}/a/b/m`, ''],
  [`${ROOT}/a/b/m`, '7'],
  [`${ROOT}/a/b/m`, '[[1]]'],
  [`${ROOT}/a/b`, '{}'],
  [`${ROOT}/a/b`, '{"at":1}'],
  [`${ROOT}/a`, '{"at":1,"value":2}'],
  [`${ROOT}/a/b/`, '{"at":1,"value":2}'],
  [`${ROOT}/a/b/c/d`, '{"at":1,"value":2}'],
  [`${ROOT}s/a/b`, '{"at":1,"m":2}'],
  [ROOT, '[]'.padEnd(4)],
  [ROOT, JSON.stringify(Array.from({ length: 5001 }, () => 1))],
])('%s %s is refused as a whole', (topic, body) => {
  const result = read(topic, body);
  if (body.startsWith('[]')) expect(result).toEqual([]);
  else expect(result).toMatchObject({ code: 'BODY_INVALID', sensor: topic });
});
