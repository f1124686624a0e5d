import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';
import { query, STAFF, testApi, type TestApi } from './api-fixture.ts';
import { publishFixture, removeFixture } from './layer-fixture.ts';
import { lake, lakes } from './routes/layers-data.ts';

interface Failure {
  error: { code: string; message: string; field?: string; value?: unknown; requestId: string };
}

let db: Database;
let api: TestApi;
const layer = { ...lake, id: 'api_app' };

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, layer, lakes);
  api = testApi(db, { defaultRole: 'staff' });
});
afterAll(async () => {
  await api.close();
  await removeFixture(db, layer);
});

async function countRows(): Promise<number> {
  return (await db.sql<[{ n: number }]>`select count(*)::int4 as n from layers.api_app`)[0].n;
}

function nested(depth: number): string {
  return `${'{"not":'.repeat(depth)}{"field":"usage","op":"null"}${'}'.repeat(depth)}`;
}

async function askHexagons(filter: string): Promise<Response> {
  return api.get(`/api/layers/api_app/h3?filter=${encodeURIComponent(filter)}`);
}

/** Checks the one shape of all failures, and returns the error. */
async function failure(response: Response, status: number, code: string): Promise<Failure['error']> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json/);
  const body = JSON.parse(text) as Failure;
  expect(Object.keys(body)).toEqual(['error']);
  expect(body.error.code).toBe(code);
  expect(body.error.message).toMatch(/\S/);
  expect(body.error.requestId).toBe(response.headers.get('X-Request-Id'));
  for (const key of Object.keys(body.error)) expect(['code', 'message', 'field', 'value', 'requestId']).toContain(key);
  expect(text).not.toMatch(/node_modules|\.ts:|at async/);
  return body.error;
}

const incident = {
  key: 'app-1',
  source: 'test',
  category: '10101',
  title: 'x',
  severity: 0,
  lon: 113,
  lat: 23,
  occurredAt: '2026-01-01T00:00:00Z',
};

describe('every failure has one shape', () => {
  it('for an address that does not exist', async () => {
    for (const path of [
      '/nope',
      '/api',
      '/api/nope',
      '/api/layers/api_app/nope',
      '/api/layers/a/b/c/d',
      '/api/%2e%2e/x',
      '/api//layers',
    ]) {
      await failure(await api.get(path), 404, 'ROUTE_NOT_FOUND');
    }
  });

  it('for a layer or feature that does not exist', async () => {
    expect(await failure(await api.get('/api/layers/nope'), 404, 'LAYER_NOT_FOUND')).toMatchObject({
      field: 'id',
      value: 'nope',
    });
    expect(await failure(await api.get('/api/layers/constructor'), 404, 'LAYER_NOT_FOUND')).toMatchObject({
      value: 'constructor',
    });
    await failure(await api.get('/api/layers/api_app/features/77777'), 404, 'FEATURE_NOT_FOUND');
  });

  it('for a method that is not possible', async () => {
    for (const [method, path] of [
      ['DELETE', '/api/layers'],
      ['POST', '/api/layers/api_app/features'],
      ['PUT', '/api/incidents'],
      ['PATCH', '/healthz'],
    ] as const) {
      const response = await api.send(method, path);
      expect(response.headers.get('Allow')).toMatch(/GET/);
      await failure(response, 405, 'METHOD_NOT_ALLOWED');
    }
  });

  it('for a parameter that is not valid', async () => {
    expect(
      await failure(await api.get('/api/layers/api_app/features?limit=many'), 400, 'PARAMETER_INVALID'),
    ).toMatchObject({ field: 'limit', value: 'many' });
    expect(await failure(await api.get('/api/layers/api_app/features?cursor=x'), 400, 'CURSOR_INVALID')).toMatchObject({
      field: 'cursor',
      value: 'x',
    });
    expect(await failure(await api.get('/api/layers/api_app/h3?res=99'), 400, 'PARAMETER_INVALID')).toMatchObject({
      field: 'res',
      value: '99',
    });
    await failure(await api.get(`/api/layers/${'x'.repeat(65)}`), 400, 'PARAMETER_INVALID');
  });

  it('for a body that is not JSON, not of the shape, not of the type, or too large', async () => {
    await failure(await api.send('POST', '/api/incidents', '{"key":'), 400, 'BODY_MALFORMED');
    await failure(await api.send('POST', '/api/incidents', ''), 400, 'BODY_MALFORMED');
    const { title: _, ...untitled } = incident;
    expect(
      await failure(await api.send('POST', '/api/incidents', JSON.stringify(untitled)), 400, 'BODY_INVALID'),
    ).toMatchObject({ field: 'title' });
    expect(
      await failure(
        await api.send('POST', '/api/incidents', JSON.stringify({ ...incident, lon: 'east' })),
        400,
        'BODY_INVALID',
      ),
    ).toMatchObject({ field: 'lon', value: 'east' });
    const extra = await failure(
      await api.send('POST', '/api/incidents', JSON.stringify({ ...incident, drop: 1 })),
      400,
      'BODY_INVALID',
    );
    expect(extra.message).toMatch(/drop/);
    await failure(await api.send('POST', '/api/incidents', '[]'), 400, 'BODY_INVALID');
    await failure(
      await api.send('POST', '/api/incidents', '<a/>', { 'Content-Type': 'text/xml' }),
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    );
    const large = JSON.stringify({ incidents: ['x'.repeat(10 * 1024 * 1024)] });
    await failure(await api.send('POST', '/api/incidents/batch', large), 413, 'BODY_TOO_LARGE');
    // Also when the length is not announced.
    const stream = new Blob([large]).stream();
    const response = await api.send('POST', '/api/incidents/batch', stream);
    await failure(response, 413, 'BODY_TOO_LARGE');
  });

  it('for what nobody expected: logged in full, answered plainly', async () => {
    await db.sql`alter table layers.api_app rename column floors to floors_gone`;
    try {
      const response = await api.get(
        `/api/layers/api_app/features${query({ filter: { field: 'floors', op: '=', value: 1 } })}`,
      );
      const { requestId, message } = await failure(response, 500, 'INTERNAL');
      expect(message).not.toMatch(/floors/);
      const line = api.logged.find((each) => each.includes(requestId)) ?? '';
      expect(JSON.parse(line)).toMatchObject({
        requestId,
        path: '/api/layers/api_app/features',
        err: { message: expect.stringContaining('floors'), stack: expect.stringContaining('at ') },
      });
    } finally {
      await db.sql`alter table layers.api_app rename column floors_gone to floors`;
    }
    // A fill of the column store that began meanwhile may still fail once.
    await expect.poll(async () => (await api.get('/api/layers/api_app/features')).status).toBe(200);
    api.logged.length = 0;
  });
});

describe('hostile input is just input', () => {
  const ATTACKS = [
    "'; drop table layers.api_app; --",
    '1 or 1=1',
    "') union select * from pg_user --",
    '"; select pg_sleep(10); --',
    '${process.exit(1)}',
    'c0[0];process.exit(1)',
    '../../../../etc/passwd',
    '%00',
    '\u0000',
    '𠮷'.repeat(500),
    '{{7*7}}',
    '-1',
    '1e309',
    'NaN',
    '[object Object]',
  ];

  it('in every parameter of every route', async () => {
    expect(await countRows()).toBe(40);
    for (const attack of ATTACKS) {
      const text = encodeURIComponent(attack);
      for (const path of [
        `/api/layers/${text}`,
        `/api/layers/api_app/features/${text}`,
        `/api/layers/api_app/features?bbox=${text}`,
        `/api/layers/api_app/features?limit=${text}`,
        `/api/layers/api_app/features?cursor=${text}`,
        `/api/layers/api_app/features?filter=${text}`,
        `/api/layers/api_app/h3?res=${text}`,
        `/api/layers/api_app/cells?by=${text}`,
        `/api/layers/api_app/tiles/${text}/1/1`,
        `/api/layers/api_app/tiles/1/${text}/1`,
        `/api/layers/api_app/tiles/1/1/${text}`,
        `/api/tiles/${text}/1/1/1`,
        `/api/incidents/${text}`,
        `/api/incidents?town=${text}`,
        `/api/incidents/stats?by=${text}`,
      ]) {
        const response = await api.get(path);
        expect([400, 404], `${path} → ${response.status} ${await response.text()}`).toContain(response.status);
      }
      // As values these are only values: nothing equals them.
      for (const filter of [
        { field: 'usage', op: '=', value: attack },
        { field: 'usage', op: 'like', value: attack },
        { field: 'usage', op: 'in', value: [attack, 'x'] },
        { field: 'usage', op: 'contains', value: attack },
      ]) {
        for (const path of ['features', 'h3', 'cells', 'tiles/1/1/1']) {
          const response = await api.get(`/api/layers/api_app/${path}${query({ filter })}`);
          expect(
            [200, 204, ...(attack.includes('\0') || attack.length > 500 ? [400] : [])],
            await response.text(),
          ).toContain(response.status);
        }
      }
      for (const filter of [
        { field: attack, op: '=', value: 1 },
        { field: 'usage', op: attack, value: 1 },
        { [attack]: 1 },
        { cells: { by: 'grid', codes: [attack] } },
      ]) {
        const response = await api.get(`/api/layers/api_app/features${query({ filter })}`);
        // A code is letters and digits; `NaN` happens not to be one, but could be.
        if (response.status !== 200) await failure(response, 400, 'FILTER_INVALID');
        else expect(await response.json()).toMatchObject({ numberMatched: 0 });
      }
    }
    expect(await countRows()).toBe(40);
    expect(api.logged).toEqual([]);
  });

  it('with U+0000, where only the database would see it, is named', async () => {
    const error = await failure(await api.get('/api/readings/rejects?code=%00x', STAFF), 400, 'PARAMETER_INVALID');
    expect(error).toMatchObject({ field: 'code', value: '\0x' });
    const subscription = {
      name: 'n',
      channel: 'inapp',
      target: {},
      wants: { kinds: ['alarm'], stages: ['closed', 'a\0b'] },
    };
    const response = await api.send('POST', '/api/notifications/subscriptions', JSON.stringify(subscription), {
      ...STAFF,
      'Content-Type': 'application/json',
    });
    expect(await failure(response, 400, 'BODY_INVALID')).toMatchObject({ field: 'wants.stages.1', value: 'a\0b' });
    expect(api.logged).toEqual([]);
  });

  it('as a filter of great depth, width or length', async () => {
    expect((await askHexagons(nested(19))).status).toBe(200);
    for (const filter of [
      nested(20),
      nested(10_000),
      '['.repeat(90_000),
      `{"or":[${'{"field":"usage","op":"null"},'.repeat(600)}{"field":"usage","op":"null"}]}`,
      ' '.repeat(100_001),
    ]) {
      await failure(await askHexagons(filter), 400, 'FILTER_INVALID');
    }
  });
});

describe('every answer', () => {
  it('has the security headers and a request id', async () => {
    for (const path of ['/api/layers', '/nope', '/api/layers/nope']) {
      const { headers } = await api.get(path);
      expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'self'; script-src 'self';/);
      expect(headers.get('Content-Security-Policy')).not.toMatch(/unsafe-eval/);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await api.get('/api/status', { 'X-Request-Id': 'from-the-proxy-1' })).headers.get('X-Request-Id')).toBe(
      'from-the-proxy-1',
    );
  });

  it('of JSON is compressed for who takes it, and never cached without a rule', async () => {
    const response = await api.get('/api/layers', { ...STAFF, 'Accept-Encoding': 'gzip' });
    expect(response.headers.get('Content-Encoding')).toBe('gzip');
    expect((await api.get('/api/status')).headers.get('Cache-Control')).toBe('no-store');
    expect((await api.get('/api/nope')).headers.get('Cache-Control')).toBe('no-store');
  });
});

describe('a database that is away', () => {
  it('is said to be away, in the one shape, and found again', async () => {
    // A driver of its own that leads nowhere, then somewhere: the API itself is not restarted.
    const away = postgres('postgres://nobody@127.0.0.1:9/none', {
      max: 2,
      connect_timeout: 2,
      backoff: () => 0.05,
      onnotice: () => {},
    });
    let isAway = true;
    const sql = new Proxy(db.sql, {
      apply: (target, self, args: unknown[]) => Reflect.apply(isAway ? away : target, self, args) as unknown,
      get: (target, name) => Reflect.get(isAway ? away : target, name) as unknown,
    });
    const broken = testApi({ ...db, sql });
    for (const path of [
      '/api/layers',
      '/api/layers/api_app',
      '/api/layers/api_app/features',
      '/api/status',
      '/api/incidents',
    ]) {
      const response = await broken.get(path, STAFF);
      expect(response.headers.get('Retry-After')).toBe('2');
      await failure(response, 503, 'DATABASE_UNAVAILABLE');
    }
    const health = await broken.get('/healthz');
    expect([health.status, await health.json()]).toEqual([503, { status: 'database unavailable' }]);
    // What needs no database still works.
    await failure(await broken.get('/api/layers/x/tiles/99/1/1'), 400, 'TILE_INVALID');

    isAway = false;
    expect((await broken.get('/healthz')).status).toBe(200);
    expect((await broken.get('/api/layers/api_app/features')).status).toBe(200);
    await broken.close();
    await away.end({ timeout: 0 });
  });
});
