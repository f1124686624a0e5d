import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellCounts, HexagonCounts } from '../../../server/contract/counts.ts';
import type { LayerDetail } from '../../../server/contract/layers.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { lake, lakes, resident, residents, shop, shops, tilePath } from './layers-data.ts';

let db: Database;
let api: TestApi;
let dataDir: string;
const loads: Record<string, number> = {};

// The body of an answer is whatever the test says it is.
async function body<T = Record<string, never>>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

function ids(list: { layers: LayerDetail[] }): string[] {
  return list.layers.map(({ id }) => id);
}

function decode(bytes: ArrayBuffer, id: string) {
  const layer = new VectorTile(new PbfReader(new Uint8Array(bytes))).layers[id];
  return Array.from({ length: layer?.length ?? 0 }, (_, index) => layer?.feature(index));
}

async function tagOf(address: string): Promise<string | null> {
  return (await api.get(address, STAFF)).headers.get('ETag');
}

async function returnedFor(limit?: number): Promise<number> {
  const page = await body<Page>(await api.get(`/api/layers/api_shop/features${query({ limit })}`, STAFF));
  return page.numberReturned;
}

function bornBefore(value: string): string {
  return `/api/layers/api_resident/features${query({ filter: { field: 'birth_date', op: '<', value } })}`;
}

/** Waits until the API knows of a load, as it does after the notification. */
async function untilLive(id: string, load: number): Promise<void> {
  const live = async () => (await body<LayerDetail>(await api.get(`/api/layers/${id}`))).load?.id;
  await expect.poll(live, { timeout: 8000 }).toBe(load);
}

beforeAll(async () => {
  db = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'onemap-api-'));
  for (const [layer, rows] of [
    [shop, shops],
    [resident, residents],
    [lake, lakes],
  ] as const) {
    loads[layer.id] = await publishFixture(db, layer, rows);
  }
  api = testApi(db, { dataDir });
});
afterAll(async () => {
  await api.close();
  for (const layer of [shop, resident, lake]) await removeFixture(db, layer);
  await rm(dataDir, { recursive: true });
});

describe('GET /api/layers', () => {
  it('lists what the caller may see, with what is live', async () => {
    const forAll = await body<{ layers: LayerDetail[] }>(await api.get('/api/layers'));
    const forStaff = await body<{ layers: LayerDetail[] }>(await api.get('/api/layers', STAFF));
    expect(ids(forAll)).toContain('api_lake');
    expect(ids(forAll)).not.toContain('api_shop');
    expect(ids(forAll)).not.toContain('person');
    expect(ids(forStaff)).toEqual(expect.arrayContaining(['api_lake', 'api_shop', 'api_resident', 'person']));
    expect(forStaff.layers.find(({ id }) => id === 'api_shop')).toMatchObject({
      user: true,
      count: 2500,
      unlocated: 50,
      load: { id: loads['api_shop'] },
      freshness: 'fresh',
      department: { id: 'market_regulation', title: { en: expect.stringContaining('Market') } },
      class: { title: { zh: expect.any(String) } },
      subclass: { title: { zh: expect.any(String) } },
      minzoom: 14,
    });
    expect(forStaff.layers.every(({ legend }) => legend.length > 0)).toBe(true);
  });

  it('is stale after its time', async () => {
    await db.sql`update app.layer_state set published_at = now() - interval '1081 hours' where layer_id = 'api_lake'`;
    await db.sql`select pg_notify('layers', 'api_lake')`;
    await expect
      .poll(async () => (await body<LayerDetail>(await api.get('/api/layers/api_lake'))).freshness, { timeout: 8000 })
      .toBe('stale');
  });

  it('describes one layer, saying which fields are masked', async () => {
    const detail = await body<LayerDetail>(await api.get('/api/layers/api_resident', STAFF));
    expect(detail.fields.find(({ name }) => name === 'name')).toMatchObject({ masked: true, filterable: false });
    expect(detail.fields.find(({ name }) => name === 'sex')).toMatchObject({
      masked: false,
      filterable: true,
      values: { F: { en: 'Female' } },
    });
    // A masked name is in no tile.
    expect(detail).toMatchObject({ key: 'person_id', label: 'name', tileLabel: null, cadence: 'daily' });
    const shopDetail = await body<LayerDetail>(await api.get('/api/layers/api_shop', STAFF));
    expect(shopDetail).toMatchObject({ label: 'name', tileLabel: 'name', source: { url: null } });
  });

  it('answers 304 to who has the list, and the list to who has another', async () => {
    const first = await api.get('/api/layers', STAFF);
    const tag = first.headers.get('ETag') ?? '';
    expect(tag).not.toBe('');
    expect((await api.get('/api/layers', { ...STAFF, 'If-None-Match': tag })).status).toBe(304);
    expect((await api.get('/api/layers', { 'If-None-Match': tag })).status).toBe(200);
  });

  it('leaves out an uploaded layer whose definition is broken, and logs it', async () => {
    for (const [id, definition] of Object.entries({
      api_broken_shape: { id: 'api_broken_shape' },
      api_broken_id: { ...lake, id: 'person' },
    })) {
      await db.sql`insert into app.user_layer (layer_id, definition) values (${id}, ${JSON.stringify(definition)}::text::jsonb)`;
      await db.sql`select pg_notify('layers', ${id})`;
      await expect
        .poll(async () => (await api.get('/api/layers')).ok && api.logged.some((line) => line.includes(id)), {
          timeout: 8000,
        })
        .toBe(true);
      expect((await api.get(`/api/layers/${id}`, STAFF)).status).toBe(404);
      await db.sql`delete from app.user_layer where layer_id = ${id}`;
    }
  });

  it('knows of a layer that appears', async () => {
    const late = { ...lake, id: 'api_late' };
    expect((await api.get('/api/layers/api_late')).status).toBe(404);
    await publishFixture(db, late, lakes.slice(0, 3));
    await expect.poll(async () => (await api.get('/api/layers/api_late')).status, { timeout: 8000 }).toBe(200);
    await removeFixture(db, late);
  });
});

describe('tiles', () => {
  const at = shops[1]?.at ?? [113.1, 23];
  const path = `/api/layers/api_shop/tiles/${tilePath(at, 15)}`;

  it('are vector tiles with the declared fields', async () => {
    const response = await api.get(path, STAFF);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/vnd.mapbox-vector-tile');
    const features = decode(await response.arrayBuffer(), 'api_shop');
    expect(features.length).toBeGreaterThan(3);
    for (const feature of features) {
      const row = shops[(feature?.id ?? 0) - 1];
      expect(feature?.properties).toEqual({
        name: row?.name,
        industry_section: row?.industry_section,
        status: row?.status,
        reg_capital_10k: row?.reg_capital_10k,
      });
    }
  });

  it('are filtered, and refuse a filter they do not understand', async () => {
    const active = await api.get(`${path}${query({ filter: { field: 'status', op: '=', value: 'revoked' } })}`, STAFF);
    const features = decode(await active.arrayBuffer(), 'api_shop');
    expect(features.length).toBeGreaterThan(0);
    expect(new Set(features.map((feature) => feature?.properties['status']))).toEqual(new Set(['revoked']));
    const bad = await api.get(`${path}${query({ filter: { field: 'nope', op: '=', value: 1 } })}`, STAFF);
    expect(bad.status).toBe(400);
    expect(await body(bad)).toMatchObject({ error: { code: 'FILTER_INVALID', field: 'filter.field', value: 'nope' } });
  });

  it('never carry personal fields', async () => {
    const where = residents[1]?.at ?? [113.1, 23];
    const response = await api.get(`/api/layers/api_resident/tiles/${tilePath(where, 15)}`, STAFF);
    const features = decode(await response.arrayBuffer(), 'api_resident');
    expect(features.length).toBeGreaterThan(0);
    for (const feature of features)
      expect(Object.keys(feature?.properties ?? {}).toSorted()).toEqual(['residence_kind', 'sex']);
    expect(response.headers.get('Cache-Control')).toMatch(/^private/);
  });

  it('answer 204 where nothing is', async () => {
    const response = await api.get('/api/layers/api_shop/tiles/15/0/0', STAFF);
    expect(response.status).toBe(204);
    expect(response.headers.get('ETag')).not.toBeNull();
  });

  it('are kept for ever when the address names the load, shared when public', async () => {
    const lakePath = `/api/layers/api_lake/tiles/${tilePath(lakes[0]?.at ?? [113, 23], 15)}`;
    expect((await api.get(`${lakePath}?v=${loads['api_lake']}`)).headers.get('Cache-Control')).toBe(
      'public, max-age=31536000, immutable',
    );
    expect((await api.get(`${lakePath}?v=1234567`)).headers.get('Cache-Control')).toBe('public, no-cache');
    expect((await api.get(`${path}?v=${loads['api_shop']}`, STAFF)).headers.get('Cache-Control')).toBe(
      'private, max-age=31536000, immutable',
    );
    expect((await api.get(path, STAFF)).headers.get('Vary')).toMatch(/Authorization/);
  });

  it('have a tag that depends on layer, load, tile and filter, and answer 304 without a query', async () => {
    const filtered = `${path}${query({ filter: { field: 'status', op: '=', value: 'active' } })}`;
    const tags = [
      await tagOf(path),
      await tagOf(filtered),
      await tagOf(`/api/layers/api_shop/tiles/${tilePath(at, 16)}`),
      await tagOf(path.replace('api_shop', 'api_lake')),
    ];
    expect(new Set(tags).size).toBe(4);
    expect(await tagOf(path)).toBe(tags[0]);

    // With the table away, only an answer from memory can work.
    await db.sql`alter table layers.api_shop rename to api_shop_away`;
    try {
      expect((await api.get(path, { ...STAFF, 'If-None-Match': `"other", ${tags[0]}` })).status).toBe(304);
      expect((await api.get(path, STAFF)).status).toBe(500);
    } finally {
      await db.sql`alter table layers.api_shop_away rename to api_shop`;
    }
  });

  it('are renewed by a new load', async () => {
    const layer = { ...lake, id: 'api_renewed' };
    const address = `/api/layers/api_renewed/tiles/${tilePath(lakes[0]?.at ?? [113, 23], 15)}`;
    await untilLive(layer.id, await publishFixture(db, layer, lakes));
    const before = await api.get(address);
    const tag = before.headers.get('ETag') ?? '';
    const load = await publishFixture(db, layer, lakes.slice(0, 1));
    await expect
      .poll(async () => (await api.get(address, { 'If-None-Match': tag })).status, { timeout: 8000 })
      .toBe(200);
    expect((await api.get(`${address}?v=${load}`)).headers.get('Cache-Control')).toMatch(/immutable/);
    await removeFixture(db, layer);
  });

  it('hold several layers at once', async () => {
    const response = await api.get(
      `/api/tiles/api_shop,api_lake/${tilePath(lakes[0]?.at ?? at, 15)}?v=${loads['api_shop']},${loads['api_lake']}`,
      STAFF,
    );
    const bytes = await response.arrayBuffer();
    expect(decode(bytes, 'api_shop').length).toBeGreaterThan(0);
    expect(decode(bytes, 'api_lake').length).toBeGreaterThan(0);
    expect(response.headers.get('Cache-Control')).toMatch(/immutable/);
    expect((await api.get(`/api/tiles/api_shop,api_lake/${tilePath(at, 15)}`)).status).toBe(404);
    expect((await api.get(`/api/tiles/${Array.from({ length: 41 }, (_, i) => `l${i}`).join()}/1/1/1`)).status).toBe(
      400,
    );
  });

  it('are sent compressed to who takes it', async () => {
    const wide = `/api/tiles/api_shop/${tilePath(at, 14)}`;
    const response = await api.get(wide, { ...STAFF, 'Accept-Encoding': 'gzip' });
    expect(response.headers.get('Content-Encoding')).toBe('gzip');
    const plain = Buffer.from(await (await api.get(wide, STAFF)).arrayBuffer());
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).equals(plain)).toBe(true);
  });

  it.each([
    ['99/1/1', 'z', '99'],
    ['3/8/1', 'x', '8'],
    ['3/1/8', 'y', '8'],
    ['3/1/-1', 'y', '-1'],
    ['a/1/1', 'z', 'a'],
  ])('%s is refused, naming %s', async (numbers, field, value) => {
    for (const address of [`/api/layers/api_lake/tiles/${numbers}`, `/api/tiles/api_lake/${numbers}`]) {
      const response = await api.get(address);
      expect(response.status).toBe(400);
      expect(await body(response)).toMatchObject({ error: { code: 'TILE_INVALID', field, value } });
    }
  });

  it('are described as TileJSON 3.0', async () => {
    const tilejson = await body<Record<string, unknown>>(await api.get('/api/layers/api_shop/tilejson', STAFF));
    expect(tilejson).toMatchObject({
      tilejson: '3.0.0',
      tiles: [`http://localhost/api/layers/api_shop/tiles/{z}/{x}/{y}?v=${loads['api_shop']}`],
      minzoom: 14,
      maxzoom: 16,
      vector_layers: [{ id: 'api_shop', fields: { name: 'String', reg_capital_10k: 'Number' } }],
    });
    expect(tilejson['bounds']).toHaveLength(4);
    expect(tilejson).toMatchObject({ type: 'vector', format: 'pbf' });
  });
});

interface Page {
  numberMatched: number;
  numberReturned: number;
  next: string | null;
  links: { rel: string; href: string }[];
  features: {
    id: number;
    geometry: { type: string; coordinates: number[] } | null;
    properties: Record<string, unknown>;
  }[];
}

describe('GET /api/layers/{id}/features', () => {
  it('reads all pages once each, in order', async () => {
    const ids: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await body<Page>(
        await api.get(`/api/layers/api_shop/features${query({ limit: 700, cursor })}`, STAFF),
      );
      expect(page.numberMatched).toBe(2500);
      expect(page.numberReturned).toBe(page.features.length);
      ids.push(...page.features.map(({ id }) => id));
      cursor = page.next ?? undefined;
      expect(page.links.some(({ rel }) => rel === 'next')).toBe(cursor !== undefined);
      pages++;
    } while (cursor !== undefined);
    expect(pages).toBe(4);
    expect(ids).toEqual(shops.map((_, index) => index + 1));
  });

  it('gives 100 by default and 1000 at most', async () => {
    expect(await returnedFor()).toBe(100);
    expect(await returnedFor(5000)).toBe(1000);
    expect(await returnedFor(0)).toBe(1);
  });

  it('is GeoJSON of the stored values', async () => {
    const response = await api.get('/api/layers/api_shop/features?limit=2', STAFF);
    expect(response.headers.get('Content-Type')).toMatch('application/geo+json');
    const [unlocated, located] = (await body<Page>(response)).features;
    const row = shops[1] as FixtureRow;
    expect(unlocated?.geometry).toBeNull();
    expect(located?.geometry?.coordinates[0]).toBeCloseTo(row.at?.[0] ?? 0, 6);
    expect(located?.properties).toEqual({
      uscc: row['uscc'],
      name: row['name'],
      legal_person: '欧阳*',
      reg_capital_10k: 1,
      industry_code: null,
      industry_section: 'F',
      established_on: '2001-06-15',
      status: 'active',
      address: null,
      building_code: null,
      address_precision: null,
      grid_code: row.grid_code,
      community_code: row.community_code,
      town_code: row.town_code,
    });
  });

  it('masks what is personal, also in a single feature', async () => {
    for (const address of ['features?limit=3', 'features/2']) {
      const text = await (await api.get(`/api/layers/api_resident/${address}`, STAFF)).text();
      expect(text).not.toMatch(/欧阳修远|张三丰|P00000000\d|44060419\d\d|-06-15|B00001R0001/);
      expect(text).toMatch(/张\*\*/);
    }
  });

  it('selects by bbox and filter, and counts all that match', async () => {
    const filter = {
      and: [
        { field: 'status', op: '=', value: 'revoked' },
        { field: 'reg_capital_10k', op: '<', value: 1000 },
      ],
    };
    const page = await body<Page>(
      await api.get(
        `/api/layers/api_shop/features${query({ filter, bbox: '113.02,22.97,113.06,23.05', limit: 5 })}`,
        STAFF,
      ),
    );
    const expected = shops.filter(
      (row, index) => index % 4 === 0 && index < 1000 && row.at !== undefined && row.at[0] <= 113.06,
    );
    expect(page.numberMatched).toBe(expected.length);
    expect(page.features).toHaveLength(5);
    expect(page.features.every(({ properties }) => properties['status'] === 'revoked')).toBe(true);
  });

  it('compares masked fields by whole years only', async () => {
    expect((await api.get(bornBefore('1960-01-01'), STAFF)).status).toBe(200);
    expect((await api.get(bornBefore('1960-06-01'), STAFF)).status).toBe(400);
  });

  it('finds one feature, or says that there is none', async () => {
    expect(await body(await api.get('/api/layers/api_lake/features/3'))).toMatchObject({
      type: 'Feature',
      id: 3,
      geometry: { type: 'MultiPolygon' },
    });
    expect(await body(await api.get('/api/layers/api_lake/features/99999'))).toMatchObject({
      error: { code: 'FEATURE_NOT_FOUND', value: 99999 },
    });
    expect((await api.get('/api/layers/api_lake/features/abc')).status).toBe(400);
    expect((await api.get('/api/layers/api_lake/features/9999999999999999')).status).toBe(400);
  });

  it('answers 304', async () => {
    const tag = (await api.get('/api/layers/api_lake/features')).headers.get('ETag') ?? '';
    expect((await api.get('/api/layers/api_lake/features', { 'If-None-Match': tag })).status).toBe(304);
    expect((await api.get('/api/layers/api_lake/features?limit=3', { 'If-None-Match': tag })).status).toBe(200);
  });

  it('says that a raster has none, and a layer never loaded has nothing yet', async () => {
    expect((await api.get('/api/layers/satellite_image_current/features')).status).toBe(400);
    await db.sql`insert into app.user_layer (layer_id, definition)
      values ('api_never', ${JSON.stringify({ ...lake, id: 'api_never' })}::text::jsonb)`;
    await db.sql`select pg_notify('layers', 'api_never')`;
    await expect.poll(async () => (await api.get('/api/layers/api_never')).status, { timeout: 8000 }).toBe(200);
    expect(await body(await api.get('/api/layers/api_never'))).toMatchObject({
      freshness: 'never',
      count: null,
      load: null,
    });
    expect(await body(await api.get('/api/layers/api_never/features'))).toMatchObject({
      numberMatched: 0,
      features: [],
    });
    expect(await body(await api.get('/api/layers/api_never/h3'))).toMatchObject({ total: 0, load: 0 });
    expect((await api.get('/api/layers/api_never/tiles/15/1/1?v=0')).headers.get('Cache-Control')).toBe(
      'public, no-cache',
    );
    await db.sql`delete from app.user_layer where layer_id = 'api_never'`;
  });
});

function total({ counts, suppressed, unlocated }: HexagonCounts | CellCounts): number {
  const shown = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
  return shown + (suppressed.count ?? 0) + (unlocated ?? 0);
}

describe('counts', () => {
  it('are the same by hexagon of any size, by cell of any level, and in the table', async () => {
    for (const filter of [
      undefined,
      { field: 'status', op: '=', value: 'active' },
      { not: { bbox: [113.03, 22.98, 113.07, 23.02] } },
    ]) {
      const page = await body<Page>(await api.get(`/api/layers/api_shop/features${query({ filter })}`, STAFF));
      for (const res of [5, 8, 9, 10, 12, 'auto']) {
        const hexagons = await body<HexagonCounts>(
          await api.get(`/api/layers/api_shop/h3${query({ res, filter })}`, STAFF),
        );
        expect(hexagons.total).toBe(page.numberMatched);
        expect(total(hexagons)).toBe(page.numberMatched);
        expect(hexagons.cells).toHaveLength(hexagons.counts.length);
      }
      for (const by of ['grid', 'community', 'town']) {
        const cells = await body<CellCounts>(
          await api.get(`/api/layers/api_shop/cells${query({ by, filter })}`, STAFF),
        );
        expect(cells.total).toBe(page.numberMatched);
        expect(total(cells)).toBe(page.numberMatched);
      }
    }
  });

  it('of areas are counted where each lies, by its exact shape when an area is given', async () => {
    const all = await body<HexagonCounts>(await api.get('/api/layers/api_lake/h3?res=9'));
    expect(all).toMatchObject({ layer: 'api_lake', res: 9, total: 40, unlocated: 0 });
    const bbox = '113.02,22.97,113.06,23.01';
    const part = await body<HexagonCounts>(await api.get(`/api/layers/api_lake/h3?res=9&bbox=${bbox}`));
    const page = await body<Page>(await api.get(`/api/layers/api_lake/features?bbox=${bbox}`));
    expect(part.total).toBe(page.numberMatched);
    expect(part.total).toBeLessThan(40);
    expect(part.total).toBeGreaterThan(0);
  });

  it('of persons withhold what is small, and still add up', async () => {
    const counts = await body<HexagonCounts>(await api.get('/api/layers/api_resident/h3?res=10', STAFF));
    expect(counts.suppressed.k).toBe(5);
    expect(counts.suppressed.groups).toBeGreaterThan(10);
    expect(counts.counts.every((count) => count === null || count >= 5)).toBe(true);
    expect(counts.total).toBe(600);
    expect(total(counts)).toBe(600);
    const few = {
      and: [
        { field: 'birth_date', op: '=', value: '1930-06-15' },
        { field: 'sex', op: '=', value: 'M' },
        { cells: { by: 'town', codes: ['440604001000'] } },
      ],
    };
    const small = await body<HexagonCounts>(
      await api.get(`/api/layers/api_resident/cells${query({ by: 'town', filter: few })}`, STAFF),
    );
    expect(small).toMatchObject({ total: null, counts: [null], suppressed: { count: null } });
  });

  it('refuse a resolution or level that is none', async () => {
    for (const [address, field] of [
      ['h3?res=4', 'res'],
      ['h3?res=13', 'res'],
      ['h3?res=9;drop', 'res'],
      ['cells?by=street', 'by'],
      ['h3?bbox=1,2,3', 'bbox'],
    ] as const) {
      const response = await api.get(`/api/layers/api_lake/${address}`);
      expect(response.status).toBe(400);
      expect(await body(response)).toMatchObject({ error: { code: 'PARAMETER_INVALID', field } });
    }
  });

  it('answer 304, and anew after a new load', async () => {
    const layer = { ...lake, id: 'api_recounted' };
    await untilLive(layer.id, await publishFixture(db, layer, lakes));
    const first = await api.get('/api/layers/api_recounted/h3?res=8');
    const tag = first.headers.get('ETag') ?? '';
    expect(await body<HexagonCounts>(first)).toMatchObject({ total: 40 });
    expect((await api.get('/api/layers/api_recounted/h3?res=8', { 'If-None-Match': tag })).status).toBe(304);
    await publishFixture(db, layer, lakes.slice(0, 7));
    await expect
      .poll(async () => (await body<HexagonCounts>(await api.get('/api/layers/api_recounted/h3?res=8'))).total, {
        timeout: 8000,
      })
      .toBe(7);
    await removeFixture(db, layer);
  });
});

describe('status', () => {
  it('says what runs and what is loaded', async () => {
    const status = await body<Record<string, unknown>>(await api.get('/api/status', STAFF));
    expect(status).toMatchObject({ engine: db.engine, loading: null, version: '0.0.0-test', live: { clients: 0 } });
    expect((status['layers'] as { features: number }).features).toBeGreaterThanOrEqual(3140);
  });

  it('shows a load that runs', async () => {
    const [load] = await db.sql<[{ id: number }]>`
      insert into app.load (layer_id, source_file) values ('api_resident', 'x') returning load_id as id`;
    expect(await body(await api.get('/api/status', STAFF))).toMatchObject({
      loading: { layer: 'api_resident', done: expect.any(Number) },
    });
    // Who may not see the layer learns only that something is being loaded.
    expect(await body(await api.get('/api/status'))).toMatchObject({ loading: { layer: null } });
    await db.sql`delete from app.load where load_id = ${load.id}`;
  });

  it('is healthy while the database answers', async () => {
    const response = await api.get('/healthz');
    expect([response.status, await body(response)]).toEqual([200, { status: 'ok' }]);
  });
});

describe('GET /api/openapi.json', () => {
  it('describes every route in OpenAPI 3.1', async () => {
    const document = await body<{
      openapi: string;
      paths: Record<string, Record<string, { responses: object; summary: string }>>;
    }>(await api.get('/api/openapi.json'));
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/alarms',
      '/api/alarms/{id}/acknowledge',
      '/api/alarms/{id}/clear',
      '/api/alerts',
      '/api/alerts/cap.atom',
      '/api/alerts/preview',
      '/api/alerts/{id}',
      '/api/alerts/{id}/cancel',
      '/api/analysis/attach',
      '/api/analysis/buffer',
      '/api/analysis/correlation',
      '/api/analysis/coverage',
      '/api/analysis/hotspot',
      '/api/analysis/inside',
      '/api/analysis/jobs/{id}',
      '/api/analysis/jobs/{id}/left-out',
      '/api/analysis/nearest',
      '/api/analysis/overlay',
      '/api/analysis/reach',
      '/api/analysis/route',
      '/api/analysis/save',
      '/api/categories',
      '/api/dispatches/{id}/acknowledge',
      '/api/dispatches/{id}/decline',
      '/api/exports',
      '/api/exports/{id}',
      '/api/exports/{id}/file',
      '/api/icons/{set}/{name}',
      '/api/incidents',
      '/api/incidents/batch',
      '/api/incidents/log',
      '/api/incidents/stats',
      '/api/incidents/{id}',
      '/api/incidents/{id}/close',
      '/api/incidents/{id}/comments',
      '/api/incidents/{id}/dispatch',
      '/api/incidents/{id}/dispatches',
      '/api/incidents/{id}/history',
      '/api/incidents/{id}/link',
      '/api/incidents/{id}/media',
      '/api/incidents/{id}/media/{media}',
      '/api/incidents/{id}/milestones',
      '/api/incidents/{id}/moves',
      '/api/incidents/{id}/reporter',
      '/api/incidents/{id}/reports',
      '/api/incidents/{id}/satisfaction',
      '/api/incidents/{id}/similar',
      '/api/incidents/{id}/situation',
      '/api/incidents/{id}/suggestions',
      '/api/incidents/{id}/tasks',
      '/api/incidents/{id}/tasks/{task}/{step}',
      '/api/incidents/{id}/unlink',
      '/api/indicators',
      '/api/indicators/{indicator}/cases',
      '/api/indicators/{indicator}/trend',
      '/api/intake/cap',
      '/api/intake/cloudevents',
      '/api/intake/feeds',
      '/api/intake/feeds/{id}',
      '/api/intake/messages',
      '/api/intake/messages/{id}/body',
      '/api/layers',
      '/api/layers/{id}',
      '/api/layers/{id}/aggregate',
      '/api/layers/{id}/cells',
      '/api/layers/{id}/diff',
      '/api/layers/{id}/diff/features',
      '/api/layers/{id}/diff/tiles/{z}/{x}/{y}',
      '/api/layers/{id}/export',
      '/api/layers/{id}/features',
      '/api/layers/{id}/features/{fid}',
      '/api/layers/{id}/features/{fid}/lineage',
      '/api/layers/{id}/filter',
      '/api/layers/{id}/groups',
      '/api/layers/{id}/h3',
      '/api/layers/{id}/tilejson',
      '/api/layers/{id}/tiles/metadata.json',
      '/api/layers/{id}/tiles/{z}/{x}/{y}',
      '/api/layers/{id}/value',
      '/api/layers/{id}/versions',
      '/api/layers/{id}/why',
      '/api/live',
      '/api/live/stats',
      '/api/loads',
      '/api/loads/{id}',
      '/api/loads/{id}/rejects',
      '/api/loads/{id}/rejects/file',
      '/api/notifications',
      '/api/notifications/dead',
      '/api/notifications/dead/{letter}/discard',
      '/api/notifications/dead/{letter}/retry',
      '/api/notifications/subscriptions',
      '/api/notifications/subscriptions/{id}',
      '/api/notifications/subscriptions/{id}/test',
      '/api/ogc',
      '/api/ogc/api',
      '/api/ogc/collections',
      '/api/ogc/collections/{collectionId}',
      '/api/ogc/collections/{collectionId}/items',
      '/api/ogc/collections/{collectionId}/items/{featureId}',
      '/api/ogc/collections/{collectionId}/queryables',
      '/api/ogc/collections/{collectionId}/schema',
      '/api/ogc/collections/{collectionId}/sortables',
      '/api/ogc/collections/{collectionId}/tiles',
      '/api/ogc/collections/{collectionId}/tiles/{tileMatrixSetId}',
      '/api/ogc/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}',
      '/api/ogc/conformance',
      '/api/ogc/tileMatrixSets',
      '/api/ogc/tileMatrixSets/{tileMatrixSetId}',
      '/api/ogc/tiles',
      '/api/ogc/tiles/{tileMatrixSetId}',
      '/api/ogc/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}',
      '/api/positions',
      '/api/quality',
      '/api/quality/links',
      '/api/readings',
      '/api/readings/rejects',
      '/api/rejects/places',
      '/api/reports',
      '/api/reports/{token}',
      '/api/reports/{token}/media',
      '/api/reports/{token}/rating',
      '/api/rules',
      '/api/rules/backtest',
      '/api/rules/{id}',
      '/api/rules/{id}/disable',
      '/api/rules/{id}/enable',
      '/api/schedule',
      '/api/search',
      '/api/sensors',
      '/api/sensors/{id}/readings',
      '/api/situation',
      '/api/status',
      '/api/tiles/{ids}/tilejson',
      '/api/tiles/{ids}/{z}/{x}/{y}',
      '/api/user-layers',
      '/api/user-layers/{id}',
      '/api/user-layers/{id}/restore',
      '/api/workflow',
      '/healthz',
      '/open311/v2/discovery.json',
      '/open311/v2/discovery.xml',
      '/open311/v2/requests.json',
      '/open311/v2/requests.xml',
      '/open311/v2/requests/{id}',
      '/open311/v2/services.json',
      '/open311/v2/services.xml',
      '/open311/v2/services/{code}',
      '/open311/v2/tokens/{token}',
    ]);
    for (const operations of Object.values(document.paths)) {
      for (const { summary, responses } of Object.values(operations)) {
        expect(summary).toBeTruthy();
        expect(Object.keys(responses).some((code) => code.startsWith('2'))).toBe(true);
      }
    }
    // Every reference leads somewhere.
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(text).toContain(`"${name}":{`);
  });
});
