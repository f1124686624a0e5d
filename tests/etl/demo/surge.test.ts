import { expect, test } from 'vitest';
import { readingAt, type ReadingModel } from '../../../etl/demo/feed/reading-at.ts';
import { frontAt, surgeAt } from '../../../etl/demo/feed/surge.ts';
import { scenarioRules } from '../../../etl/simulate/alarm-rules.ts';
import { Rule } from '../../../server/rules/contract.ts';
import { findLayer } from '../../../layers/index.ts';

const BEGIN = Date.UTC(2026, 10, 27, 8);
const MINUTE = 60_000;
const WEST = { lon: 113.02, lat: 22.97 };
const EAST = { lon: 113.17, lat: 23.06 };

function model(
  layer: string,
  metric: string,
  place: { lon: number; lat: number },
  weather: 'storm' | 'festival',
): ReadingModel {
  const sensor = `${layer}:A`;
  const field = findLayer(layer)!.fields[metric]!;
  const surge = (at: number) => surgeAt(weather, BEGIN, { seed: 1, sensor, metric, ...place }, at);
  return { seed: 1, sensor, metric, field, base: null, surge };
}
/** Minute of the highest reading of the first storm, and the reading. */
function peak(each: ReadingModel): [minute: number, value: number] {
  const values = Array.from({ length: 20 }, (_, minute) => readingAt(each, BEGIN + minute * MINUTE));
  const value = Math.max(...values);
  return [values.indexOf(value), value];
}

test('a storm comes from the south-west and moves over the district: first rain, then water', () => {
  expect(frontAt(EAST.lon, EAST.lat) - frontAt(WEST.lon, WEST.lat)).toBeGreaterThan(2 * MINUTE);
  const [west, east] = [WEST, EAST].map((place) => peak(model('rain_gauge', 'rain_5min_mm', place, 'storm')));
  expect(west![0]).toBeLessThan(east![0]);
  expect(east![1]).toBeGreaterThan(8);
  for (const place of [WEST, EAST]) {
    const rain = peak(model('rain_gauge', 'rain_5min_mm', place, 'storm'));
    const street = peak(model('waterlogging_sensor', 'depth_cm', place, 'storm'));
    const river = peak(model('water_level_station', 'level_m', place, 'storm'));
    expect(street[0]).toBeGreaterThan(rain[0]);
    expect(river[0]).toBeGreaterThanOrEqual(street[0]);
    // What the rules of the scenario ask for.
    expect(street[1]).toBeGreaterThan(15);
  }
});

test('the water goes again, and a storm changes nothing before it began nor what it has nothing to do with', () => {
  const street = model('waterlogging_sensor', 'depth_cm', WEST, 'storm');
  expect(readingAt(street, BEGIN - MINUTE)).toBe(0);
  expect(readingAt(street, BEGIN)).toBeLessThan(8);
  const [minute, value] = peak(street);
  expect(readingAt(street, BEGIN + (minute + 12) * MINUTE)).toBeLessThan(value / 3);
  const noise = model('noise_station', 'leq_db', WEST, 'storm');
  const { surge: _, ...quiet } = noise;
  for (let i = 0; i < 20; i += 1)
    expect(readingAt(noise, BEGIN + i * MINUTE)).toBe(readingAt(quiet, BEGIN + i * MINUTE));
});

test('a festival is loud and full where it is, and nowhere else', () => {
  const centre = { lon: 113.112, lat: 23.033 };
  const at = BEGIN + 10 * MINUTE;
  const added = (metric: string, place: { lon: number; lat: number }) =>
    surgeAt('festival', BEGIN, { seed: 1, sensor: 'x:1', metric, ...place }, at);
  expect(added('leq_db', centre)).toBeGreaterThan(20);
  expect(added('leq_db', WEST)).toBeLessThan(1);
  expect(readingAt(model('parking_lot', 'free_spaces', centre, 'festival'), at)).toBe(0);
  expect(added('free_spaces', WEST)).toBeCloseTo(0);
  expect(added('depth_cm', centre)).toBe(0);
});

test('the rules of the scenarios are rules, on metrics that their layers measure', () => {
  for (const rules of Object.values(scenarioRules)) {
    for (const rule of rules) {
      const parsed = Rule.parse(rule);
      if (!('watch' in parsed) || !('metric' in parsed.watch)) throw new Error('it watches no sensors');
      expect(findLayer(rule.watch.layer)?.fields[String(parsed.watch.metric)]).toBeDefined();
    }
  }
});
