import { expect, test } from 'vitest';
import type { SensorList } from '../../../server/app.ts';
import { sensorText } from '../../../web/map/sensor-layers.ts';

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
  expect(sensorText(sensor, list, NOW, 'zh')).toBe('1.42 m');
  expect(sensorText({ ...sensor, latest: [] }, list, NOW, 'zh')).toBe('');
  const silent = (minutes: number) => ({ ...sensor, silentSince: new Date(NOW - minutes * 60_000).toISOString() });
  expect(sensorText(silent(17), list, NOW, 'zh')).toBe('静默 17 分');
  expect(sensorText(silent(300), list, NOW, 'en')).toBe('silent 5 h');
});
