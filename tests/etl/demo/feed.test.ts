import { describe, expect, test } from 'vitest';
import { Way } from '../../../etl/demo/feed/place-along.ts';
import { isSilentAt, readingAt, type ReadingModel } from '../../../etl/demo/feed/reading-at.ts';
import { positionOf, readingsBetween } from '../../../etl/feed.ts';
import { layers } from '../../../layers/index.ts';
import { sensorOf } from '../../../layers/sensor.ts';

const NOW = Date.UTC(2026, 10, 27, 8);
const HOUR = 3_600_000;

describe('readings of the demo', () => {
  const models = layers.flatMap((layer) =>
    (sensorOf(layer)?.metrics ?? []).map((metric): ReadingModel => {
      const field = layer.fields[metric]!;
      return { seed: 1, sensor: `${layer.id}:A`, metric, field, base: field.range?.[1] ?? null };
    }),
  );

  test('stay in the range of every metric of every sensor layer, and are whole where they must be', () => {
    expect(models.length).toBeGreaterThan(30);
    for (const model of models) {
      for (const base of [null, ...(model.field.range ?? [])]) {
        for (let at = NOW; at < NOW + 24 * HOUR; at += HOUR) {
          const value = readingAt({ ...model, base }, at);
          expect(value).toBeGreaterThanOrEqual(model.field.range?.[0] ?? -Infinity);
          expect(value).toBeLessThanOrEqual(model.field.range?.[1] ?? Infinity);
          if (model.field.type === 'int') expect(Number.isInteger(value)).toBe(true);
        }
      }
    }
  });

  test('are the same for the same seed and time, however often they are asked for, and others for another seed', () => {
    const speaker = { id: 'a:b', everyMs: 300_000, models: models.slice(0, 2) };
    const whole = readingsBetween(1, speaker, NOW, NOW + 6 * HOUR);
    const parts = [0, 1, 2].flatMap((i) => readingsBetween(1, speaker, NOW + 2 * i * HOUR, NOW + 2 * (i + 1) * HOUR));
    const heard = [0, 1, 2, 3, 4, 5].filter((hour) => !isSilentAt(1, speaker.id, NOW + hour * HOUR));
    expect(heard.length).toBeGreaterThan(2);
    expect(whole.length).toBe(2 * 12 * heard.length);
    expect(parts).toEqual(whole);
    const other = { ...models[0]!, seed: 2 };
    expect(readingAt(other, NOW)).not.toBe(readingAt(models[0]!, NOW));
    expect(new Set(whole.map(({ value }) => value)).size).toBeGreaterThan(20);
  });

  test('of an ordinary day show no flood where nobody knows what was before', () => {
    for (const metric of ['depth_cm', 'rain_1h_mm', 'units_on']) {
      const model = models.find((each) => each.metric === metric)!;
      for (let hour = 0; hour < 24; hour += 1) expect(readingAt({ ...model, base: null }, NOW + hour * HOUR)).toBe(0);
    }
  });

  test('of few sensors are missing for an hour', () => {
    const silent = Array.from({ length: 3000 }, (_, i) => isSilentAt(1, `s${i}`, NOW)).filter(Boolean).length;
    expect(silent).toBeGreaterThan(20);
    expect(silent).toBeLessThan(100);
  });
});

test('vehicles go along their way and turn at its ends', () => {
  const way = new Way([
    [113.1, 23],
    [113.1, 23.01],
    [113.11, 23.01],
  ]);
  expect(way.length).toBeGreaterThan(2100);
  expect(way.length).toBeLessThan(2150);
  expect(way.placeAt(500)).toMatchObject({ lon: 113.1, bearing: 0 });
  expect(way.placeAt(500).lat).toBeCloseTo(23.0045, 3);
  expect(way.placeAt(1500).bearing).toBeCloseTo(90, 5);
  expect(way.placeAt(way.length * 2 - 500).bearing).toBeCloseTo(180, 5);
  expect(way.placeAt(way.length * 2 + 500)).toEqual(way.placeAt(500));
  const bus = { kind: 'bus_position', vehicle: 'GJ1', label: '109', way, start: 0, speed: 36 };
  const [a, b] = [positionOf(bus, 1000), positionOf(bus, 11_000)];
  expect((b.lat - a.lat) * 111_320).toBeCloseTo(100, 0);
});
