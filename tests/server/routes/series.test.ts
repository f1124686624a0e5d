import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSeries } from '../../../etl/series/load-series.ts';
import { LoadSession } from '../../../etl/session.ts';
import { getLayer, layers } from '../../../layers/index.ts';
import type { ErrorBody, FeatureSeries, LayerDetail, LoadDetail, RejectList } from '../../../server/app.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
let scratch = '';
beforeAll(async () => {
  district = await loadedDistrict();
  api = testApi(district.db);
  scratch = await mkdtemp(join(tmpdir(), 'one-map-series-'));
});
afterAll(async () => {
  await api.close();
  await rm(scratch, { recursive: true, force: true });
});

const WATER = 'water_level_station';

/** A feature of a layer that has readings. */
async function observed(layer = WATER): Promise<number> {
  const [row] = await district.db.sql<{ fid: number }[]>`
    select fid from app.observation join app.series using (series_id) where layer_id = ${layer} order by fid limit 1`;
  return row!.fid;
}

async function read(path: string, headers: Record<string, string> = STAFF): Promise<FeatureSeries> {
  const response = await api.get(path, headers);
  expect(response.status, path).toBe(200);
  return (await response.json()) as FeatureSeries;
}

async function failure(path: string, headers: Record<string, string> = STAFF): Promise<[number, string, string?]> {
  const response = await api.get(path, headers);
  const { error } = (await response.json()) as ErrorBody;
  return [response.status, error.code, error.field];
}

async function countReadings(layer: string): Promise<number> {
  const [row] = await district.db.sql<{ n: number }[]>`
    select count(*)::int as n from app.observation join app.series using (series_id) where layer_id = ${layer}`;
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
        select distinct on (o.fid) o.fid, o.v1, l.level_m, l.source_id
        from app.observation o join app.series s using (series_id) left join layers.water_level_station l on l.fid = o.fid
        where s.layer_id = ${WATER} order by o.fid, o.at desc)
      select count(*) filter (where source_id is null)::int as strangers, count(*)::int as compared,
        count(*) filter (where level_m is not null and v1 is distinct from level_m)::int as other from last`;
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
        select v1 as level from app.observation o join app.series using (series_id)
          join layers.water_level_station l on l.fid = o.fid
        where layer_id = ${WATER} and l.source_id = ${key} and o.at = ${time}::timestamptz`;
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

describe('GET /api/layers/{id}/features/{fid}/series', () => {
  it('answers each step with what the database says of it', async () => {
    const fid = await observed('air_station');
    const path = `/api/layers/air_station/features/${fid}/series`;
    const from = '2026-10-28';
    const answer = await read(`${path}${query({ from, to: '2026-10-30', step: '3h' })}`);
    expect([answer.from, answer.to, answer.stepSeconds]).toEqual([
      '2026-10-27T16:00:00.000Z',
      '2026-10-29T16:00:00.000Z',
      10_800,
    ]);
    const rows = await district.db.sql<{ at: Date; aqi: number; o3: number }[]>`
      select at, v1 as aqi, v4 as o3 from app.observation join app.series using (series_id)
      where layer_id = 'air_station' and fid = ${fid} and at >= ${answer.from}::timestamptz and at < ${answer.to}::timestamptz`;
    expect(rows).toHaveLength(48);
    expect(answer.times).toHaveLength(16);
    expect(answer.values.map(({ name }) => name)).toEqual(getLayer('air_station').series!.values);
    for (const [i, time] of answer.times.entries()) {
      expect(new Date(time).getUTCHours() % 3).toBe(1);
      const own = rows.filter(({ at }) => at >= new Date(time) && at.getTime() < Date.parse(time) + 10_800_000);
      expect(answer.counts[i]).toBe(own.length);
      for (const [k, name] of [
        [0, 'aqi'],
        [3, 'o3'],
      ] as const) {
        const values = own.map((row) => row[name]);
        expect(answer.values[k]!.min[i]).toBe(Math.min(...values));
        expect(answer.values[k]!.max[i]).toBe(Math.max(...values));
        expect(answer.values[k]!.avg[i]).toBeCloseTo(values.reduce((sum, each) => sum + each, 0) / values.length, 9);
      }
    }
  });

  it('shows the last week in some hundred steps when nothing is asked, the newest reading included', async () => {
    const fid = await observed();
    const answer = await read(`/api/layers/${WATER}/features/${fid}/series`, {});
    const [row] = await district.db.sql<{ n: number; newest: Date; level: number }[]>`
      select count(*)::int as n, max(at) as newest, (array_agg(v1 order by at desc))[1] as level
      from app.observation join app.series using (series_id) where layer_id = ${WATER} and fid = ${fid}`;
    expect(answer.counts.reduce((sum, count) => sum + count, 0)).toBe(row!.n);
    expect(answer.times.length).toBeGreaterThan(100);
    expect(answer.times.length).toBeLessThanOrEqual(401);
    expect(answer.kept!.to).toBe(row!.newest.toISOString());
    expect(answer.values[0]!.max.at(-1)).toBeGreaterThanOrEqual(row!.level);
    const detail = (await (await api.get(`/api/layers/${WATER}`)).json()) as LayerDetail;
    expect(detail.series).toEqual({ fields: ['level_m'], stepMinutes: 15 });
  });

  it('is empty for a feature without readings, and for a time without any', async () => {
    const [row] = await district.db.sql<{ fid: number }[]>`
      select fid from layers.road_congestion r where not exists (
        select from app.observation o join app.series s using (series_id)
        where s.layer_id = 'road_congestion' and o.fid = r.fid) limit 1`;
    expect((await read(`/api/layers/road_congestion/features/${row!.fid}/series`)).times).toEqual([]);
    const fid = await observed();
    const past = await read(
      `/api/layers/${WATER}/features/${fid}/series${query({ from: '2020-01-01', to: '2020-01-02' })}`,
    );
    expect(past.times).toEqual([]);
  });

  it('says what is wrong with a request', async () => {
    const path = `/api/layers/${WATER}/features/${await observed()}/series`;
    for (const [parameters, field] of [
      [{ from: 'yesterday' }, 'from'],
      [{ from: '2026-02-30' }, 'from'],
      [{ to: '2026-11-01T08:00:00' }, 'to'],
      [{ from: '2026-11-01', to: '2026-10-01' }, 'from'],
      [{ from: '2020-01-01', to: '2026-01-01' }, 'from'],
      [{ step: '5' }, 'step'],
      [{ step: '0m' }, 'step'],
      [{ step: '1s' }, 'step'],
    ] as const) {
      expect(await failure(`${path}${query(parameters)}`), JSON.stringify(parameters)).toEqual([
        400,
        'PARAMETER_INVALID',
        field,
      ]);
    }
    expect(await failure('/api/layers/park/features/1/series')).toEqual([400, 'PARAMETER_INVALID', 'id']);
    expect(await failure(`/api/layers/${WATER}/features/1/series`)).toEqual([404, 'FEATURE_NOT_FOUND', 'fid']);
    expect(await failure(`/api/layers/${WATER}/features/x/series`)).toEqual([400, 'PARAMETER_INVALID', 'fid']);
  });

  it('is answered with 304 to who has it, and not at all to who may not see the layer', async () => {
    const path = `/api/layers/${WATER}/features/${await observed()}/series`;
    const first = await api.get(path);
    const tag = first.headers.get('ETag')!;
    expect((await api.get(path, { 'If-None-Match': tag })).status).toBe(304);
    expect((await api.get(`${path}?step=1d`, { 'If-None-Match': tag })).status).toBe(200);
    const hidden = `/api/layers/pipe_level_sensor/features/${await observed('pipe_level_sensor')}/series`;
    expect((await read(hidden)).times.length).toBeGreaterThan(0);
    expect(await failure(hidden, {})).toEqual([404, 'LAYER_NOT_FOUND', 'id']);
  });
});
