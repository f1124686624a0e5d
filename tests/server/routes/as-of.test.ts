import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LayerDetail } from '../../../server/contract/layers.ts';
import type { Database } from '../../../server/db/connect.ts';
import { parseAt } from '../../../server/routes/as-of.ts';
import { testDatabase } from '../../support/database.ts';
import { importContent, removeLayer } from '../../support/user-layer.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { tilePath } from './layers-data.ts';

const STOP = 'user_as_of_stop';
const PLOT = 'user_as_of_plot';
const CENTRE = [113.1, 23.02] as const;

let db: Database;
let api: TestApi;

/** 60 stops, some of them moved, renamed, gone or new in the second edition; a column that only the second has. */
function stops(edition: 1 | 2): string {
  const lines = Array.from({ length: 60 }, (_, i) => {
    const lon = CENTRE[0] + (i % 10) / 2000 + (edition === 2 && i < 5 ? 0.01 : 0);
    const lat = CENTRE[1] + Math.floor(i / 10) / 2000;
    const name = edition === 2 && i >= 10 && i < 20 ? `改名${i}` : `站点${i}`;
    return `S${i},${name},${i % 2 === 0 ? '公交' : '地铁'},${lon.toFixed(6)},${lat.toFixed(6)}${edition === 2 ? `,${i}` : ''}`;
  });
  const kept = edition === 1 ? lines.slice(0, 55) : lines.slice(5);
  return `编号,名称,kind,经度,纬度${edition === 2 ? ',passengers' : ''}\n${kept.join('\n')}\n`;
}

function plots(edition: 1 | 2): string {
  const features = Array.from({ length: 12 }, (_, i) => {
    const [west, south] = [CENTRE[0] + i / 1000, CENTRE[1]];
    const size = edition === 2 && i === 3 ? 0.0004 : 0.0008;
    const ring = [
      [west, south],
      [west + size, south],
      [west + size, south + size],
      [west, south + size],
      [west, south],
    ];
    return {
      type: 'Feature',
      properties: { plot_code: `P${i}`, use: edition === 2 && i < 4 ? '绿地' : '住宅' },
      geometry: { type: 'Polygon', coordinates: [ring] },
    };
  });
  return JSON.stringify({ type: 'FeatureCollection', features: features.slice(edition === 2 ? 1 : 0) });
}

/** Everything the API says of both layers, by address; `at` is put into each. */
async function answers(at?: string): Promise<Record<string, unknown>> {
  const bus = { field: 'kind', op: '=', value: '公交' };
  const bbox = `${CENTRE[0]},${CENTRE[1]},${CENTRE[0] + 0.003},${CENTRE[1] + 0.002}`;
  const tile = tilePath(CENTRE, 14);
  const found: Record<string, unknown> = {};
  for (const [id, filter] of [
    [STOP, bus],
    [PLOT, { field: 'use', op: '=', value: '绿地' }],
  ] as const) {
    const detail = (await (await api.get(`/api/layers/${id}${query({})}`, STAFF)).json()) as LayerDetail;
    const filterable = detail.fields.some(({ name, filterable: can }) => name === filter.field && can);
    for (const parameters of [{}, { bbox }, ...(filterable ? [{ filter }] : [])]) {
      for (const path of ['features', 'h3', 'cells']) {
        const response = await api.get(`/api/layers/${id}/${path}${query({ ...parameters, at })}`, STAFF);
        expect(response.status, `${id} ${path} ${at}`).toBe(200);
        const { links: _links, ...body } = (await response.json()) as Record<string, unknown>;
        found[`${id} ${path} ${JSON.stringify(parameters)}`] = body;
      }
    }
    const response = await api.get(`/api/layers/${id}/tiles/${tile}${query({ at })}`, STAFF);
    expect(response.status).toBe(200);
    found[`${id} tile`] = Buffer.from(await response.arrayBuffer()).toString('base64');
    found[`${id} tag`] = response.headers.get('ETag');
    const several = await api.get(`/api/tiles/${id}/${tile}${query({ at })}`, STAFF);
    found[`${id} in several`] = Buffer.from(await several.arrayBuffer()).toString('base64');
    const tileJson = (await (await api.get(`/api/layers/${id}/tilejson${query({ at })}`, STAFF)).json()) as object;
    found[`${id} tilejson`] = { ...tileJson, tiles: null };
  }
  return found;
}

async function untilLive(id: string, load: number): Promise<void> {
  const live = async () =>
    ((await (await api.get(`/api/layers/${id}`, STAFF)).json()) as Partial<LayerDetail>).load?.id;
  await vi.waitFor(async () => expect(await live()).toBe(load), { timeout: 8000, interval: 50 });
}

async function failureOf(response: Response) {
  return {
    status: response.status,
    ...((await response.json()) as { error: { code: string; message: string } }).error,
  };
}

const loads = { stop: [0, 0], plot: [0, 0] };
let before: Record<string, unknown>;
let between: string;

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db);
  loads.stop[0] = (await importContent(db, STOP, 'stops.csv', stops(1))).load;
  loads.plot[0] = (await importContent(db, PLOT, 'plots.geojson', plots(1))).load;
  await untilLive(STOP, loads.stop[0]);
  await untilLive(PLOT, loads.plot[0]);
  before = await answers();
  await sleep(20);
  between = new Date().toISOString();
  await sleep(20);
  loads.stop[1] = (await importContent(db, STOP, 'stops.csv', stops(2))).load;
  loads.plot[1] = (await importContent(db, PLOT, 'plots.geojson', plots(2))).load;
  await untilLive(STOP, loads.stop[1]);
  await untilLive(PLOT, loads.plot[1]);
});
afterAll(async () => {
  await api.close();
  for (const id of [STOP, PLOT]) await removeLayer(db, id);
});

describe('at=', () => {
  it('answers every route as it was answered then, byte for byte', async () => {
    const now = await answers();
    expect(now).not.toEqual(before);
    expect(await answers(between)).toEqual(before);
    // Side by side with what is live, in any order.
    expect(await answers(new Date().toISOString())).toEqual(now);
    expect(await answers(between)).toEqual(before);
  });

  it('answers one feature as of then', async () => {
    const page = before[`${STOP} features {}`] as { features: { id: number; properties: Record<string, unknown> }[] };
    const renamed = page.features.find(({ properties }) => Object.values(properties).includes('站点12'));
    const gone = page.features.find(({ properties }) => Object.values(properties).includes('站点2'));
    const then = (await (
      await api.get(`/api/layers/${STOP}/features/${renamed?.id}${query({ at: between })}`, STAFF)
    ).json()) as object;
    expect(then).toEqual(renamed);
    const now = (await (await api.get(`/api/layers/${STOP}/features/${renamed?.id}`, STAFF)).json()) as typeof renamed;
    expect(Object.values(now?.properties ?? {})).toContain('改名12');
    expect((await api.get(`/api/layers/${STOP}/features/${gone?.id}`, STAFF)).status).toBe(404);
    expect((await api.get(`/api/layers/${STOP}/features/${gone?.id}${query({ at: between })}`, STAFF)).status).toBe(
      200,
    );
  });

  it('knows the fields of then, and names those that were not there', async () => {
    const filter = { field: 'passengers', op: '>', value: 3 };
    const now = await api.get(`/api/layers/${STOP}/features${query({ filter })}`, STAFF);
    expect(now.status).toBe(200);
    const then = await failureOf(await api.get(`/api/layers/${STOP}/features${query({ filter, at: between })}`, STAFF));
    expect(then).toMatchObject({ status: 400, code: 'FILTER_INVALID' });
  });

  it('makes tiles that the address names immutable, of then as of now', async () => {
    const tile = tilePath(CENTRE, 14);
    const cache = async (parameters: Record<string, string | number>) =>
      (await api.get(`/api/layers/${STOP}/tiles/${tile}${query(parameters)}`, STAFF)).headers.get('Cache-Control');
    expect(await cache({ v: loads.stop[1] as number })).toContain('immutable');
    expect(await cache({ at: between, v: loads.stop[0] as number })).toContain('immutable');
    expect(await cache({ at: between, v: loads.stop[1] as number })).not.toContain('immutable');
    expect(await cache({ v: loads.stop[0] as number })).not.toContain('immutable');
    const tileJson = (await (await api.get(`/api/layers/${STOP}/tilejson${query({ at: between })}`, STAFF)).json()) as {
      tiles: string[];
    };
    expect(tileJson.tiles[0]).toContain(`at=${encodeURIComponent(between)}&v=${loads.stop[0]}`);
  });

  it('says which is the earliest instant when there was nothing yet', async () => {
    const [first] = await db.sql<
      { at: Date }[]
    >`select valid_from as at from app.load where load_id = ${loads.stop[0] as number}`;
    for (const path of ['features', 'h3', 'cells', `tiles/${tilePath(CENTRE, 14)}`, 'tilejson', 'features/1']) {
      const failure = await failureOf(
        await api.get(`/api/layers/${STOP}/${path}${query({ at: '2001-01-01' })}`, STAFF),
      );
      expect(failure, path).toMatchObject({ status: 404, code: 'VERSION_NOT_FOUND' });
      expect(failure.message).toContain(first?.at.toISOString());
    }
    // The instant that is named is one that is answered.
    expect((await api.get(`/api/layers/${STOP}/features${query({ at: first?.at.toISOString() })}`, STAFF)).status).toBe(
      200,
    );
  });

  it('hides the past of a layer from those who may not see the layer', async () => {
    const failure = await failureOf(await api.get(`/api/layers/${STOP}/features${query({ at: between })}`));
    expect(failure).toMatchObject({ status: 404, code: 'LAYER_NOT_FOUND' });
  });

  it('says that a version is gone once retention has removed it', async () => {
    const table = `${PLOT}__${loads.plot[0]}`;
    await db.sql.unsafe(`drop table history."${table}"`);
    await db.sql`update app.load set history_table = null where load_id = ${loads.plot[0] as number}`;
    await sleep(5100);
    const failure = await failureOf(await api.get(`/api/layers/${PLOT}/h3${query({ at: between })}`, STAFF));
    expect(failure).toMatchObject({ status: 410, code: 'VERSION_GONE' });
    const [live] = await db.sql<
      { at: Date }[]
    >`select valid_from as at from app.load where load_id = ${loads.plot[1] as number}`;
    expect(failure.message).toContain(live?.at.toISOString());
  });
});

describe('parseAt', () => {
  it('takes a day as its end in Asia/Shanghai, and instants as they are', () => {
    expect(parseAt('2026-03-01')?.toISOString()).toBe('2026-03-01T15:59:59.999Z');
    expect(parseAt('2026-03-01T12:00:00+08:00')?.toISOString()).toBe('2026-03-01T04:00:00.000Z');
    expect(parseAt('2026-03-01T12:00:00 08:00')?.toISOString()).toBe('2026-03-01T04:00:00.000Z');
    expect(parseAt('2026-03-01T12:00:00.5Z')?.toISOString()).toBe('2026-03-01T12:00:00.500Z');
    expect(parseAt(undefined)).toBeUndefined();
  });

  it.each(['2026-02-30', '2026-3-1', 'yesterday', '2026-03-01T12:00:00', '2026-13-01', '1'])('refuses %s', (text) => {
    expect(() => parseAt(text)).toThrow(/^at: /);
  });
});
