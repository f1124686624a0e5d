import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake, lakes, shop, shops, tilePath } from './layers-data.ts';

const open: Layer = { ...lake, id: 'quick_lake' };
const staffOnly: Layer = { ...shop, id: 'quick_shop' };

let db: Database;
let api: TestApi;
let server: Server;
let load: number;
/** Requests that went the long way. */
let behind = 0;

beforeAll(async () => {
  db = await testDatabase();
  load = await publishFixture(db, open, lakes);
  await publishFixture(db, staffOnly, shops);
  api = testApi(db);
  const answer = getRequestListener(api.fetch);
  server = createServer((request, response) => {
    if (api.quickTile.answer(request, response)) return;
    behind += 1;
    void answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await vi.waitFor(async () => expect((await api.get(`/api/layers/${open.id}`)).status).toBe(200), 10_000);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
  for (const layer of [open, staffOnly]) await removeFixture(db, layer);
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
  isQuick: boolean;
}

/** With nothing between: neither a cache nor what unpacks the body. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  // What is known of the layers is a few seconds old at most, or the request goes the long way.
  await api.get('/api/layers', STAFF);
  const before = behind;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          isQuick: behind === before,
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

const OF_THIS_ANSWER = ['date', 'x-request-id'];

/** Headers without those that are never the same twice. */
function lasting(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THIS_ANSWER.includes(name)));
}

const HERE = lakes[0]?.at ?? [0, 0];

it.each([
  { name: 'a tile', path: () => `/api/layers/quick_lake/tiles/${tilePath(HERE, 13)}`, status: 200 },
  {
    name: 'with its load',
    path: () => `/api/layers/quick_lake/tiles/${tilePath(HERE, 15)}.mvt?v=${load}`,
    status: 200,
  },
  { name: 'with another load', path: () => `/api/layers/quick_lake/tiles/${tilePath(HERE, 15)}.pbf?v=1`, status: 200 },
  { name: 'an empty one', path: () => '/api/layers/quick_lake/tiles/15/1/1', status: 204 },
  { name: 'for staff', path: () => `/api/layers/quick_shop/tiles/${tilePath(HERE, 14)}`, status: 200, token: STAFF },
  { name: 'compressed', path: () => `/api/layers/quick_lake/tiles/${tilePath(HERE, 13)}`, status: 200, gzip: true },
])('answers as the route does: $name', async ({ path, status, token, gzip }) => {
  const headers = { ...token, ...(gzip ? { 'Accept-Encoding': 'gzip' } : {}) };
  const quick = await ask(path(), headers);
  // Who names the request is answered by the route.
  const slow = await ask(path(), { ...headers, 'X-Request-Id': 'named' });
  expect([quick.isQuick, slow.isQuick]).toEqual([true, false]);
  expect([quick.status, slow.status]).toEqual([status, status]);
  expect(lasting(quick.headers)).toEqual(lasting(slow.headers));
  expect(quick.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  const [plain, other] = [quick.body, slow.body].map((body) => (gzip ? gunzipSync(body) : body));
  expect(plain).toEqual(other);
  expect(plain?.length).toBeGreaterThan(status === 200 ? 100 : -1);
  const again = await ask(path(), { ...headers, 'If-None-Match': String(quick.headers['etag']) });
  const slowAgain = await ask(path(), {
    ...headers,
    'If-None-Match': String(quick.headers['etag']),
    'X-Request-Id': 'n',
  });
  expect([again.status, again.isQuick, slowAgain.status]).toEqual([304, true, 304]);
  expect(lasting(again.headers)).toEqual(lasting(slowAgain.headers));
});

it('leaves everything else to the routes, which say what is wrong', async () => {
  const tile = `/api/layers/quick_lake/tiles/${tilePath(HERE, 13)}`;
  for (const [path, status, headers] of [
    [`${tile}?filter={"field":"floors","op":">","value":2}`, 200],
    [`${tile}?labels=1`, 200],
    [`${tile}?at=2020-01-01`, 404],
    [`${tile}?v=1&v=2`, 200],
    ['/api/layers/quick_lake/tiles/30/1/1', 400],
    ['/api/layers/quick_lake/tiles/3/99/1', 400],
    ['/api/layers/nothing_like_it/tiles/3/1/1', 404],
    [`/api/layers/quick_shop/tiles/${tilePath(HERE, 14)}`, 404],
    [tile, 401, { Authorization: 'Bearer nobody-knows-this-one' }],
    ['/api/layers/dem/tiles/3/1/1', 404],
  ] as [string, number, Record<string, string>?][]) {
    const answer = await ask(encodeURI(path), headers);
    expect({ path, isQuick: answer.isQuick }).toEqual({ path, isQuick: false });
    if (!path.includes('v=1&v=2')) expect({ path, status: answer.status }).toEqual({ path, status });
  }
  expect((await ask(tile, {}, 'HEAD')).isQuick).toBe(false);
});

it('answers a failure as every route does', async () => {
  const tile = `/api/layers/quick_lake/tiles/${tilePath(HERE, 13)}`;
  await db.sql`alter table layers.quick_lake rename to quick_lake_away`;
  try {
    const quick = await ask(tile);
    const slow = await ask(tile, { 'X-Request-Id': 'named' });
    expect([quick.isQuick, quick.status]).toEqual([true, slow.status]);
    expect(quick.status).toBeGreaterThanOrEqual(500);
    const { 'content-length': _length, ...headers } = lasting(slow.headers);
    expect(lasting(quick.headers)).toMatchObject(headers);
    const [mine, other] = [quick, slow].map(({ body }) => JSON.parse(body.toString()) as { error: object });
    expect(mine).toEqual({ error: { ...other?.error, requestId: quick.headers['x-request-id'] } });
    expect(api.logged.filter((line) => line.includes('quick_lake'))).not.toHaveLength(0);
  } finally {
    await db.sql`alter table layers.quick_lake_away rename to quick_lake`;
  }
  expect((await ask(tile)).status).toBe(200);
});
