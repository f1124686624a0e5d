import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { PUBLIC_TOKEN, STAFF, STAFF_TOKEN, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake, lakes, resident, residents, shop, shops } from './layers-data.ts';

interface Case {
  method: string;
  path: string;
  /** Status for the public and for staff. */
  public: number;
  staff: number;
  body?: string;
}

/** Everything that can be asked about a layer. */
const ABOUT_A_LAYER = [
  '',
  '/tilejson',
  '/tiles/metadata.json',
  '/tiles/14/1/1',
  '/features',
  '/features/1',
  '/features/1/lineage',
  '/h3',
  '/cells',
  '/aggregate',
  '/groups?by=town',
  '/versions',
  '/why',
];
/** What compares two versions; these layers have one, so there is nothing to find (diff.test.ts has two). */
const ABOUT_TWO_VERSIONS = ['/diff', '/diff/features', '/diff/tiles/14/1/1'];
/** The same by OGC API, below `/api/ogc/collections/{id}`. */
const ABOUT_A_COLLECTION = ['', '/queryables', '/schema', '/items', '/items/1', '/tiles', '/tiles/WebMercatorQuad'];
const found = (path: string) => (path.startsWith('/tiles/1') ? 204 : 200);
/** What is asked of a layer that the public may not see. */
const ANALYSES: [path: string, body: object, staff?: number][] = [
  ['inside', { shape: { kind: 'feature', layer: 'api_shop', fid: 2, metres: 100 } }],
  ['buffer', { of: { layer: 'api_shop' }, metres: 100 }],
  ['nearest', { from: { point: [113, 23] }, to: { layer: 'api_shop' } }],
  ['hotspot', { value: { layer: 'api_nothing' } }, 404],
  ['correlation', { a: { layer: 'api_nothing' }, b: { layer: 'api_nothing' } }, 404],
  ['reach', { from: { layer: 'api_nothing' } }, 404],
  ['coverage', { from: { layer: 'api_nothing' } }, 404],
];

const NOBODY = '00000000-0000-4000-8000-000000000000';
const cases: Case[] = [
  { method: 'GET', path: '/healthz', public: 200, staff: 200 },
  { method: 'GET', path: '/api/status', public: 200, staff: 200 },
  { method: 'GET', path: '/api/schedule', public: 200, staff: 200 },
  { method: 'GET', path: '/api/openapi.json', public: 200, staff: 200 },
  { method: 'GET', path: '/api/layers', public: 200, staff: 200 },
  { method: 'GET', path: '/api/live/stats', public: 503, staff: 503 },
  ...ABOUT_A_LAYER.flatMap((path): Case[] => [
    { method: 'GET', path: `/api/layers/api_lake${path}`, public: found(path), staff: found(path) },
    { method: 'GET', path: `/api/layers/api_shop${path}`, public: 404, staff: found(path) },
    { method: 'GET', path: `/api/layers/api_resident${path}`, public: 404, staff: found(path) },
    { method: 'GET', path: `/api/layers/api_nothing${path}`, public: 404, staff: 404 },
  ]),
  // Known to be no raster only to who may know of the layer (raster.test.ts has rasters).
  { method: 'GET', path: '/api/layers/api_lake/value?lon=113&lat=23', public: 400, staff: 400 },
  { method: 'GET', path: '/api/layers/api_shop/value?lon=113&lat=23', public: 404, staff: 400 },
  { method: 'GET', path: '/api/layers/api_nothing/value?lon=113&lat=23', public: 404, staff: 404 },
  { method: 'GET', path: '/api/icons/maki/nothing', public: 404, staff: 404 },
  ...ABOUT_TWO_VERSIONS.map((path): Case => ({
    method: 'GET',
    path: `/api/layers/api_shop${path}`,
    public: 404,
    staff: 404,
  })),
  { method: 'GET', path: '/api/tiles/api_lake/14/1/1', public: 204, staff: 204 },
  { method: 'GET', path: '/api/tiles/api_lake,api_shop/14/1/1', public: 404, staff: 204 },
  { method: 'GET', path: '/api/tiles/api_lake/tilejson', public: 200, staff: 200 },
  { method: 'GET', path: '/api/tiles/api_lake,api_shop/tilejson', public: 404, staff: 200 },
  ...['', '/conformance', '/api', '/collections', '/tiles', '/tiles/WebMercatorQuad'].map((path): Case => ({
    method: 'GET',
    path: `/api/ogc${path}`,
    public: 200,
    staff: 200,
  })),
  { method: 'GET', path: '/api/ogc/tileMatrixSets', public: 200, staff: 200 },
  { method: 'GET', path: '/api/ogc/tileMatrixSets/WebMercatorQuad', public: 200, staff: 200 },
  ...ABOUT_A_COLLECTION.flatMap((path): Case[] => [
    { method: 'GET', path: `/api/ogc/collections/api_lake${path}`, public: 200, staff: 200 },
    { method: 'GET', path: `/api/ogc/collections/api_shop${path}`, public: 404, staff: 200 },
    { method: 'GET', path: `/api/ogc/collections/api_resident${path}`, public: 404, staff: 200 },
    { method: 'GET', path: `/api/ogc/collections/api_nothing${path}`, public: 404, staff: 404 },
  ]),
  { method: 'GET', path: '/api/ogc/collections/api_shop/tiles/WebMercatorQuad/14/1/1', public: 404, staff: 204 },
  { method: 'GET', path: '/api/ogc/tiles/WebMercatorQuad/14/1/1?collections=api_lake', public: 204, staff: 204 },
  {
    method: 'GET',
    path: '/api/ogc/tiles/WebMercatorQuad/14/1/1?collections=api_lake,api_shop',
    public: 404,
    staff: 204,
  },
  { method: 'GET', path: '/api/layers/api_lake/export?format=readme', public: 200, staff: 200 },
  { method: 'GET', path: '/api/layers/api_shop/export?format=readme', public: 404, staff: 200 },
  { method: 'GET', path: '/api/layers/api_resident/export?format=csv', public: 404, staff: 400 },
  { method: 'GET', path: '/api/layers/api_nothing/export?format=csv', public: 404, staff: 404 },
  { method: 'POST', path: '/api/exports', body: '{"layer":"api_shop","format":"pdf"}', public: 400, staff: 400 },
  { method: 'POST', path: '/api/exports', body: '{"layer":"api_shop","format":"gpkg"}', public: 404, staff: 201 },
  { method: 'GET', path: '/api/search?q=湖', public: 200, staff: 200 },
  { method: 'GET', path: '/api/search?q=湖&layers=api_shop', public: 404, staff: 200 },
  { method: 'GET', path: '/api/search?q=张三&purpose=走失协查', public: 403, staff: 200 },
  { method: 'GET', path: '/api/exports/nothing', public: 404, staff: 404 },
  { method: 'GET', path: '/api/exports/nothing/file', public: 404, staff: 404 },
  { method: 'DELETE', path: '/api/exports/nothing', public: 404, staff: 404 },
  { method: 'GET', path: '/api/quality', public: 200, staff: 200 },
  // The fixtures have no readings: who may see them is told so.
  { method: 'GET', path: '/api/layers/api_lake/features/1/series', public: 400, staff: 400 },
  { method: 'GET', path: '/api/layers/api_shop/features/1/series', public: 404, staff: 400 },
  { method: 'GET', path: '/api/layers/api_nothing/features/1/series', public: 404, staff: 404 },
  { method: 'GET', path: '/api/quality/links', public: 200, staff: 200 },
  { method: 'GET', path: '/api/loads', public: 200, staff: 200 },
  { method: 'GET', path: '/api/loads?layer=api_lake', public: 200, staff: 200 },
  { method: 'GET', path: '/api/loads?layer=api_shop', public: 404, staff: 200 },
  { method: 'GET', path: '/api/loads?layer=api_nothing', public: 404, staff: 404 },
  { method: 'GET', path: '/api/loads/999999999', public: 404, staff: 404 },
  { method: 'GET', path: '/api/loads/999999999/rejects', public: 404, staff: 404 },
  { method: 'GET', path: '/api/loads/999999999/rejects/file?purpose=test', public: 404, staff: 404 },
  { method: 'GET', path: '/api/rejects/places', public: 403, staff: 200 },
  ...ANALYSES.map(([path, body, staff = 200]): Case => ({
    method: 'POST',
    path: `/api/analysis/${path}`,
    body: JSON.stringify(body),
    public: 404,
    staff,
  })),
  // Refused before it is known whether there are any roads.
  { method: 'POST', path: '/api/analysis/route', body: '{"points":[]}', public: 400, staff: 400 },
  { method: 'GET', path: '/api/incidents', public: 200, staff: 200 },
  { method: 'GET', path: '/api/incidents/stats', public: 200, staff: 200 },
  { method: 'GET', path: '/api/incidents/999999999', public: 404, staff: 404 },
  { method: 'POST', path: '/api/incidents/999999999/close', public: 403, staff: 404 },
  { method: 'GET', path: '/api/notifications', public: 200, staff: 200 },
  { method: 'GET', path: '/api/notifications/subscriptions', public: 403, staff: 200 },
  {
    method: 'POST',
    path: '/api/notifications/subscriptions',
    body: '{"name":"x","channel":"email","target":{"to":"a@example.org"},"wants":{"kinds":["incident"]}}',
    public: 403,
    staff: 409,
  },
  {
    method: 'PATCH',
    path: '/api/notifications/subscriptions/999999',
    body: '{"active":true}',
    public: 403,
    staff: 404,
  },
  { method: 'DELETE', path: '/api/notifications/subscriptions/999999', public: 403, staff: 404 },
  { method: 'POST', path: '/api/notifications/subscriptions/999999/test', public: 403, staff: 404 },
  { method: 'GET', path: '/api/notifications/dead', public: 403, staff: 200 },
  { method: 'POST', path: `/api/notifications/dead/${NOBODY}/retry`, public: 403, staff: 404 },
  { method: 'POST', path: `/api/notifications/dead/${NOBODY}/discard`, public: 403, staff: 404 },
  { method: 'GET', path: '/api/incidents/999999999/reports', public: 404, staff: 404 },
  { method: 'GET', path: '/api/incidents/999999999/similar', public: 403, staff: 404 },
  { method: 'POST', path: '/api/incidents/999999999/link', body: '{"parent":999999998}', public: 403, staff: 404 },
  { method: 'POST', path: '/api/incidents/999999999/unlink', body: '{}', public: 403, staff: 404 },
  {
    method: 'POST',
    path: '/api/incidents/batch',
    body: '{"incidents":[{}]}',
    public: 403,
    // No micro-grids are loaded here.
    staff: 503,
  },
  {
    method: 'POST',
    path: '/api/incidents',
    body: JSON.stringify({
      key: 'access-1',
      source: 'test',
      category: '10101',
      title: 'x',
      severity: 0,
      lon: 113,
      lat: 23,
      occurredAt: '2026-01-01T00:00:00Z',
    }),
    public: 403,
    staff: 503,
  },
];

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  for (const [layer, rows] of [
    [lake, lakes],
    [shop, shops.slice(0, 50)],
    [resident, residents.slice(0, 50)],
  ] as const) {
    await publishFixture(db, layer, rows);
  }
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [lake, shop, resident]) await removeFixture(db, layer);
});

describe.each(cases)('$method $path', ({ method, path, body, ...expected }) => {
  const ask = (headers: Record<string, string>) => api.send(method, path, body, headers);
  const isOpen = path === '/healthz';

  it(`answers the public with ${expected.public}, with and without a token`, async () => {
    expect((await ask({})).status).toBe(expected.public);
    expect((await ask({ Authorization: `Bearer ${PUBLIC_TOKEN}` })).status).toBe(expected.public);
  });

  it(`answers staff with ${expected.staff}`, async () => {
    expect((await ask(STAFF)).status).toBe(expected.staff);
    expect((await ask({ Authorization: `bearer  ${STAFF_TOKEN} ` })).status).toBe(expected.staff);
  });

  it('refuses a wrong token, and tells nothing', async () => {
    for (const authorization of [
      'Bearer wrong',
      'Bearer',
      'Basic c3RhZmY6',
      STAFF_TOKEN,
      `Bearer ${STAFF_TOKEN}x`,
      '',
    ]) {
      const response = await ask({ Authorization: authorization });
      if (isOpen) {
        expect(response.status).toBe(200);
        continue;
      }
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      const answer = (await response.json()) as { error: Record<string, unknown> };
      expect(answer.error['code']).toBe('UNAUTHORIZED');
      expect(JSON.stringify(answer)).not.toContain(STAFF_TOKEN);
    }
  });

  it('answers what may not be seen like what does not exist', async () => {
    if (expected.public !== 404 || !`${path}${body}`.includes('api_')) return;
    const hidden = ((await (await ask({})).json()) as { error: { code: string; message: string } }).error;
    expect(hidden.code).toBe('LAYER_NOT_FOUND');
    expect(hidden.message).not.toMatch(/企业|人口|Enterprise|Person/);
  });
});

it('has a case for every route', async () => {
  const { paths } = (await (await api.get('/api/openapi.json')).json()) as { paths: Record<string, object> };
  const covered = cases.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  for (const [path, operations] of Object.entries(paths)) {
    // The stream stands in front of this app; its access is tested with the hub.
    if (path === '/api/live') continue;
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    for (const method of Object.keys(operations)) {
      const isCovered = covered.some((each) => {
        const [verb, address] = each.split(' ');
        return verb === method.toUpperCase() && pattern.test(address ?? '');
      });
      expect(isCovered, `${method} ${path}`).toBe(true);
    }
  }
});
