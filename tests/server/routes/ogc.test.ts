import SwaggerParser from '@apidevtools/swagger-parser';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import {
  lake as anyLake,
  lakes,
  resident as anyResident,
  residents,
  shop as anyShop,
  shops,
  tilePath,
} from './layers-data.ts';

const shop = { ...anyShop, id: 'ogc_shop' };
const resident = { ...anyResident, id: 'ogc_resident' };
const lake = { ...anyLake, id: 'ogc_lake' };
const ROOT = '/api/ogc';
const EPSG = 'http://www.opengis.net/def/crs/EPSG/0';

interface Link {
  rel: string;
  href: string;
  type: string;
}
interface Feature {
  id: string;
  geometry: { type: string; coordinates: number[] } | null;
  properties: Record<string, unknown>;
}
interface Items {
  numberMatched: number;
  numberReturned: number;
  links: Link[];
  features: Feature[];
}

let db: Database;
let api: TestApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, shop, shops);
  await publishFixture(db, resident, residents);
  await publishFixture(db, lake, lakes);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [shop, resident, lake]) await removeFixture(db, layer);
});

async function read<T>(path: string, headers: Record<string, string> = STAFF): Promise<T> {
  const response = await api.get(path, headers);
  const text = await response.text();
  expect(response.status, `${path}: ${text.slice(0, 500)}`).toBe(200);
  return JSON.parse(text) as T;
}

function items(parameters: Parameters<typeof query>[0], id = 'ogc_shop'): Promise<Items> {
  return read<Items>(`${ROOT}/collections/${id}/items${query(parameters)}`);
}

async function refused(path: string, status: number, code: string, field?: string): Promise<void> {
  const response = await api.get(path, STAFF);
  const body = (await response.json()) as { error: { code: string; field?: string } };
  expect([response.status, body.error.code], path).toEqual([status, code]);
  if (field !== undefined) expect(body.error.field).toBe(field);
}

function link(links: readonly Link[], rel: string): Link | undefined {
  return links.find((each) => each.rel === rel);
}

/** The path of an address that an answer gave. */
function pathOf(href: string | undefined): string {
  const { pathname, search } = new URL(href ?? '');
  return pathname + search;
}

function near(expected: readonly number[], digits: number): unknown[] {
  return expected.map((value): unknown => expect.closeTo(value, digits));
}

/** Metres of Web Mercator, by its formula. */
function mercator(lon: number, lat: number): number[] {
  const half = 20_037_508.342789244;
  return [(lon * half) / 180, (Math.log(Math.tan(((90 + lat) * Math.PI) / 360)) * half) / Math.PI];
}

/** The place of feature 2 in a system. */
async function placeIn(crs?: string): Promise<number[]> {
  const response = await api.get(`${ROOT}/collections/ogc_shop/items/2${query({ crs })}`, STAFF);
  expect(response.headers.get('Content-Crs')).toBe(`<${crs ?? 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}>`);
  return ((await response.json()) as Feature).geometry?.coordinates ?? [];
}

/** Shops established on a day or later. */
function since(day: string): number {
  return shops.filter((row) => String(row['established_on']) >= day).length;
}

describe('what there is', () => {
  it('leads from the landing page to everything, with and without a slash', async () => {
    for (const path of [ROOT, `${ROOT}/`]) {
      const { links } = await read<{ links: Link[] }>(path);
      for (const rel of ['self', 'alternate', 'service-desc', 'service-doc', 'conformance', 'data']) {
        const target = link(links, rel);
        expect(target, rel).toBeDefined();
        expect((await api.get(pathOf(target?.href), STAFF)).status, target?.href).toBe(200);
      }
    }
  });

  it('is described by a valid OpenAPI 3.0 document with a path for each collection and a parameter for each property', async () => {
    const response = await api.get(`${ROOT}/api`, {
      ...STAFF,
      Accept: 'application/vnd.oai.openapi+json;version=3.0, application/openapi+json;q=0.9',
    });
    expect(response.headers.get('Content-Type')).toMatch(/vnd\.oai\.openapi\+json;version=3\.0/);
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, { get: { parameters: { name?: string }[] } }>;
    };
    expect(document.openapi).toBe('3.0.3');
    const names = document.paths['/collections/ogc_shop/items']?.get.parameters.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['status', 'industry_section', 'town_code']));
    await SwaggerParser.validate(structuredClone(document) as never);
    // What is described is there.
    for (const path of Object.keys(document.paths)) {
      if (path.includes('{') || !/^\/collections\/ogc_|^\/[a-zA-Z]*$/.test(path)) continue;
      expect((await api.get(`${ROOT}${path}`, STAFF)).status, path).toBe(200);
    }
  });

  it('has a valid OpenAPI 3.1 document beside it', async () => {
    const document = await read('/api/openapi.json');
    await SwaggerParser.validate(document as never);
  });

  it('lists the collections the caller may see', async () => {
    const idsFor = async (headers: Record<string, string>) =>
      (await read<{ collections: { id: string }[] }>(`${ROOT}/collections`, headers)).collections.map(({ id }) => id);
    expect(await idsFor(STAFF)).toEqual(expect.arrayContaining(['ogc_shop', 'ogc_resident', 'ogc_lake']));
    const forAll = await idsFor({});
    expect(forAll).toContain('ogc_lake');
    expect(forAll).not.toContain('ogc_shop');
    expect(forAll).not.toContain('ogc_resident');
    for (const path of ['', '/items', '/items/1', '/queryables', '/schema', '/tiles', '/tiles/WebMercatorQuad']) {
      expect((await api.get(`${ROOT}/collections/ogc_shop${path}`)).status, path).toBe(404);
    }
    expect(await (await api.get(`${ROOT}/api`)).text()).not.toContain('ogc_shop');
    expect((await api.get(`${ROOT}/tiles/WebMercatorQuad/14/1/1?collections=ogc_shop`)).status).toBe(404);
  });

  it('describes a collection', async () => {
    const collection = await read<Record<string, unknown>>(`${ROOT}/collections/ogc_shop`);
    expect(collection).toMatchObject({
      id: 'ogc_shop',
      itemType: 'feature',
      storageCrs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
      extent: { spatial: { bbox: [[expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)]] } },
    });
    expect(collection['crs']).toEqual(
      expect.arrayContaining([`${EPSG}/4326`, `${EPSG}/3857`, `${EPSG}/4490`, `${EPSG}/4526`, `${EPSG}/4547`]),
    );
  });

  it('names what can be asked for without the masked fields, and what a feature has with them', async () => {
    const { properties: asked } = await read<{ properties: object }>(`${ROOT}/collections/ogc_resident/queryables`);
    const { properties: had } = await read<{ properties: Record<string, { title: string }> }>(
      `${ROOT}/collections/ogc_resident/schema`,
    );
    expect(Object.keys(asked)).not.toContain('birth_date');
    expect(Object.keys(asked)).toContain('sex');
    expect(had['id_no']?.title).toMatch(/masked/);
    const { features } = await items({ limit: 1 }, 'ogc_resident');
    for (const name of Object.keys(features[0]?.properties ?? {})) expect(Object.keys(had)).toContain(name);
  });

  it('is there as pages, in which nothing of the data is code', async () => {
    for (const path of [
      '',
      '/conformance',
      '/api',
      '/collections',
      '/collections/ogc_shop',
      '/collections/ogc_shop/items',
    ]) {
      const response = await api.get(`${ROOT}${path}`, {
        ...STAFF,
        Accept: 'text/html,application/xml;q=0.9,*/*;q=0.8',
      });
      expect(response.headers.get('Content-Type'), path).toMatch(/^text\/html/);
      const html = await response.text();
      expect(html).toContain('<main>');
      expect(html).not.toMatch(/<script/i);
    }
    const search = await api.get(`${ROOT}/collections/ogc_shop/items?f=html&status=%3Cscript%3E`, STAFF);
    expect(await search.text()).not.toMatch(/<script/i);
    await refused(`${ROOT}?f=xml`, 400, 'PARAMETER_INVALID', 'f');
    expect((await api.get(ROOT, { Accept: 'application/xml' })).status).toBe(406);
  });
});

describe('items', () => {
  it('are ordered as asked, page by page, those without a value last', async () => {
    const sortables = await read<{ properties: object }>(`${ROOT}/collections/ogc_shop/sortables?f=json`);
    expect(Object.keys(sortables.properties)).toEqual(
      expect.arrayContaining(['status', 'industry_section', 'town_code']),
    );
    expect(Object.keys(sortables.properties)).not.toContain('geometry');
    const order = '-town_code,industry_section';
    const seen: Items['features'] = [];
    let path: string | null = `${ROOT}/collections/ogc_shop/items${query({ limit: 1000, sortby: order, f: 'json' })}`;
    while (path !== null) {
      const page: Items = await read<Items>(path);
      seen.push(...page.features);
      const next = link(page.links, 'next');
      expect(link(page.links, 'prev') === undefined).toBe(seen.length === page.features.length);
      path = next === undefined ? null : pathOf(next.href);
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(shops.length);
    const key = ({ id, properties }: Items['features'][number]) => ({
      town: String(properties['town_code'] ?? ''),
      section: String(properties['industry_section'] ?? '\uffff'),
      fid: Number(id),
    });
    const expected = seen.map(key).toSorted((a, b) => {
      if (a.town !== b.town) return a.town > b.town ? -1 : 1;
      if (a.section !== b.section) return a.section < b.section ? -1 : 1;
      return a.fid - b.fid;
    });
    expect(seen.map(key)).toEqual(expected);
    const items = `${ROOT}/collections/ogc_shop/items`;
    await refused(`${items}?sortby=nothing`, 400, 'PARAMETER_INVALID', 'sortby');
    await refused(`${items}?sortby=legal_person`, 400, 'PARAMETER_INVALID', 'sortby');
    await refused(`${items}?sortby=status,-status`, 400, 'PARAMETER_INVALID', 'sortby');
    await refused(`${items}?sortby=status&after=3`, 400, 'PARAMETER_INVALID', 'sortby');
  });

  it('are paged forward and back without losing a parameter or a feature', async () => {
    const parameters = { limit: 300, status: 'active', bbox: '113,22.9,113.2,23.1', f: 'json' };
    const located = shops.filter((row) => row['status'] === 'active' && row.at !== undefined).length;
    const seen: string[] = [];
    const addresses: string[] = [];
    let path: string | null = `${ROOT}/collections/ogc_shop/items${query(parameters)}`;
    while (path !== null) {
      addresses.push(path);
      const page: Items = await read<Items>(path);
      expect(page.numberMatched).toBe(located);
      expect(page.numberReturned).toBe(page.features.length);
      expect(pathOf(link(page.links, 'self')?.href)).toBe(path);
      seen.push(...page.features.map(({ id }) => id));
      const next = link(page.links, 'next');
      path = next === undefined ? null : pathOf(next.href);
      if (path !== null)
        for (const [name, value] of Object.entries(parameters)) {
          expect(new URL(next?.href ?? '').searchParams.get(name)).toBe(String(value));
        }
    }
    expect(new Set(seen).size).toBe(located);
    expect(seen).toHaveLength(located);
    // And back again.
    const back: string[] = [];
    path = addresses.at(-1) ?? null;
    while (path !== null) {
      const page: Items = await read<Items>(path);
      back.unshift(...page.features.map(({ id }) => id));
      const previous = link(page.links, 'prev');
      path = previous === undefined ? null : pathOf(previous.href);
    }
    expect(back).toEqual(seen);
  });

  it('can be counted off, up to a limit', async () => {
    const first = await items({ limit: 20 });
    const second = await items({ limit: 10, offset: 10 });
    expect(second.features.map(({ id }) => id)).toEqual(first.features.slice(10).map(({ id }) => id));
    expect(link(second.links, 'prev')).toBeDefined();
    await refused(`${ROOT}/collections/ogc_shop/items?offset=100001`, 400, 'PARAMETER_INVALID', 'offset');
    await refused(`${ROOT}/collections/ogc_shop/items?offset=1&after=1`, 400, 'PARAMETER_INVALID', 'offset');
  });

  it('take a limit above the greatest as the greatest', async () => {
    expect((await items({ limit: 100_000_000 })).numberReturned).toBe(1000);
    expect((await items({})).numberReturned).toBe(100);
    await refused(`${ROOT}/collections/ogc_shop/items?limit=0`, 400, 'PARAMETER_INVALID', 'limit');
    await refused(`${ROOT}/collections/ogc_shop/items?limit=ten`, 400, 'PARAMETER_INVALID', 'limit');
  });

  it('are filtered by properties, codes and filters, together', async () => {
    expect((await items({ status: 'revoked' })).numberMatched).toBe(625);
    expect((await items({ status: 'revoked', industry_section: 'C' })).numberMatched).toBe(
      shops.filter((row) => row['status'] === 'revoked' && row['industry_section'] === 'C').length,
    );
    expect((await items({ town_code: '440604001000' })).numberMatched).toBe(
      shops.filter((row) => row.town_code === '440604001000').length,
    );
    const filter = { field: 'reg_capital_10k', op: '<', value: 100 };
    expect((await items({ filter, status: 'active' })).numberMatched).toBe(75);
    await refused(`${ROOT}/collections/ogc_shop/items?colour=red`, 400, 'PARAMETER_INVALID', 'colour');
    await refused(
      `${ROOT}/collections/ogc_shop/items?reg_capital_10k=many`,
      400,
      'PARAMETER_INVALID',
      'reg_capital_10k',
    );
    await refused(`${ROOT}/collections/ogc_shop/items?filter-lang=cql9`, 400, 'PARAMETER_INVALID', 'filter-lang');
  });

  it('mask what is masked, and cannot be asked for by it', async () => {
    const { features } = await items({ limit: 5 }, 'ogc_resident');
    for (const { properties } of features) {
      expect(properties['name']).toMatch(/\*/);
      expect(properties['id_no']).toMatch(/\*/);
    }
    await refused(
      `${ROOT}/collections/ogc_resident/items?birth_date=1950-06-15`,
      400,
      'PARAMETER_INVALID',
      'birth_date',
    );
    const one = await read<Feature>(`${ROOT}/collections/ogc_resident/items/${features[0]?.id}`);
    expect(one.properties).toEqual(features[0]?.properties);
  });

  it('are filtered by time: instants, intervals, open ends', async () => {
    expect((await items({ datetime: '2020-06-15/..' })).numberMatched).toBe(since('2020-06-15'));
    expect((await items({ datetime: '../2005-01-01T00:00:00Z' })).numberMatched).toBe(2500 - since('2005-01-02'));
    expect((await items({ datetime: '2010-06-15' })).numberMatched).toBe(100);
    expect((await items({ datetime: '2010-06-15T04:00:00Z' })).numberMatched).toBe(100);
    expect((await items({ datetime: '../..' })).numberMatched).toBe(2500);
    for (const wrong of ['', 'yesterday', '2020-02-30', '2021-01-01/2020-01-01', 'a/b/c', '..']) {
      await refused(
        `${ROOT}/collections/ogc_shop/items${query({ datetime: wrong })}`,
        400,
        'PARAMETER_INVALID',
        'datetime',
      );
    }
    // A layer without a time matches whatever the time.
    expect((await items({ datetime: '1800-01-01' }, 'ogc_lake')).numberMatched).toBe(40);
  });
});

describe('coordinate systems', () => {
  const first = shops[1]?.at ?? [0, 0];

  it('have their own order of axes', async () => {
    const [lon, lat] = first;
    expect(await placeIn()).toEqual(near([lon, lat], 6));
    expect(await placeIn(`${EPSG}/4326`)).toEqual(near([lat, lon], 6));
    expect(await placeIn(`${EPSG}/4490`)).toEqual(near([lat, lon], 6));
    const [x = 0, y = 0] = await placeIn(`${EPSG}/3857`);
    expect([x, y]).toEqual(
      near([(lon * 20037508.342789244) / 180, Math.log(Math.tan(((90 + lat) * Math.PI) / 360)) * 6378137], 2),
    );
    const [northing = 0, easting = 0] = await placeIn(`${EPSG}/4547`);
    expect(northing).toBeGreaterThan(2_500_000);
    expect(easting).toBeLessThan(500_000);
    expect(await placeIn(`${EPSG}/4526`)).toEqual(near([northing, easting + 38_000_000], 2));
    await refused(`${ROOT}/collections/ogc_shop/items?crs=${EPSG}/2056`, 400, 'PARAMETER_INVALID', 'crs');
  });

  it('find the same in the same box, whichever it is written in', async () => {
    const box = [113.03, 22.98, 113.07, 23.02] as const;
    const expected = (await items({ bbox: box.join() })).numberMatched;
    expect(expected).toBeGreaterThan(100);
    const [west, south, east, north] = box;
    expect((await items({ bbox: [south, west, north, east].join(), 'bbox-crs': `${EPSG}/4326` })).numberMatched).toBe(
      expected,
    );
    expect((await items({ bbox: [west, south, -10, east, north, 500].join() })).numberMatched).toBe(expected);
    const metres = [...mercator(west, south), ...mercator(east, north)];
    expect((await items({ bbox: metres.join(), 'bbox-crs': `${EPSG}/3857` })).numberMatched).toBe(expected);
    expect((await items({ bbox: '-1e9,-1e9,1e9,1e9', 'bbox-crs': `${EPSG}/3857` })).numberMatched).toBe(2450);
  });

  it('find in a box of a projected system what the database says lies in it', async () => {
    for (const srid of [4547, 4526]) {
      const [row] = await db.sql<[{ south: number; west: number; north: number; east: number }]>`
        select st_ymin(e) + 500 as south, st_xmin(e) + 500 as west, st_ymax(e) - 500 as north, st_xmax(e) - 500 as east
        from (select st_extent(st_transform(geom, ${srid}::int4)) as e from layers.ogc_shop) extent`;
      const [counted] = await db.sql<[{ n: number }]>`
        select count(*)::int4 as n from layers.ogc_shop
        where st_covers(st_makeenvelope(${row.west}, ${row.south}, ${row.east}, ${row.north}, ${srid}::int4), st_transform(geom, ${srid}::int4))`;
      const box = [row.south, row.west, row.north, row.east].join();
      const page = await items({ bbox: box, 'bbox-crs': `${EPSG}/${srid}`, crs: `${EPSG}/${srid}`, limit: 5 });
      expect(page.numberMatched).toBe(counted.n);
      expect(counted.n).toBeGreaterThan(1000);
    }
    for (const box of ['0,0,1e15,1e15', '-1e300,0,1e300,1']) {
      await refused(
        `${ROOT}/collections/ogc_shop/items${query({ bbox: box, 'bbox-crs': `${EPSG}/4547` })}`,
        400,
        'PARAMETER_INVALID',
        'bbox',
      );
    }
  });

  it('go over the 180th meridian, and refuse a box that is none', async () => {
    expect((await items({ bbox: '170,-80,-170,80' })).numberMatched).toBe(0);
    expect((await items({ bbox: '100,-80,-170,80' })).numberMatched).toBe(2450);
    for (const wrong of ['', '1,2,3', '1,2,3,x', '113,24,114,23', '-181,0,0,1', '1,2,3,4,5']) {
      await refused(`${ROOT}/collections/ogc_shop/items${query({ bbox: wrong })}`, 400, 'PARAMETER_INVALID', 'bbox');
    }
  });
});

describe('tiles', () => {
  const at = lakes[0]?.at ?? [113, 23];
  const [z = '', x = '', y = ''] = tilePath(at, 15).split('/');

  it('of a collection are those of the layer, row before column', async () => {
    const set = await read<{ links: (Link & { templated?: boolean })[] }>(
      `${ROOT}/collections/ogc_lake/tiles/WebMercatorQuad`,
    );
    const template = link(set.links, 'item')?.href ?? '';
    const path = pathOf(template.replace('{tileMatrix}', z).replace('{tileRow}', y).replace('{tileCol}', x));
    const tile = await api.get(path, STAFF);
    expect(tile.status).toBe(200);
    const same = await api.get(`/api/layers/ogc_lake/tiles/${z}/${x}/${y}`, STAFF);
    const bytes = Buffer.from(await tile.arrayBuffer());
    expect(bytes.equals(Buffer.from(await same.arrayBuffer()))).toBe(true);
    expect((await api.get(path, { ...STAFF, 'If-None-Match': tile.headers.get('ETag') ?? '' })).status).toBe(304);
    await refused(`${ROOT}/collections/ogc_lake/tiles/WebMercatorQuad/15/0/0`, 404, 'TILE_NOT_FOUND');
    await refused(`${ROOT}/collections/ogc_lake/tiles/Nothing/15/0/0`, 404, 'TILE_NOT_FOUND');
    await refused(`${ROOT}/collections/ogc_lake/tiles/WebMercatorQuad/2/4/0`, 400, 'TILE_INVALID');
  });

  it('have limits, within which there is a tile or nothing, and beyond which there is none', async () => {
    const { tilesets } = await read<{
      tilesets: { tileMatrixSetId: string; tileMatrixSetLimits: Record<string, number | string>[]; links: Link[] }[];
    }>(`${ROOT}/collections/ogc_lake/tiles`);
    const template = link(tilesets[0]?.links ?? [], 'item')?.href ?? '';
    expect(tilesets[0]?.tileMatrixSetId).toBe('WebMercatorQuad');
    const limits = tilesets[0]?.tileMatrixSetLimits ?? [];
    expect(limits.length).toBeGreaterThan(3);
    const statuses = new Map<string, number>();
    for (const { tileMatrix, minTileRow, maxTileRow, minTileCol, maxTileCol } of limits) {
      const places = {
        first: [minTileRow, minTileCol],
        last: [maxTileRow, maxTileCol],
        beyond: [Number(maxTileRow) + 1, minTileCol],
      };
      for (const [name, [row, column]] of Object.entries(places)) {
        const path = template
          .replace('{tileMatrix}', String(tileMatrix))
          .replace('{tileRow}', String(row))
          .replace('{tileCol}', String(column));
        statuses.set(`${tileMatrix} ${name}`, (await api.get(pathOf(path), STAFF)).status);
      }
    }
    for (const [name, status] of statuses) {
      if (name.endsWith('beyond')) expect([400, 404], name).toContain(status);
      else expect([200, 204], name).toContain(status);
    }
    // Every lake is in a tile of the limits.
    const deepest = limits.at(-1);
    for (const place of lakes.flatMap((lake) => (lake.at === undefined ? [] : [lake.at]))) {
      const [, column, row] = tilePath(place, Number(deepest?.['tileMatrix'])).split('/').map(Number);
      expect(column).toBeGreaterThanOrEqual(Number(deepest?.['minTileCol']));
      expect(column).toBeLessThanOrEqual(Number(deepest?.['maxTileCol']));
      expect(row).toBeGreaterThanOrEqual(Number(deepest?.['minTileRow']));
      expect(row).toBeLessThanOrEqual(Number(deepest?.['maxTileRow']));
    }
  });

  it('of the whole are of the collections named, and lead to a TileJSON with tiles', async () => {
    const path = `${ROOT}/tiles/WebMercatorQuad/${z}/${y}/${x}?collections=ogc_lake,ogc_shop`;
    const tile = new VectorTile(new PbfReader(new Uint8Array(await (await api.get(path, STAFF)).arrayBuffer())));
    expect(Object.keys(tile.layers).toSorted()).toEqual(['ogc_lake', 'ogc_shop']);
    const set = await read<{ links: Link[] }>(`${ROOT}/tiles/WebMercatorQuad?collections=ogc_lake,ogc_shop`);
    const json = await read<{ tilejson: string; tiles: string[]; vector_layers: { id: string }[] }>(
      pathOf(link(set.links, 'describedby')?.href),
    );
    expect(json.tilejson).toBe('3.0.0');
    expect(json.vector_layers.map(({ id }) => id)).toEqual(['ogc_lake', 'ogc_shop']);
    const address = pathOf(json.tiles[0]?.replace('{z}', z).replace('{x}', x).replace('{y}', y));
    expect((await api.get(address, STAFF)).headers.get('Cache-Control')).toMatch(/immutable/);
  });

  it('have a matrix set whose scale is that of Web Mercator', async () => {
    const set = await read<{ tileMatrices: { id: string; scaleDenominator: number; matrixWidth: number }[] }>(
      `${ROOT}/tileMatrixSets/WebMercatorQuad`,
    );
    expect(set.tileMatrices[0]?.scaleDenominator).toBeCloseTo(559082264.028717, 3);
    expect(set.tileMatrices[14]).toMatchObject({ id: '14', matrixWidth: 16384 });
  });
});
