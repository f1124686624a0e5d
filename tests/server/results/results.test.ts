import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { removeUserLayer, listForgotten } from '../../../server/queries/user-layers.ts';
import type { ResultJob, UserLayer } from '../../../server/results/contract.ts';
import { testDatabase } from '../../support/database.ts';
import { PUBLIC_TOKEN, query, STAFF, type TestApi } from '../api-fixture.ts';
import { resultsApi, type ResultsApi } from './results-api.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { box, metresPerDegree } from '../analysis/analysis-data.ts';
import { resident, residents } from '../routes/layers-data.ts';

const park: Layer = { ...getLayer('landuse_parcel'), id: 're_land' };
const zone: Layer = { ...getLayer('landuse_parcel'), id: 're_zone', sensitivity: 'restricted' };
const road: Layer = { ...getLayer('road_centerline'), id: 're_road' };
const person: Layer = { ...resident, id: 're_person' };
const towns = getLayer('town_boundary');

function square(west: number, south: number, east: number, north: number): string {
  return `MULTIPOLYGON(((${west} ${south},${east} ${south},${east} ${north},${west} ${north},${west} ${south})))`;
}

function parcel(no: number, west: number, south: number, east: number, north: number): FixtureRow {
  return {
    parcel_no: `T000000${no}`,
    dlbm: '0101',
    dlmc: `𠮷地 ${no}`,
    land_class: no % 2 === 0 ? 'cultivated' : 'residential',
    at: [(west + east) / 2, (south + north) / 2],
    wkt: square(west, south, east, north),
  };
}

/** Two parcels side by side, and a third that is only cut along a border by a hair. */
const parkRows = [
  parcel(1, 113.0, 23.0, 113.02, 23.02),
  parcel(2, 113.02, 23.0, 113.04, 23.02),
  parcel(3, 113.0, 22.98, 113.02, 23.0 + 1e-7),
];
/** Zones that overlap the parcels, one of them with a bow tie of a ring. */
const zoneRows: FixtureRow[] = [
  parcel(5, 113.01, 23.0, 113.03, 23.01),
  {
    ...parcel(6, 113.1, 23.1, 113.12, 23.12),
    wkt: 'MULTIPOLYGON(((113.1 23.1,113.12 23.12,113.12 23.1,113.1 23.12,113.1 23.1)))',
  },
];
const roadRows: FixtureRow[] = [
  {
    road_code: 'L000001',
    name: '东西路',
    road_class: 'arterial',
    at: [113.01, 23.005],
    wkt: 'MULTILINESTRING((112.99 23.005,113.05 23.005))',
  },
  {
    road_code: 'L000002',
    name: '南北路',
    road_class: 'branch',
    at: [113.01, 23.005],
    wkt: 'MULTILINESTRING((113.01 22.99,113.01 23.05))',
  },
];
const townRows: FixtureRow[] = [1, 2, 3, 4].map((no): FixtureRow => ({
  ...Object.fromEntries(
    Object.entries(towns.fields)
      .filter(([, field]) => field.required)
      .map(([name, field]) => [name, field.type === 'string' ? `x${no}` : no]),
  ),
  [towns.key]: `44060400${no}000`,
  [towns.label ?? 'name']: `镇 ${no}`,
  at: [113 + no * 0.01 + 0.005, 23.005],
  wkt: square(113 + no * 0.01, 23, 113.01 + no * 0.01, 23.01),
}));

const OTHER = { Authorization: 'Bearer another-staff-token' };
let db: Database;
let api: TestApi;
let dataDir: string;
let results: ResultsApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, park, parkRows);
  await publishFixture(db, zone, zoneRows);
  await publishFixture(db, road, roadRows);
  await publishFixture(db, person, residents.slice(0, 200));
  await publishFixture(db, towns, townRows, false);
  results = await resultsApi(db);
  ({ api, dataDir } = results);
});
afterAll(async () => {
  await results.close();
  for (const layer of [park, zone, road, person, towns]) await removeFixture(db, layer);
});

async function post<T>(path: string, body: object, headers: Record<string, string> = STAFF) {
  const response = await api.send('POST', path, JSON.stringify(body), headers);
  return { status: response.status, answer: (await response.json()) as T };
}

/** Makes a result and waits for it. */
async function make(path: 'overlay' | 'save', body: object): Promise<ResultJob> {
  const { status, answer } = await post<ResultJob>(`/api/analysis/${path}`, { title: '结果', ...body });
  expect(status, JSON.stringify(answer)).toBe(201);
  return results.finished(answer);
}

interface Features {
  numberMatched: number;
  features: {
    id: number;
    geometry: { type: string; coordinates: number[][][][] } | null;
    properties: Record<string, unknown>;
  }[];
}

async function features(id: string, parameters: Record<string, string> = {}): Promise<Features> {
  const response = await api.get(`/api/layers/${id}/features${query({ limit: 1000, ...parameters })}`, STAFF);
  expect(response.status).toBe(200);
  return (await response.json()) as Features;
}

const metres = metresPerDegree(23.005);
const areaOf = (width: number, height: number) => width * metres.lon * height * metres.lat;
const sum = (found: Features) => found.features.reduce((total, each) => total + Number(each.properties['area_m2']), 0);

describe('overlay', () => {
  it('intersects two layers: attributes of both, areas on the ellipsoid, no sliver, who made it of what', async () => {
    const job = await make('overlay', {
      title: { zh: '地块与分区', en: 'Parcels and zones' },
      operation: 'intersection',
      a: { layer: 're_land' },
      b: { layer: 're_zone', filter: "land_class = 'residential'" },
    });
    expect(job).toMatchObject({
      state: 'ready',
      error: null,
      operation: 'intersection',
      result: { pieces: 2, slivers: 1 },
    });
    const found = await features(job.layer);
    expect(found.numberMatched).toBe(2);
    expect(sum(found) / areaOf(0.02, 0.01)).toBeCloseTo(1, 4);
    const properties = found.features.map((each) => each.properties);
    expect(properties.map((each) => each['re_land_parcel_no'])).toEqual(['T0000001', 'T0000002']);
    expect(properties.map((each) => each['re_zone_dlmc'])).toEqual(['𠮷地 5', '𠮷地 5']);

    const layer = (await (await api.get(`/api/layers/${job.layer}`, STAFF)).json()) as {
      title: object;
      sensitivity: string;
    };
    expect(layer).toMatchObject({ title: { zh: '地块与分区', en: 'Parcels and zones' }, sensitivity: 'restricted' });
    expect((await api.get(`/api/layers/${job.layer}`)).status).toBe(404);

    const why = (await (await api.get(`/api/layers/${job.layer}/why`, STAFF)).json()) as {
      evidence: { counted: number; madeOf: Record<string, unknown>; sources: { kind: string; layer: string }[] };
    };
    expect(why.evidence.counted).toBe(2);
    expect(why.evidence.madeOf).toMatchObject({
      operation: 'intersection',
      inputs: [
        { side: 'a', layer: 're_land', rows: 3, filter: null },
        { side: 'b', layer: 're_zone', rows: 1, filter: "land_class = 'residential'" },
      ],
      parameters: { sliverMetres: 0.05, slivers: 1 },
      by: { role: 'staff', token: expect.stringMatching(/^[0-9a-f]{12}$/) },
    });
    // Where micro-grids are loaded, by another test, they are a source as well.
    const sources = why.evidence.sources.filter(({ kind }) => kind !== 'grid');
    expect(sources.map(({ kind, layer: of }) => [kind, of])).toEqual([
      ['rows', job.layer],
      ['input', 're_land'],
      ['input', 're_zone'],
    ]);
    const { features: first } = found;
    const lineage = await api.get(`/api/layers/${job.layer}/features/${first[0]!.id}/lineage`, STAFF);
    expect(await lineage.json()).toMatchObject({ madeOf: { operation: 'intersection' } });
  });

  it('conserves areas: what is common and what is beyond add up, whichever way they are asked for', async () => {
    const sides = {
      a: { layer: 're_land' },
      b: { shape: { kind: 'polygon', geometry: box(113.01, 22.97, 113.03, 23.01) } },
    };
    const [union, clip, difference] = await Promise.all([
      make('overlay', { operation: 'union', ...sides }),
      make('overlay', { operation: 'clip', ...sides }),
      make('overlay', { operation: 'difference', ...sides }),
    ]);
    const whole = 2 * areaOf(0.02, 0.02) + 0.02 * metresPerDegree(22.99).lon * 0.02 * metresPerDegree(22.99).lat;
    const [common, beyond] = [sum(await features(clip.layer)), sum(await features(difference.layer))];
    expect((common + beyond) / whole).toBeCloseTo(1, 4);
    const either = await features(union.layer);
    const parts = either.features.map((each) => each.properties['overlay_part']);
    expect(new Set(parts)).toEqual(new Set(['a', 'b', 'both']));
    const onlyB = either.features.filter((each) => each.properties['overlay_part'] === 'b');
    expect(sum({ ...either, features: onlyB })).toBeGreaterThan(0);
    expect(onlyB[0]!.properties['parcel_no'] ?? null).toBeNull();
  });

  it('cuts lines by areas in metres, and meets lines in points', async () => {
    const [cut, points] = await Promise.all(
      ['re_land', 're_road'].map((layer) =>
        make('overlay', { operation: 'intersection', a: { layer: 're_road' }, b: { layer } }),
      ),
    );
    const found = await features(cut!.layer);
    const length = found.features
      .filter((each) => each.properties['name'] === '东西路')
      .reduce((total, each) => total + Number(each.properties['length_m']), 0);
    expect(length).toBeCloseTo(0.04 * metres.lon, 0);
    const crossings = await features(points!.layer);
    expect(crossings.features.every(({ geometry }) => geometry?.type === 'Point')).toBe(true);
    expect(crossings.features[0]!.properties).toHaveProperty('a_name');
    expect(crossings.features[0]!.properties).toHaveProperty('b_name');
  });

  it('mends what is not valid, and says when nothing is left', async () => {
    const mended = await make('overlay', {
      operation: 'clip',
      a: { layer: 're_zone', filter: "land_class = 'cultivated'" },
      b: { shape: { kind: 'polygon', geometry: box(113.09, 23.09, 113.13, 23.13) } },
    });
    expect(sum(await features(mended.layer)) / (areaOf(0.02, 0.02) / 2)).toBeCloseTo(1, 2);
    const none = await make('overlay', {
      operation: 'intersection',
      a: { layer: 're_land' },
      b: { shape: { kind: 'polygon', geometry: box(113.3, 23.3, 113.31, 23.31) } },
    });
    expect(none).toMatchObject({ state: 'failed', error: { code: 'RESULT_EMPTY' } });
    expect((await api.get(`/api/layers/${none.layer}`, STAFF)).status).toBe(404);
    expect(await readdir(join(dataDir, 'exports'))).toEqual([]);
    const left = await db.sql`select relname from pg_class where relname like 'overlay\\_%'`;
    expect(left).toHaveLength(0);
  });

  it.each([
    [{ operation: 'union', a: { layer: 're_road' }, b: { layer: 're_land' } }, 400, 'BODY_INVALID'],
    [{ operation: 'clip', a: { layer: 're_land' }, b: { layer: 're_road' } }, 400, 'BODY_INVALID'],
    [{ operation: 'difference', a: { layer: 're_land' }, b: { layer: 're_road' } }, 400, 'BODY_INVALID'],
    [{ operation: 'clip', a: { layer: 're_nothing' }, b: { layer: 're_land' } }, 404, 'LAYER_NOT_FOUND'],
    [{ operation: 'clip', a: { layer: 're_land', filter: 'x = 1' }, b: { layer: 're_land' } }, 400, 'FILTER_INVALID'],
    [{ operation: 'intersection', a: { layer: 're_person' }, b: { layer: 're_land' } }, 400, 'PARAMETER_INVALID'],
  ])('refuses %j', async (body, status, code) => {
    const refused = await post('/api/analysis/overlay', { title: '结果', ...body });
    expect(refused).toMatchObject({ status, answer: { error: { code } } });
  });

  it('is not for the public', async () => {
    const body = { title: '结果', operation: 'clip', a: { layer: 're_road' }, b: { layer: 're_land' } };
    expect(await post('/api/analysis/overlay', body, {})).toMatchObject({
      status: 403,
      answer: { error: { code: 'FORBIDDEN' } },
    });
    const token = { Authorization: `Bearer ${PUBLIC_TOKEN}` };
    expect(
      (await post('/api/analysis/save', { title: 'x', of: { kind: 'rows', layer: 're_road' } }, token)).status,
    ).toBe(403);
  });

  it('ends when it is cancelled, and leaves nothing', async () => {
    const { answer } = await post<ResultJob>('/api/analysis/overlay', {
      title: '结果',
      operation: 'union',
      a: { layer: 're_land' },
      b: { layer: 're_zone' },
    });
    results.forget(answer.layer);
    expect((await api.send('DELETE', `/api/analysis/jobs/${answer.id}`, undefined, STAFF)).status).toBe(204);
    expect(await (await api.get(`/api/analysis/jobs/${answer.id}`, STAFF)).json()).toMatchObject({
      state: 'cancelled',
    });
    expect(await db.sql`select 1 from app.user_layer where layer_id = ${answer.layer}`).toHaveLength(0);
    expect((await api.get(`/api/analysis/jobs/${answer.id}`)).status).toBe(404);
    // It is no export, and is not found as one.
    expect((await api.get(`/api/exports/${answer.id}`, STAFF)).status).toBe(404);
  });
});

describe('save', () => {
  it('keeps rows by any filter, without what is masked, with purpose and audit, as sensitive as they were', async () => {
    const filter = { circle: { centre: [113.06, 23.01], metres: 3000 } };
    const before = (await features('re_person', { filter: JSON.stringify(filter) })).numberMatched;
    const job = await make('save', { of: { kind: 'rows', layer: 're_person', filter }, purpose: '社区走访核对' });
    expect(job.state, JSON.stringify(job.error)).toBe('ready');
    const kept = await features(job.layer);
    expect(before).toBeGreaterThan(5);
    expect(kept.numberMatched).toBe(before);
    const masked = Object.entries(person.fields).filter(([, field]) => field.mask !== undefined);
    expect(masked.length).toBeGreaterThan(2);
    for (const [name] of masked) expect(Object.keys(kept.features[0]!.properties)).not.toContain(name);
    const names = await db.sql<{ name: string }[]>`
      select column_name as name from information_schema.columns where table_schema = 'layers' and table_name = ${job.layer}`;
    expect(names.map(({ name }) => name)).not.toContain('id_no');
    const layer = (await (await api.get(`/api/layers/${job.layer}`, STAFF)).json()) as { sensitivity: string };
    expect(layer.sensitivity).toBe('personal');
    const [audit] = await db.sql`select action, purpose, detail from app.audit
      where layer_id = 're_person' order by audit_id desc limit 1`;
    expect(audit).toMatchObject({
      action: 'result',
      purpose: '社区走访核对',
      detail: { rows: before, result: job.layer },
    });
  });

  it('keeps buffers, and shapes that were drawn with what was written to them', async () => {
    const [buffer, shapes] = await Promise.all([
      make('save', { of: { kind: 'buffer', of: { layer: 're_road' }, metres: 50, dissolve: false } }),
      make('save', {
        of: {
          kind: 'shapes',
          features: [
            { type: 'Feature', geometry: box(113, 23, 113.01, 23.01), properties: { 名称: '甲', 人数: 3 } },
            { type: 'Feature', geometry: box(113.01, 23, 113.02, 23.01), properties: { 名称: '乙', 人数: null } },
          ],
        },
      }),
    ]);
    const around = await features(buffer.layer);
    expect(around.features.map((each) => each.properties['feature'])).toEqual([1, 2]);
    expect(shapes.state, JSON.stringify(shapes.error)).toBe('ready');
    const drawn = await features(shapes.layer);
    expect(drawn.features.map(({ properties }) => [properties['field_1'], properties['field_2']])).toEqual([
      ['甲', 3],
      ['乙', null],
    ]);
    expect(drawn.features[0]!.geometry!.type).toBe('MultiPolygon');
    const mixed = await post('/api/analysis/save', {
      title: 'x',
      of: {
        kind: 'shapes',
        features: [{ geometry: box(113, 23, 113.01, 23.01) }, { geometry: { type: 'Point', coordinates: [113, 23] } }],
      },
    });
    expect(mixed).toMatchObject({ status: 400, answer: { error: { code: 'BODY_INVALID', field: 'of.features' } } });
  });
});

async function listed(headers: Record<string, string> = STAFF): Promise<UserLayer[]> {
  const response = await api.get('/api/user-layers', headers);
  expect(response.status).toBe(200);
  return ((await response.json()) as { layers: UserLayer[] }).layers;
}

describe('layers of users', () => {
  it('are renamed, deleted and taken back by who made them, and forgotten in the end', async () => {
    const { layer } = await make('save', { of: { kind: 'rows', layer: 're_road' } });
    const find = async () => (await listed()).find(({ id }) => id === layer);
    expect(await find()).toMatchObject({ own: true, operation: 'rows', rows: 2, deletedAt: null });
    expect((await listed({})).map(({ id }) => id)).not.toContain(layer);

    const renamed = await api.send('PATCH', `/api/user-layers/${layer}`, JSON.stringify({ title: '改名' }), STAFF);
    expect(await renamed.json()).toMatchObject({ title: { zh: '改名', en: '改名' } });
    expect(await find()).toMatchObject({ title: { zh: '改名' } });

    const deleted = await api.send('DELETE', `/api/user-layers/${layer}`, undefined, STAFF);
    expect(deleted.status).toBe(200);
    await sleep(200);
    expect((await api.get(`/api/layers/${layer}`, STAFF)).status).toBe(404);
    expect((await api.get(`/api/layers/${layer}/features`, STAFF)).status).toBe(404);
    expect((await find())?.deletedAt).not.toBeNull();
    const restored = await api.send('POST', `/api/user-layers/${layer}/restore`, undefined, STAFF);
    expect(await restored.json()).toMatchObject({ deletedAt: null });
    await sleep(200);
    expect((await features(layer)).numberMatched).toBe(2);

    await api.send('DELETE', `/api/user-layers/${layer}`, undefined, STAFF);
    await db.sql`update app.user_layer set deleted_at = now() - interval '25 hours' where layer_id = ${layer}`;
    await db.sql.begin(async (tx) => {
      expect(await listForgotten(tx)).toContain(layer);
      await removeUserLayer(tx, layer);
    });
    expect(await db.sql`select 1 from app.load where layer_id = ${layer}`).toHaveLength(0);
  });

  it('of others are seen, not changed', async () => {
    const change = await api.send('DELETE', '/api/user-layers/re_land', undefined, STAFF);
    expect(change.status).toBe(403);
    expect((await api.send('DELETE', '/api/user-layers/re_nothing', undefined, STAFF)).status).toBe(404);
    expect((await api.send('DELETE', '/api/user-layers/re_land', undefined, OTHER)).status).toBe(401);
  });
});

async function attach(bytes: BodyInit, parameters: Record<string, string>) {
  const response = await api.send('POST', `/api/analysis/attach${query(parameters)}`, bytes, {
    ...STAFF,
    'Content-Type': 'application/octet-stream',
  });
  return { status: response.status, answer: (await response.json()) as ResultJob };
}

describe('a table attached to boundaries', () => {
  it('finds the codes, joins them, colours by the number, and hands back what was left out', async () => {
    const csv = Buffer.from(
      '\uFEFF镇街,编码,老年人口,备注\n甲,440604001,1200,a\n乙,440604002000,800,b\n丙, 440604003000,950,"c,d"\n丁,440604999000,1,x\n乙,440604002000,5,again\n无,,7,\n',
    );
    const started = await attach(csv, { title: '老年人口', name: 'elderly.csv' });
    expect(started.status, JSON.stringify(started.answer)).toBe(201);
    const job = await results.finished(started.answer);
    expect(job.state, JSON.stringify(job.error)).toBe('ready');
    expect(job.result).toMatchObject({
      level: 'town',
      code: '编码',
      value: '老年人口',
      rows: 6,
      matched: 3,
      unmatched: 1,
      duplicate: 1,
      empty: 1,
      boundaries: 4,
      missing: 1,
      examples: { unmatched: ['440604999000'], duplicate: ['440604002000'] },
    });
    const layer = (await (await api.get(`/api/layers/${job.layer}`, STAFF)).json()) as {
      symbology: { kind: string; field: string };
      fields: { name: string; title: { zh: string } }[];
    };
    expect(layer.symbology.kind).toBe('ramp');
    expect(layer.fields.find(({ name }) => name === layer.symbology.field)?.title.zh).toBe('老年人口');
    const found = await features(job.layer);
    const values = found.features.map(({ properties }) => [properties['area_name'], properties[layer.symbology.field]]);
    expect(values.toSorted()).toEqual([
      ['镇 1', 1200],
      ['镇 2', 800],
      ['镇 3', 950],
    ]);
    expect(found.features[0]!.geometry!.type).toBe('MultiPolygon');
    const left = await api.get(job.leftOut ?? '', STAFF);
    const text = Buffer.from(await left.arrayBuffer()).toString();
    expect(text.startsWith('\uFEFF镇街,编码,老年人口,备注,原因 reason')).toBe(true);
    expect(text).toContain('丁,440604999000,1,x,编码未找到');
    expect(text.trimEnd().split('\r\n')).toHaveLength(4);
    const why = (await (await api.get(`/api/layers/${job.layer}/why`, STAFF)).json()) as {
      evidence: { madeOf: object };
    };
    expect(why.evidence.madeOf).toMatchObject({ operation: 'attach', inputs: [{ layer: 'town_boundary' }] });
  });

  it('reads workbooks, and GB 18030 too', async () => {
    const book = new ExcelJS.Workbook();
    const sheet = book.addWorksheet('表');
    sheet.addRow(['code', '户数']);
    sheet.addRow([440604001000, 5]);
    sheet.addRow(['440604004000', 9]);
    const bytes = new Uint8Array(await book.xlsx.writeBuffer());
    const job = await results.finished(
      (await attach(bytes, { title: '户数', name: 'households.xlsx', level: 'town' })).answer,
    );
    expect(job.result, JSON.stringify(job.error)).toMatchObject({ matched: 2, unmatched: 0, value: '户数' });
    expect(job.leftOut).toBeNull();
  });

  it('says what is wrong with the table', async () => {
    const tables = [
      await attach('a,b\n1,2\n3,4\n', { title: 'x', name: 'x.csv' }),
      await attach('a,b\n1,2\n', { title: 'x', name: 'x.csv', code: '编码' }),
    ];
    const [unknown, missing] = await Promise.all(tables.map(({ answer }) => results.finished(answer)));
    expect(unknown).toMatchObject({ state: 'failed', error: { code: 'RESULT_REFUSED' } });
    expect(unknown!.error?.message).toMatch(/NO_CODES/);
    expect(missing!.error?.message).toMatch(/MISSING_COLUMN/);
    expect((await attach('', { title: 'x', name: 'x.csv' })).status).toBe(400);
  });
});
