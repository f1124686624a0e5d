import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSeries } from '../../../etl/series/load-series.ts';
import { LoadSession } from '../../../etl/session.ts';
import { getLayer, layers } from '../../../layers/index.ts';
import type {
  ErrorBody,
  LayerDetail,
  LoadDetail,
  ReadingReceipt,
  ReadingRejects,
  RejectList,
  SensorList,
  SensorReadings,
} from '../../../server/app.ts';
import { createCatalogue } from '../../../server/catalogue.ts';
import { registerSensors } from '../../../server/sensors/register.ts';
import { noteSilence } from '../../../server/sensors/silence.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
let scratch = '';
beforeAll(async () => {
  district = await loadedDistrict();
  const catalogue = createCatalogue(district.db.sql, { log: pino({ level: 'silent' }) });
  await registerSensors(district.db.sql, catalogue);
  await catalogue.close();
  api = testApi(district.db);
  scratch = await mkdtemp(join(tmpdir(), 'one-map-series-'));
});
afterAll(async () => {
  await api.close();
  await rm(scratch, { recursive: true, force: true });
});

const WATER = 'water_level_station';

/** A sensor of a layer that has readings. */
async function observed(layer = WATER): Promise<string> {
  const [row] = await district.db.sql<{ sensor: string }[]>`
    select sensor from app.reading where starts_with(sensor, ${`${layer}:`}) order by sensor limit 1`;
  return row!.sensor;
}

async function read(path: string, headers: Record<string, string> = STAFF): Promise<SensorReadings> {
  const response = await api.get(path, headers);
  expect(response.status, path).toBe(200);
  return (await response.json()) as SensorReadings;
}

async function failure(path: string, headers: Record<string, string> = STAFF): Promise<[number, string, string?]> {
  const response = await api.get(path, headers);
  const { error } = (await response.json()) as ErrorBody;
  return [response.status, error.code, error.field];
}

const send = (body: BodyInit, type = 'application/json') =>
  api.send('POST', '/api/readings', body, { ...STAFF, 'Content-Type': type });
const receipt = async (response: Response): Promise<ReadingReceipt> => {
  expect(response.status).toBe(200);
  return (await response.json()) as ReadingReceipt;
};

const failed = async (response: Response) => [response.status, ((await response.json()) as ErrorBody).error.code];

async function list(parameters: object, headers: Record<string, string> = STAFF): Promise<SensorList> {
  const response = await api.get(`/api/sensors${query(parameters as Record<string, string>)}`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as SensorList;
}

async function countReadings(layer: string): Promise<number> {
  const [row] = await district.db.sql<{ n: number }[]>`
    select count(distinct (sensor, at))::int as n from app.reading where starts_with(sensor, ${`${layer}:`})`;
  return row!.n;
}

describe('loading readings', () => {
  it('accounts for every row of every file, and finds what was planted', async () => {
    const expected = layers.filter(({ series }) => series !== undefined).map(({ id }) => id);
    expect(Object.keys(district.manifest.series).toSorted()).toEqual(expected.toSorted());
    for (const id of expected) {
      const { rows, faults } = district.manifest.series[id]!;
      const report = district.reports.find(({ layer }) => layer === id)!.series!;
      expect(report.error, id).toBeNull();
      expect(report.status, id).toBe('published');
      expect(report.rows.in, id).toBe(rows);
      expect(report.rows.accepted + report.rows.quarantined, id).toBe(rows);
      expect(Object.fromEntries(report.rejects.map(({ code, count }) => [code, count])), id).toEqual(faults);
      expect(await countReadings(id), id).toBe(report.rows.accepted);
    }
  });

  it('keeps readings of live features only, the last of which is what the layer shows', async () => {
    // One level is a dash in the snapshot: a planted fault.
    const { sql } = district.db;
    const [row] = await sql<{ strangers: number; other: number; compared: number }[]>`
      with last as (
        select r.value, n.value as latest, l.level_m, l.source_id
        from (select distinct on (sensor) * from app.reading where starts_with(sensor, ${`${WATER}:`})
          order by sensor, at desc) r
        join app.sensor_latest n using (sensor, metric)
        left join layers.water_level_station l on ${`${WATER}:`} || l.source_id = r.sensor)
      select count(*) filter (where source_id is null)::int as strangers, count(*)::int as compared,
        count(*) filter (where latest <> value or (level_m is not null and value is distinct from level_m))::int as other
      from last`;
    expect(row!.compared).toBeGreaterThanOrEqual(20);
    expect(row).toMatchObject({ strangers: 0, other: 0 });
  });

  it('replaces a reading that is delivered again, and adds nothing twice', async () => {
    const layer = getLayer(WATER);
    const path = join(district.dir, layer.series!.file);
    const text = await readFile(path, 'utf8');
    const lines = text.split('\r\n');
    const [key, time, value] = lines[5]!.split(',') as [string, string, string];
    lines[5] = [key, time, '9.87'].join(',');
    const changed = join(scratch, 'changed.csv');
    await writeFile(changed, lines.join('\r\n'));
    const before = await countReadings(WATER);
    const levelOf = async () => {
      const [row] = await district.db.sql<{ level: number }[]>`
        select value as level from app.reading where sensor = ${`${WATER}:${key}`} and at = ${time}::timestamptz`;
      return row!.level;
    };
    const session = new LoadSession(district.db);
    try {
      expect((await loadSeries(session, layer, path))!.status).toBe('unchanged');
      expect((await loadSeries(session, layer, changed))!.status).toBe('published');
      expect([await countReadings(WATER), await levelOf()]).toEqual([before, 9.87]);
      expect((await loadSeries(session, layer, path))!.status).toBe('published');
      expect([await countReadings(WATER), await levelOf()]).toEqual([before, Number(value)]);
      expect(await loadSeries(session, layer, join(scratch, 'nothing.csv'))).toBeNull();
    } finally {
      await session.close();
    }
  });

  it('leaves the readings as they were when no row of a file can be used, or a column is missing', async () => {
    const layer = getLayer(WATER);
    const before = await countReadings(WATER);
    const session = new LoadSession(district.db);
    const [header = ''] = (await readFile(join(district.dir, layer.series!.file), 'utf8')).split('\r\n', 1);
    try {
      for (const [name, text, code] of [
        ['useless', `${header}\r\nX,2026-11-01T08:00:00+08:00,1\r\n`, 'ROW_COUNT'],
        ['headless', `a,b,c\r\n1,2,3\r\n`, 'MISSING_COLUMN'],
        ['empty', '', 'EMPTY_FILE'],
      ] as const) {
        const path = join(scratch, `${name}.csv`);
        await writeFile(path, text);
        const report = await loadSeries(session, layer, path);
        expect([report!.status, report!.error?.code], name).toEqual(['failed', code]);
      }
      expect(await countReadings(WATER)).toBe(before);
      const [running] = await district.db.sql<{ n: number }[]>`
        select count(*)::int as n from app.load where layer_id = ${`${WATER}.series`} and status = 'running'`;
      expect(running!.n).toBe(0);
    } finally {
      await session.close();
    }
  });

  it('is a load that can be looked at, with the rows that were set aside', async () => {
    const { load, rows } = district.reports.find(({ layer }) => layer === WATER)!.series!;
    const detail = (await (await api.get(`/api/loads/${load}`, STAFF)).json()) as LoadDetail;
    expect(detail.rows).toMatchObject({ in: rows.in, accepted: rows.accepted, quarantined: rows.quarantined });
    const { rejects } = (await (await api.get(`/api/loads/${load}/rejects`, STAFF)).json()) as RejectList;
    expect(rejects.map(({ code }) => code).toSorted()).toEqual(
      Object.keys(district.manifest.series[WATER]!.faults).toSorted(),
    );
    expect(await failure(`/api/loads/${load}/rejects/file?purpose=correction`)).toEqual([
      400,
      'PARAMETER_INVALID',
      'id',
    ]);
  });
});

describe('GET /api/sensors/{id}/readings', () => {
  it('answers each step with what the database says of it', async () => {
    const sensor = await observed('air_station');
    const [from, to] = ['2026-10-28', '2026-10-30'];
    const answer = await read(`/api/sensors/${sensor}/readings${query({ from, to, points: 16 })}`);
    expect([answer.from, answer.to, answer.stepSeconds]).toEqual([
      '2026-10-27T16:00:00.000Z',
      '2026-10-29T16:00:00.000Z',
      10_800,
    ]);
    const rows = await district.db.sql<{ at: Date; metric: string; value: number }[]>`
      select at, metric, value from app.reading where sensor = ${sensor} and metric in ('aqi', 'o3')
        and at >= ${answer.from}::timestamptz and at < ${answer.to}::timestamptz`;
    expect(rows).toHaveLength(96);
    expect(answer.times).toHaveLength(16);
    expect(answer.values.map(({ name }) => name)).toEqual(getLayer('air_station').series!.values);
    for (const [i, time] of answer.times.entries()) {
      expect(new Date(time).getUTCHours() % 3).toBe(1);
      const until = Date.parse(time) + 10_800_000;
      for (const name of ['aqi', 'o3']) {
        const column = answer.values.find((value) => value.name === name)!;
        const values = rows
          .filter((row) => row.metric === name && row.at >= new Date(time) && row.at.getTime() < until)
          .map(({ value }) => value);
        expect(column.count[i]).toBe(values.length);
        expect(column.min[i]).toBe(Math.min(...values));
        expect(column.max[i]).toBe(Math.max(...values));
        expect(column.avg[i]).toBeCloseTo(values.reduce((sum, each) => sum + each, 0) / values.length, 9);
      }
    }
  });

  it('keeps every extreme, however few points are asked', async () => {
    const sensor = await observed('air_station');
    const [row] = await district.db.sql<{ min: number; max: number; n: number }[]>`
      select min(value) as min, max(value) as max, count(*)::int as n from app.reading
      where sensor = ${sensor} and metric = 'pm10' and at >= '2026-10-25T00:00:00Z' and at < '2026-11-02T00:00:00Z'`;
    for (const points of [1, 2, 7, 50, 2000]) {
      const answer = await read(
        `/api/sensors/${sensor}/readings${query({ from: '2026-10-25T00:00:00Z', to: '2026-11-02T00:00:00Z', points })}`,
      );
      const pm10 = answer.values.find(({ name }) => name === 'pm10')!;
      expect(answer.times.length, `${points}`).toBeLessThanOrEqual(points + 1);
      expect(Math.min(...pm10.min.map(Number)), `${points}`).toBe(row!.min);
      expect(Math.max(...pm10.max.map(Number)), `${points}`).toBe(row!.max);
      expect(pm10.count.reduce((sum, count) => sum + count, 0)).toBe(row!.n);
    }
  });

  it('shows the last week in some hundred steps when nothing is asked, the newest reading included', async () => {
    const sensor = await observed();
    const answer = await read(`/api/sensors/${sensor}/readings`, {});
    const [row] = await district.db.sql<{ n: number; newest: Date; level: number }[]>`
      select count(*)::int as n, max(at) as newest, (array_agg(value order by at desc))[1] as level
      from app.reading where sensor = ${sensor}`;
    expect(answer.values[0]!.count.reduce((sum, count) => sum + count, 0)).toBe(row!.n);
    expect(answer.times.length).toBeGreaterThan(100);
    expect(answer.times.length).toBeLessThanOrEqual(401);
    expect(answer.latest).toEqual([{ metric: 'level_m', at: row!.newest.toISOString(), value: row!.level }]);
    expect(answer.silentSince).toBeNull();
    const day = await read(`/api/sensors/${sensor}/readings?days=1`);
    expect(day.values[0]!.count.reduce((sum, count) => sum + count, 0)).toBe(96);
    const detail = (await (await api.get(`/api/layers/${WATER}`)).json()) as LayerDetail;
    expect(detail.sensor).toEqual({ metrics: ['level_m'], everyMinutes: 5 });
  });

  it('is empty for a sensor without readings, and for a time without any', async () => {
    const [row] = await district.db.sql<{ id: string }[]>`
      select id from app.sensor s where layer = 'road_congestion'
        and not exists (select from app.reading r where r.sensor = s.id) limit 1`;
    const none = await read(`/api/sensors/${row!.id}/readings`);
    expect([none.times, none.latest]).toEqual([[], []]);
    const past = await read(
      `/api/sensors/${await observed()}/readings${query({ from: '2020-01-01', to: '2020-01-02' })}`,
    );
    expect(past.times).toEqual([]);
  });

  it('says what is wrong with a request', async () => {
    const path = `/api/sensors/${await observed()}/readings`;
    for (const [parameters, field] of [
      [{ from: 'yesterday' }, 'from'],
      [{ from: '2026-02-30' }, 'from'],
      [{ to: '2026-11-01T08:00:00' }, 'to'],
      [{ from: '2026-11-01', to: '2026-10-01' }, 'from'],
      [{ from: '2020-01-01', to: '2026-01-01' }, 'from'],
      [{ points: 0 }, 'points'],
      [{ points: 2001 }, 'points'],
      [{ days: 'x' }, 'days'],
    ] as const) {
      expect(await failure(`${path}${query(parameters)}`), JSON.stringify(parameters)).toEqual([
        400,
        'PARAMETER_INVALID',
        field,
      ]);
    }
    for (const id of ['nothing', 'park:1', `${WATER}:nothing`, `${WATER}:`, ':']) {
      expect(await failure(`/api/sensors/${id}/readings`), id).toEqual([404, 'SENSOR_NOT_FOUND', 'id']);
    }
    expect(await failure('/api/sensors/nothing:1/readings')).toEqual([404, 'LAYER_NOT_FOUND', 'id']);
  });

  it('is answered with 304 to who has it, and not at all to who may not see the layer', async () => {
    const path = `/api/sensors/${await observed()}/readings`;
    const first = await api.get(path);
    const tag = first.headers.get('ETag')!;
    expect((await api.get(path, { 'If-None-Match': tag })).status).toBe(304);
    expect((await api.get(`${path}?points=10`, { 'If-None-Match': tag })).status).toBe(200);
    const hidden = `/api/sensors/${await observed('pipe_level_sensor')}/readings`;
    expect((await read(hidden)).times.length).toBeGreaterThan(0);
    expect(await failure(hidden, {})).toEqual([404, 'LAYER_NOT_FOUND', 'id']);
  });
});

describe('GET /api/sensors', () => {
  it('lists the features of sensor layers with what they said last, in an area, by what the caller may see', async () => {
    const { sql } = district.db;
    const all = await list({ layer: WATER, limit: 20_000 });
    const [{ n } = { n: 0 }] = await sql<{ n: number }[]>`select count(*)::int as n from layers.water_level_station`;
    expect([all.total, all.sensors.length]).toEqual([n, n]);
    expect(all.layers).toEqual([
      {
        id: WATER,
        title: getLayer(WATER).title,
        metrics: [{ name: 'level_m', title: { zh: '水位', en: 'Water level' }, unit: 'm' }],
      },
    ]);
    const sensor = all.sensors.find(({ latest }) => latest.length > 0)!;
    const [row] = await sql`select value from app.sensor_latest where sensor = ${sensor.id}`;
    expect(sensor.latest[0]).toMatchObject({ metric: 'level_m', value: row!['value'] });
    const town = all.sensors.find((each) => each.town !== null)!.town!;
    const inTown = await list({ layer: WATER, town });
    expect(inTown.sensors.every((each) => each.town === town)).toBe(true);
    expect(inTown.total).toBe(all.sensors.filter((each) => each.town === town).length);
    const bbox: [number, number, number, number] = [113.0, 22.95, 113.06, 23.02];
    const inBox = await list({ layer: WATER, bbox: bbox.join(',') });
    expect(inBox.sensors.map(({ id }) => id)).toEqual(
      all.sensors
        .filter(({ lon, lat }) => lon! >= bbox[0] && lon! <= bbox[2] && lat! >= bbox[1] && lat! <= bbox[3])
        .map(({ id }) => id),
    );
    expect(inBox.total).toBeGreaterThan(0);
    const shown = (await list({}, {})).layers.map(({ id }) => id);
    expect(shown).toContain(WATER);
    expect(shown).not.toContain('smart_manhole');
    expect((await list({})).layers.map(({ id }) => id)).toContain('smart_manhole');
    expect(await failure('/api/sensors?layer=smart_manhole', {})).toEqual([404, 'LAYER_NOT_FOUND', 'id']);
    expect(await failure('/api/sensors?layer=park')).toEqual([400, 'PARAMETER_INVALID', 'layer']);
    expect(await failure('/api/sensors?bbox=1,2,3')).toEqual([400, 'PARAMETER_INVALID', 'bbox']);
  });

  it('is answered with 304 until somebody speaks, or falls silent', async () => {
    const path = `/api/sensors?layer=${WATER}`;
    const tagOf = async () => (await api.get(path, STAFF)).headers.get('ETag')!;
    const tag = await tagOf();
    expect((await api.get(path, { ...STAFF, 'If-None-Match': tag })).status).toBe(304);
    const sensor = await observed();
    const at = new Date(Date.now() - 40 * 60_000).toISOString();
    const sent = await api.send(
      'POST',
      '/api/readings',
      JSON.stringify([{ sensor, metric: 'level_m', at, value: 1 }]),
      STAFF,
    );
    expect(sent.status).toBe(200);
    const spoken = await tagOf();
    expect(spoken).not.toBe(tag);
    await district.db.sql.begin((tx) => noteSilence(tx, new Set()));
    expect(await tagOf()).not.toBe(spoken);
    const silent = await list({ layer: WATER, silent: 'true' });
    expect(silent.sensors).toMatchObject([{ id: sensor, silentSince: at }]);
    expect([silent.total, silent.silent]).toEqual([1, 1]);
    const readings = await read(`/api/sensors/${sensor}/readings`);
    expect(readings.silentSince).toBe(at);
    expect(readings.silences).toEqual([{ from: at, to: null }]);
    await district.db.sql`delete from app.sensor_silence where sensor = ${sensor}`;
    await district.db.sql`delete from app.reading where sensor = ${sensor} and at = ${at}::timestamptz`;
    await district.db.sql`
      update app.sensor_latest l set heard_at = null, (at, value) = (select r.at, r.value from app.reading r
        where r.sensor = l.sensor and r.metric = l.metric order by r.at desc limit 1) where sensor = ${sensor}`;
  });
});

describe('POST /api/readings', () => {
  it('takes an array or a reading a line, refuses bad ones by name and keeps their neighbours', async () => {
    const [row] = await district.db.sql<{ id: string }[]>`
      select id from app.sensor where layer = 'smart_manhole' order by id limit 1`;
    const sensor = row!.id;
    const one = { sensor, metric: 'water_cm', at: new Date(Date.now() - 60_000).toISOString(), value: 12.5 };
    const bad = { ...one, value: 801 };
    const lost = { ...one, sensor: 'smart_manhole:made-up' };
    const first = await receipt(await send(JSON.stringify([one, bad, lost, 7])));
    expect([first.stored, first.known]).toEqual([1, 0]);
    expect(first.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [1, 'OUT_OF_RANGE', 'value'],
      [2, 'UNKNOWN_SENSOR', 'sensor'],
      [3, 'BODY_INVALID', 'reading'],
    ]);
    const lines = [JSON.stringify(one), '{"sensor":', '', JSON.stringify({ ...one, metric: 'tilt_deg', value: 2 })];
    const second = await receipt(await send(lines.join('\n'), 'application/x-ndjson'));
    expect([second.stored, second.known, second.rejected.map(({ index }) => index)]).toEqual([1, 1, [1]]);
    const { rejects } = (await (
      await api.get('/api/readings/rejects?code=UNKNOWN_SENSOR', STAFF)
    ).json()) as ReadingRejects;
    expect(rejects.find((each) => each.sensor === lost.sensor)).toMatchObject({ count: 1, via: 'http' });
    await district.db.sql`delete from app.reading where sensor = ${sensor}`;
    await district.db.sql`delete from app.sensor_latest where sensor = ${sensor}`;
    await district.db.sql`delete from app.reading_reject where starts_with(sensor, 'smart_manhole:') or sensor = ''`;
  });

  it('refuses what is no list of readings', async () => {
    expect(await failed(await send('{"sensor":"a"}'))).toEqual([400, 'BODY_INVALID']);
    expect(await failed(await send('[]'))).toEqual([400, 'BODY_INVALID']);
    expect(await failed(await send('[{'))).toEqual([400, 'BODY_MALFORMED']);
    expect(await failed(await send('a,b', 'text/csv'))).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    expect(await failed(await send(JSON.stringify(Array.from({ length: 5001 }, () => 1))))).toEqual([
      400,
      'BODY_INVALID',
    ]);
    const response = await api.send('POST', '/api/readings', '[1]');
    expect(await failed(response)).toEqual([403, 'FORBIDDEN']);
  });
});
