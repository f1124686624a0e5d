import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { ErrorBody, PositionReceipt, Positions } from '../../../server/app.ts';
import { createCatalogue } from '../../../server/catalogue.ts';
import type { Database } from '../../../server/db/connect.ts';
import { Duties } from '../../../server/duty/duties.ts';
import { takeOnGtfsFeed } from '../../../server/sensors/gtfs-feed.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { gtfsFeed } from '../../support/gtfs-feed.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';

const PREFIX = 'TEST-';
let db: Database;
let api: TestApi;
const clean = async (): Promise<void> => {
  await db.sql`delete from app.position where starts_with(vehicle, ${PREFIX})`;
  await db.sql`delete from app.position_latest where starts_with(vehicle, ${PREFIX})`;
};

beforeAll(async () => {
  db = await testDatabase();
  await clean();
  api = testApi(db);
});
afterAll(async () => {
  await clean();
  await api.close();
});

const bus = (vehicle: string, at: number, more: object = {}) => ({
  kind: 'bus_position',
  vehicle: `${PREFIX}${vehicle}`,
  at,
  lon: 113.1,
  lat: 23.02,
  ...more,
});

const feed = (vehicle: string, at: number) =>
  gtfsFeed({
    timestamp: Math.floor(at / 1000),
    vehicles: [{ entity: 'a', id: `${PREFIX}${vehicle}`, route: 'BR0001', lat: 23, lon: 113.1, speed: 5, bearing: 10 }],
  });

async function send(positions: unknown, status = 200): Promise<PositionReceipt> {
  const response = await api.send('POST', '/api/positions', JSON.stringify(positions), STAFF);
  expect(response.status).toBe(status);
  return (await response.json()) as PositionReceipt;
}

async function read(parameters: Record<string, string | number> = {}, headers = STAFF as Record<string, string>) {
  const response = await api.get(`/api/positions${query(parameters)}`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as Positions;
}

describe('positions', () => {
  test('are a list, and nothing else is one', async () => {
    for (const body of [undefined, '{}', '"x"', 'null']) {
      const response = await api.send('POST', '/api/positions', body, STAFF);
      expect(response.status, body).toBe(400);
      expect(((await response.json()) as ErrorBody).error.code).toBe('BODY_INVALID');
    }
  });

  test('have speeds and directions that the database can write, however small', async () => {
    const at = Date.now() - 3000;
    const sent = bus('small', at, { speed: 7.2e-253, bearing: 1e-42 });
    expect(await send([sent])).toMatchObject({ stored: 1, rejected: [] });
    const [row] = await db.sql`
      select speed, bearing from app.position_latest where vehicle = ${`${PREFIX}small`}`;
    expect(row?.['speed']).toBe(0);
    expect(row?.['bearing']).toBeCloseTo(0, 12);
  });

  test('are the newest of each vehicle, whatever order they come in, and only those heard of since a cursor', async () => {
    const now = Date.now();
    const { cursor: before } = await read();
    const sent = [bus('1', now - 5000), bus('1', now - 1000, { lon: 113.11, speed: 30, bearing: 90, label: '109' })];
    expect(await send(sent)).toMatchObject({ stored: 2, known: 0, rejected: [] });
    expect(await send([sent[0], bus('2', now - 2000)])).toMatchObject({ stored: 1, known: 1 });
    const answer = await read({ since: before, kinds: 'bus_position' });
    expect(answer.full).toBe(before === 0);
    expect(answer.label.toSorted()).toEqual(['109', `${PREFIX}2`]);
    const one = answer.label.indexOf('109');
    expect([answer.at[one], answer.lon[one], answer.lat[one], answer.speed[one], answer.bearing[one]]).toEqual([
      now - 1000,
      113.11,
      23.02,
      30,
      90,
    ]);
    expect((await read({ since: answer.cursor })).ids).toEqual([]);
    await send([bus('2', now)]);
    const next = await read({ since: answer.cursor });
    expect(next.at).toEqual([now]);
    expect(next.full).toBe(false);
    // A cursor of another database: everything is new.
    expect((await read({ since: next.cursor + 1000 })).full).toBe(true);
  });

  test('come with where vehicles were before, in an area', async () => {
    const now = Date.now();
    await send([3, 2, 1, 0].map((i) => bus('trail', now - i * 10_000, { lon: 113.2 + i / 1000 })));
    await send([bus('trail', now - 400_000)]);
    const answer = await read({ trail: 300, bbox: '113.19,23,113.3,23.1', kinds: 'bus_position' });
    expect(answer.ids).toHaveLength(1);
    expect(answer.trails).toEqual([
      {
        id: answer.ids[0],
        at: [3, 2, 1, 0].map((i) => now - i * 10_000),
        lon: [113.203, 113.202, 113.201, 113.2],
        lat: [23.02, 23.02, 23.02, 23.02],
      },
    ]);
  });

  test('of staff are for staff, and name nobody there either', async () => {
    const at = Date.now();
    await send([
      { ...bus('WG000001', at), kind: 'grid_staff_position', label: '王小明' },
      { ...bus('XL0001', at), kind: 'patrol_position' },
    ]);
    const shown = await read({ kinds: 'grid_staff_position,patrol_position' });
    const mask = getLayer('grid_staff_position').fields['staff_id']?.mask;
    expect(mask).toBe('code');
    expect(shown.label.some((label) => label.includes('WG000001') || label.includes('王'))).toBe(false);
    expect(shown.label).toContain(`${PREFIX}XL0001`);
    expect(JSON.stringify(shown)).not.toContain('WG000001');
    const open = await read({}, {});
    expect(open.kinds.map(({ id }) => id)).toContain('bus_position');
    expect(open.kinds.map(({ id }) => id)).not.toContain('patrol_position');
    expect(open.label.join()).not.toContain('XL0001');
    const hidden = await api.get('/api/positions?kinds=patrol_position');
    expect([hidden.status, ((await hidden.json()) as ErrorBody).error.code]).toEqual([404, 'LAYER_NOT_FOUND']);
  });

  test('are checked one by one', async () => {
    const now = Date.now();
    const good = bus('checked', now);
    const cases: [string | null, unknown][] = [
      [null, good],
      ['UNKNOWN_KIND', { ...good, kind: 'park' }],
      ['BODY_INVALID', { ...good, vehicle: '' }],
      ['BODY_INVALID', { ...good, vehicle: 'a\u0000' }],
      ['BODY_INVALID', { ...good, lon: '113' }],
      ['BODY_INVALID', { ...good, lat: 91 }],
      ['BODY_INVALID', { ...good, at: 'now' }],
      ['BODY_INVALID', { ...good, driver: '张三' }],
      ['BODY_INVALID', 7],
      ['OUT_OF_RANGE', { ...good, speed: 121 }],
      ['OUT_OF_RANGE', { ...good, bearing: 361 }],
      ['IN_THE_FUTURE', { ...good, at: now + 400_000 }],
      ['TOO_OLD', { ...good, at: now - 8 * 86_400_000 }],
    ];
    const { stored, rejected } = await send(cases.map(([, input]) => input));
    expect(stored).toBe(1);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual(
      cases.flatMap(([code], index) => (code === null ? [] : [[index, code]])),
    );
    await send({ kind: 'bus_position' }, 400);
    const denied = await api.send('POST', '/api/positions', '[]');
    expect(denied.status).toBe(403);
  });

  test('are answered with 304 until somebody moves', async () => {
    const path = '/api/positions?kinds=bus_position';
    const tag = (await api.get(path)).headers.get('ETag')!;
    expect((await api.get(path, { 'If-None-Match': tag })).status).toBe(304);
    await send([bus('moves', Date.now())]);
    expect((await api.get(path, { 'If-None-Match': tag })).status).toBe(200);
  });
});

describe('GTFS Realtime', () => {
  test('is taken as a body', async () => {
    const type = { ...STAFF, 'Content-Type': 'application/x-protobuf' };
    const body = Buffer.from(feed('GTFS', Date.now()));
    const response = await api.send('POST', '/api/positions', body, type);
    expect(await response.json()).toMatchObject({ stored: 1, rejected: [] });
    const answer = await read({ kinds: 'bus_position' });
    expect(answer.speed[answer.label.indexOf('BR0001')]).toBeCloseTo(18, 5);
    const broken = await api.send('POST', '/api/positions', 'no protobuf', type);
    expect([broken.status, ((await broken.json()) as ErrorBody).error.code]).toEqual([400, 'BODY_MALFORMED']);
  });

  test('is asked for again and again', async () => {
    const server: Server = createServer((_, response) => response.end(feed('POLLED', Date.now())));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vehicles.pb`;
    const log = pino({ level: 'silent' });
    const catalogue = createCatalogue(db.sql, { log });
    const duties = new Duties({ sql: db.sql, onError: (_, cause) => expect.unreachable(String(cause)) });
    try {
      await takeOnGtfsFeed(duties, catalogue, url, log);
      await until(
        'the position',
        async () => (await db.sql`select from app.position_latest where vehicle = ${`${PREFIX}POLLED`}`).length === 1,
      );
    } finally {
      await duties.close();
      await catalogue.close();
      server.close();
      await db.sql`delete from app.duty where strpos(name, ${url}) > 0`;
    }
  });
});
