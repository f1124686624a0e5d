import type { Layer } from '../../../layers/define.ts';
import type { Database } from '../../../server/db/connect.ts';
import { fakeCell, type FixtureRow } from '../layer-fixture.ts';

/** A sensor layer of the tests; each test file names its own. */
export function gaugeLayer(id: string, more: Partial<Layer> = {}): Layer {
  return {
    id,
    title: { zh: '测试水尺', en: 'Test gauge' },
    department: 'water_affairs',
    class: 'water_flood',
    subclass: 'rain_water_regime',
    geometry: 'point',
    fields: {
      gauge_no: { type: 'string', title: { zh: '编号', en: 'Number' }, required: true },
      name: { type: 'string', title: { zh: '名称', en: 'Name' } },
      level_m: { type: 'number', title: { zh: '水位', en: 'Level' }, unit: 'm', range: [-5, 15] },
      pumps: { type: 'int', title: { zh: '开机台数', en: 'Pumps' }, range: [0, 30] },
      observed_at: { type: 'datetime', title: { zh: '观测时间', en: 'Observed at' } },
    },
    key: 'gauge_no',
    label: 'name',
    source: { file: `water_affairs/${id}.csv`, format: 'csv', crs: 'EPSG:4326', coordinates: { x: 'lon', y: 'lat' } },
    sensor: { metrics: ['level_m', 'pumps'], everyMinutes: 5 },
    cadence: 'realtime',
    freshnessHours: 1,
    symbology: { kind: 'none', color: '#5aa9c4' },
    sensitivity: 'public',
    checks: { rows: [0, 100_000] },
    ...more,
  };
}

export function gaugeRows(count: number): FixtureRow[] {
  return Array.from({ length: count }, (_, i): FixtureRow => {
    const at: [number, number] = [113.021 + (i % 8) * 0.01, 22.971 + (Math.floor(i / 8) % 8) * 0.01];
    return { gauge_no: `G${i}`, name: `水尺${i}`, wkt: `POINT(${at[0]} ${at[1]})`, at, ...fakeCell(at) };
  });
}

/** Takes back what the sensors of a layer left behind. */
export async function removeReadings({ sql }: Database, layer: string): Promise<void> {
  for (const table of ['reading', 'sensor_latest', 'sensor_silence', 'reading_reject']) {
    await sql`delete from ${sql(`app.${table}`)} where starts_with(sensor, ${`${layer}:`})`;
  }
  await sql`delete from app.sensor where layer = ${layer}`;
  await sql`delete from app.sensor_source where layer = ${layer}`;
}
