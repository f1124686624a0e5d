import { expect, test } from 'vitest';
import type { SensorList } from '../../../server/app.ts';
import { sensorText, withRoom } from '../../../web/map/sensor-layers.ts';

const NOW = Date.UTC(2026, 10, 27, 8);
const sensor: SensorList['sensors'][number] = {
  id: 'a:1',
  layer: 'a',
  fid: 1,
  title: '一',
  lon: 113,
  lat: 23,
  town: null,
  intervalSeconds: 300,
  silentSince: null,
  heardAt: null,
  latest: [
    { metric: 'battery', at: new Date(NOW).toISOString(), value: 80 },
    { metric: 'level_m', at: new Date(NOW).toISOString(), value: 1.424 },
  ],
};
const list: SensorList = {
  total: 1,
  silent: 0,
  layers: [
    { id: 'a', title: { zh: '', en: '' }, metrics: [{ name: 'level_m', title: { zh: '', en: '' }, unit: 'm' }] },
  ],
  sensors: [sensor],
};

test('beside a sensor stands its first metric, and of a silent one for how long it says nothing', () => {
  const options = { list, now: NOW, lang: 'zh' as const, silentFor: (minutes: number) => `silent ${minutes}` };
  expect(sensorText(sensor, options)).toBe('1.42 m');
  expect(sensorText({ ...sensor, latest: [] }, options)).toBe('');
  const silent = (minutes: number) => ({ ...sensor, silentSince: new Date(NOW - minutes * 60_000).toISOString() });
  expect(sensorText(silent(17), options)).toBe('silent 17');
});

test('of sensors on one spot one has words, a silent one before others', () => {
  const there = { ...sensor, id: 'a:2', silentSince: new Date(NOW).toISOString() };
  const elsewhere = { ...sensor, id: 'a:3', lon: 113.05 };
  expect(withRoom([sensor, there, elsewhere], 14, 1).map(({ id }) => id)).toEqual(['a:2', 'a:3']);
});
