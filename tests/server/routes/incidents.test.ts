import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Incident,
  IncidentBatchReceipt,
  IncidentReceipt,
  IncidentSnapshot,
} from '../../../server/contract/incidents.ts';
import type { IncidentStats } from '../../../server/contract/indicators.ts';
import type { LiveEvent } from '../../../server/contract/live.ts';
import type { Database, Sql } from '../../../server/db/connect.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { followGrids, type GridSource } from '../../../server/incidents/grid-source.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { closeIncident, ingestBatch } from '../../../server/incidents/store.ts';
import { parseCursor } from '../../../server/live/cursor.ts';
import { readLog } from '../../../server/live/log.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncidents } from '../../support/incidents.ts';
import { publishSquareGrids, removeSquareGrids } from '../../support/square-grids.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
let grids: GridSource;
const run = Math.random().toString(36).slice(2, 8);
let made = 0;

beforeAll(async () => {
  db = await testDatabase();
  await publishSquareGrids(db.sql);
  grids = await followGrids(db.sql, (cause) => {
    throw cause;
  });
  api = testApi(db, { intake: new Intake(db.sql, { grids: () => grids.current() }) });
});
afterAll(async () => {
  await api.close();
  await grids.close();
  await removeSquareGrids(db.sql);
});

/** What a reporting system sends, with a key of its own. */
function input(changes: object = {}): Record<string, unknown> {
  made += 1;
  return {
    key: `route-${run}-${made}`,
    source: `route-${run}`,
    category: '06010',
    title: '暴露垃圾',
    severity: 3,
    lon: 113.105,
    lat: 23.005,
    occurredAt: '2026-11-22T08:00:00+08:00',
    ...changes,
  };
}

async function post<T>(path: string, body: unknown, headers: object = STAFF, to = api): Promise<[number, T]> {
  const answer = await to.send('POST', path, JSON.stringify(body), { ...headers });
  return [answer.status, (await answer.json()) as T];
}

/** Like `post`, for failures: with `Retry-After`. */
async function postLater(path: string, body: unknown, to: TestApi): Promise<[number, string, string | null]> {
  const answer = await to.send('POST', path, JSON.stringify(body), STAFF);
  const { error } = (await answer.json()) as Partial<Failure>;
  return [answer.status, error?.code ?? '', answer.headers.get('Retry-After')];
}

async function get<T>(path: string, headers: object = STAFF): Promise<[number, T]> {
  const answer = await api.get(path, { ...headers });
  return [answer.status, (await answer.json()) as T];
}

/** Over HTTP it is unpacked on the way. */
async function receiptIn(answer: Response): Promise<IncidentBatchReceipt> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  return JSON.parse(String(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes)) as IncidentBatchReceipt;
}

/** Headers that tell one answer from another. */
const OF_ONE_ANSWER = new Set(['content-length', 'date', 'vary', 'content-encoding', 'transfer-encoding']);

interface Failure {
  error: { code: string; field?: string; value?: unknown; message: string };
}

/** `in the framework`, and as the service is asked, where a report that can be stored goes by a shorter way. */
describe.each(['in the framework', 'over HTTP'])('%s:', (way) => {
  const reach = (to: TestApi): Promise<TestApi> => (way === 'over HTTP' ? to.overHttp() : Promise.resolve(to));
  let before: TestApi;
  beforeAll(async () => {
    before = api;
    api = await reach(testApi(db, { intake: new Intake(db.sql, { grids: () => grids.current() }) }));
  });
  afterAll(async () => {
    await api.close();
    api = before;
  });

  describe('POST /api/incidents', () => {
    test('201 for a new one, 200 for the same again, and it is there', async () => {
      const body = input();
      const [created, receipt] = await post<IncidentReceipt>('/api/incidents', body);
      expect(created).toBe(201);
      expect(receipt).toEqual({ id: expect.any(Number), key: body['key'], isNew: true, grid: '440604012001W005' });
      expect(await post('/api/incidents', body)).toMatchObject([200, { ...receipt, isNew: false }]);
      const [found, incident] = await get<Incident>(`/api/incidents/${receipt.id}`);
      expect(found).toBe(200);
      expect(incident).toMatchObject({
        state: 'open',
        town: '440604012000',
        community: '440604012001',
        categoryTitle: { zh: '暴露垃圾', en: 'Exposed rubbish' },
        occurredAt: '2026-11-22T00:00:00.000Z',
      });
      expect(Date.now() - Date.parse(incident.receivedAt)).toBeLessThan(60_000);
      expect(Date.parse(incident.dueAt ?? '')).toBeGreaterThan(Date.parse(incident.receivedAt));
    });

    test('the same key a hundred times at once is one incident', async () => {
      const body = input();
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => post<IncidentReceipt>('/api/incidents', body)),
      );
      expect(answers.filter(([status]) => status === 201)).toHaveLength(1);
      expect(answers.filter(([status]) => status === 200)).toHaveLength(99);
      expect(new Set(answers.map(([, receipt]) => receipt.id)).size).toBe(1);
    });

    test('the same key with other content is refused and changes nothing', async () => {
      const body = input();
      const [, receipt] = await post<IncidentReceipt>('/api/incidents', body);
      const [status, failure] = await post<Failure>('/api/incidents', { ...body, title: 'other' });
      expect([status, failure.error]).toMatchObject([409, { code: 'KEY_REUSED', field: 'key', value: body['key'] }]);
      expect(failure.error.message).toContain(String(receipt.id));
      expect(await get(`/api/incidents/${receipt.id}`)).toMatchObject([200, { title: '暴露垃圾' }]);
    });

    test.each([
      [422, 'OUTSIDE_DISTRICT', 'lon', { lon: 113.0, lat: 22.95 }],
      [422, 'UNKNOWN_CATEGORY', 'category', { category: '99999' }],
      [422, 'IN_THE_FUTURE', 'occurredAt', { occurredAt: '2199-01-01T00:00:00Z' }],
      [400, 'BODY_INVALID', 'lat', { lat: 123 }],
      [400, 'BODY_INVALID', 'severity', { severity: 'high' }],
      [400, 'BODY_INVALID', 'title', { title: 'a\0b' }],
      [400, 'BODY_INVALID', 'key', { key: '' }],
    ])('%i %s naming %s', async (status, code, field, changes) => {
      const body = input(changes);
      expect(await post('/api/incidents', body)).toMatchObject([status, { error: { code, field } }]);
      const rows = await db.sql`select from app.incident where key = ${String(body['key'])}`;
      expect(rows).toHaveLength(0);
    });

    test('a body that is no JSON', async () => {
      const answer = await api.send('POST', '/api/incidents', '{"key":', STAFF);
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'BODY_MALFORMED' } }]);
    });

    test('only staff report and close', async () => {
      for (const path of ['/api/incidents', '/api/incidents/batch', '/api/incidents/1/close']) {
        const body = path.endsWith('batch') ? { incidents: [input()] } : input();
        expect(await post(path, body, {})).toMatchObject([403, { error: { code: 'FORBIDDEN' } }]);
      }
    });

    test('what is answered carries the same headers, whichever way it goes', async () => {
      const headers = { ...STAFF, 'X-Request-Id': 'from-a-proxy' };
      const answers = [
        await api.send('POST', '/api/incidents', JSON.stringify(input()), headers),
        await api.send('POST', '/api/incidents', JSON.stringify(input({ lon: 113, lat: 22.95 })), headers),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 422]);
      const [stored, refused] = answers.map((answer) => Object.fromEntries(answer.headers)) as [object, object];
      expect(stored).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
      expect(stored).toMatchObject({ 'x-request-id': 'from-a-proxy', 'x-frame-options': 'SAMEORIGIN' });
      // What the framework may compress differs by what is accepted; the shorter way compresses nothing.
      expect('vary' in stored).toBe(way === 'in the framework');
      for (const [name, value] of Object.entries(refused)) {
        if (!OF_ONE_ANSWER.has(name)) expect(stored).toHaveProperty(name, value);
      }
    });

    test('the way of unusual requests: a token that is unknown, another type, a body in pieces, an address', async () => {
      const body = JSON.stringify(input());
      const unknown = await api.send('POST', '/api/incidents', body, { Authorization: 'Bearer nobody' });
      expect([unknown.status, unknown.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
      const text = await api.send('POST', '/api/incidents', body, { ...STAFF, 'Content-Type': 'text/plain' });
      expect([text.status, await text.json()]).toMatchObject([415, { error: { code: 'MEDIA_TYPE_UNSUPPORTED' } }]);
      const merged = await api.send('POST', '/api/incidents', body, { ...STAFF, 'Content-Type': 'application/x+json' });
      expect(merged.status).toBe(201);
      const pieces = await api.send('POST', '/api/incidents', new Blob([JSON.stringify(input())]).stream(), STAFF);
      expect(pieces.status).toBe(201);
      const { lon: _lon, lat: _lat, ...rest } = input({ address: '无此路 1 号' });
      expect(await post('/api/incidents', rest)).toMatchObject([422, { error: { code: 'ADDRESS_UNKNOWN' } }]);
    });

    test('a message that is refused is kept once, as it came', async () => {
      for (const changes of [{ category: '99999' }, { severity: 'high' }]) {
        const body = JSON.stringify(input(changes));
        await api.send('POST', '/api/incidents', body, STAFF);
        const kept = await db.sql`
        select outcome, sender is not null as known from app.intake_message where body = ${Buffer.from(body)}`;
        expect(kept).toEqual([{ outcome: 'refused', known: true }]);
      }
    });

    test.runIf(way === 'over HTTP')('a sender who leaves in the middle of a body has reported nothing', async () => {
      const left = input();
      const body = JSON.stringify(left);
      const { hostname, port } = new URL((await api.get('/healthz')).url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /api/incidents HTTP/1.1\r\nHost: x\r\nAuthorization: ${STAFF.Authorization}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
      );
      await pause(50);
      socket.destroy();
      expect((await post('/api/incidents', input()))[0]).toBe(201);
      expect(await db.sql`select from app.incident where key = ${String(left['key'])}`).toHaveLength(0);
    });
  });

  describe('when it cannot be stored now', () => {
    test('429 with Retry-After while the queue is full; nothing refused is stored, nothing stored is lost', async () => {
      const small = await reach(
        testApi(db, { intake: new Intake(db.sql, { grids: () => grids.current(), maxQueue: 2 }) }),
      );
      const bodies = Array.from({ length: 30 }, () => input());
      const answers = await Promise.all(bodies.map((body) => postLater('/api/incidents', body, small)));
      await small.close();
      const statuses = answers.map(([status]) => status);
      expect(new Set(statuses)).toEqual(new Set([201, 429]));
      expect(answers.find(([status]) => status === 429)).toEqual([429, 'OVERLOADED', '1']);
      const keys = bodies.map((body) => String(body['key']));
      const rows = await db.sql<{ key: string }[]>`select key from app.incident where key = any(${keys})`;
      expect(rows.map((row) => row.key).toSorted()).toEqual(keys.filter((_, i) => statuses[i] === 201).toSorted());
    });

    test('503 while there are no micro-grids', async () => {
      const early = await reach(testApi(db, { intake: new Intake(db.sql, { grids: () => undefined }) }));
      expect(await postLater('/api/incidents', input(), early)).toEqual([503, 'NOT_READY', '2']);
      await early.close();
    });

    test('503 while the database is away', async () => {
      const nowhere = postgres('postgres://127.0.0.1:1/none', { connect_timeout: 1 }) as unknown as Sql;
      const cut = await reach(testApi(db, { intake: new Intake(nowhere, { grids: () => grids.current() }) }));
      for (const [path, body] of [
        ['/api/incidents', input()],
        ['/api/incidents/batch', { incidents: [input(), input()] }],
      ] as const) {
        expect(await postLater(path, body, cut)).toEqual([503, 'DATABASE_UNAVAILABLE', '2']);
      }
      await cut.close();
      await nowhere.end();
    });
  });

  describe('POST /api/incidents/batch', () => {
    test('bad ones are named by index, good neighbours are stored', async () => {
      const known = input();
      await post('/api/incidents', known);
      const incidents = [
        input(),
        input({ lat: 200 }),
        known,
        'rubbish',
        input({ lon: 113.0, lat: 22.95 }),
        { ...known, title: 'other' },
        input(),
      ];
      const [status, receipt] = await post<IncidentBatchReceipt>('/api/incidents/batch', { incidents });
      expect(status).toBe(200);
      expect(receipt).toMatchObject({ accepted: 2, duplicates: 1 });
      expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
        [1, 'BODY_INVALID', 'lat'],
        [3, 'BODY_INVALID', undefined],
        [4, 'OUTSIDE_DISTRICT', 'lon'],
        [5, 'KEY_REUSED', 'key'],
      ]);
      expect(receipt.receipts.map(({ key, isNew }) => [key, isNew])).toEqual([
        [(incidents[0] as { key: string }).key, true],
        [known['key'], false],
        [(incidents[6] as { key: string }).key, true],
      ]);
    });

    test('the answer is packed for who can read it', async () => {
      const incidents = Array.from({ length: 40 }, () => input());
      const body = JSON.stringify({ incidents });
      const answers = await Promise.all(
        ['gzip, br', 'identity'].map((accepts) =>
          api.send('POST', '/api/incidents/batch', body, { ...STAFF, 'Accept-Encoding': accepts }),
        ),
      );
      const [packed, plain] = answers.map(({ headers }) => headers.get('Content-Encoding'));
      expect([packed, plain]).toEqual(['gzip', null]);
      const receipts = await Promise.all(answers.map(receiptIn));
      const ids = receipts.map((receipt) => receipt.receipts.map(({ id, key }) => `${id} ${key}`));
      expect(ids[0]).toHaveLength(40);
      expect(ids[1]).toEqual(ids[0]);
      expect(receipts.map(({ accepted, duplicates }) => accepted + duplicates)).toEqual([40, 40]);
      expect(receipts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(40);
    });

    test('a name that is there twice is named with its place', async () => {
      const text = JSON.stringify({ incidents: [input(), input()] });
      const answer = await api.send('POST', '/api/incidents/batch', text.replace(/}]}$/, ',"lon":113.1}]}'), STAFF);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: { code: 'BODY_MALFORMED', field: 'incidents.1.lon' } },
      ]);
    });

    test('one that the database refuses fails alone', async () => {
      const title = `poison ${run}`;
      await db.sql.unsafe(`alter table app.incident add constraint poison check (title <> '${title}') not valid`);
      try {
        const incidents = Array.from({ length: 40 }, (_, i) => input(i === 17 ? { title } : {}));
        const [status, receipt] = await post<IncidentBatchReceipt>('/api/incidents/batch', { incidents });
        expect([status, receipt.accepted]).toEqual([200, 39]);
        expect(receipt.rejected).toMatchObject([{ index: 17, code: 'NOT_STORABLE', key: incidents[17]?.['key'] }]);
        expect(await post('/api/incidents', input({ title }))).toMatchObject([
          422,
          { error: { code: 'NOT_STORABLE' } },
        ]);
      } finally {
        await db.sql`alter table app.incident drop constraint poison`;
      }
    });

    test.each([[{ incidents: [] }], [{ incidents: Array.from({ length: 5001 }, () => ({})) }], [{}], [[]]])(
      '%#: no batch',
      async (body) => {
        expect(await post('/api/incidents/batch', body)).toMatchObject([400, { error: { code: 'BODY_INVALID' } }]);
      },
    );
  });
});

describe('one incident', () => {
  test('closing twice is closing once', async () => {
    const [, { id }] = await post<IncidentReceipt>('/api/incidents', input());
    const [status, closed] = await post<Incident>(`/api/incidents/${id}/close`, undefined);
    expect([status, closed.state]).toEqual([200, 'closed']);
    expect(await post(`/api/incidents/${id}/close`, undefined)).toMatchObject([200, closed]);
    expect(await get(`/api/incidents/${id}`)).toEqual([200, closed]);
  });

  test('what is not there, and what the public may not see', async () => {
    const [, { id }] = await post<IncidentReceipt>('/api/incidents', input({ category: 'Z0302' }));
    for (const [path, headers] of [
      [`/api/incidents/${id}`, {}],
      ['/api/incidents/999999999999', STAFF],
    ] as const) {
      expect(await get(path, headers)).toMatchObject([404, { error: { code: 'INCIDENT_NOT_FOUND', field: 'id' } }]);
    }
    expect(await post('/api/incidents/999999999999/close', undefined)).toMatchObject([404, {}]);
    expect(await get(`/api/incidents/${id}`)).toMatchObject([200, { category: 'Z0302' }]);
    expect(await get('/api/incidents/1e3')).toMatchObject([400, { error: { code: 'PARAMETER_INVALID', field: 'id' } }]);
  });
});

describe('GET /api/incidents', () => {
  test('snapshot + log after its cursor = truth, whenever it is taken', async () => {
    const place = { town: '440604900000', community: '440604900001' };
    const cells = ['440604900001W001', '440604900001W002', '440604900001W003'];
    const snapshots: IncidentSnapshot[] = [];
    const write = async (): Promise<void> => {
      // However fast the machine writes, some snapshots are taken in between.
      for (let i = 0; i < 15 || (snapshots.length < 5 && i < 500); i++) {
        const batch = makeIncidents(4, { ...place, grid: cells[i % 3]!, ...(i % 4 === 0 ? { dueAt: 1000 } : {}) });
        const stored = await ingestBatch(db.sql, batch);
        for (const { id } of stored.slice(0, i % 3)) await closeIncident(db.sql, 'staff', id, Date.now());
      }
    };
    const written = Promise.all(Array.from({ length: 3 }, write)).then(() => 'written');
    do {
      const [status, snapshot] = await get<IncidentSnapshot>(`/api/incidents?town=${place.town}&limit=5000`);
      expect(status).toBe(200);
      snapshots.push(snapshot);
    } while ((await Promise.race([written, pause(5)])) !== 'written');

    const open = await db.sql<{ id: number; grid: string }[]>`
      select id::float8, grid_code as grid from app.incident where town_code = ${place.town} and state = 'open' order by id desc`;
    expect(open.length).toBeGreaterThan(100);
    expect(snapshots.length).toBeGreaterThan(2);
    expect(new Set(snapshots.map((snapshot) => snapshot.openTotal)).size).toBeGreaterThan(2);
    for (const snapshot of snapshots) {
      expect(snapshot.openTotal).toBe(snapshot.incidents.length);
      expect(snapshot.cells.open.reduce((sum, count) => sum + count, 0)).toBe(snapshot.openTotal);
      expect(snapshot.cells.overdue.reduce((sum, count) => sum + count, 0)).toBe(snapshot.overdueTotal);
      const state = new Map(snapshot.incidents.map((incident) => [incident.id, incident.grid]));
      const after = parseCursor(snapshot.cursor)?.id ?? Number.NaN;
      const { entries } = await readLog(db.sql, { after, town: place.town, withRestricted: true, limit: 100_000 });
      for (const { json } of entries) {
        const event = JSON.parse(json) as LiveEvent;
        if (!('incident' in event)) continue;
        const { type, incident } = event;
        // Told twice or told too early would show here.
        if (type === 'incident.created') {
          expect(state.has(incident.id)).toBe(false);
          state.set(incident.id, incident.grid);
        } else expect(state.delete(incident.id)).toBe(true);
      }
      expect([...state].toSorted(([a], [b]) => b - a)).toEqual(open.map(({ id, grid }) => [id, grid]));
    }
  });

  test('newest first, at most `limit`, counts of all; the public sees less', async () => {
    const town = '440604901000';
    const where = { town, grid: '440604901001W001' };
    await ingestBatch(db.sql, makeIncidents(6, where));
    await ingestBatch(db.sql, makeIncidents(2, { ...where, category: findCategory('Z01') as Category, dueAt: 1000 }));
    const [, staff] = await get<IncidentSnapshot>(`/api/incidents?town=${town}&limit=3`);
    expect(staff).toMatchObject({ openTotal: 8, overdueTotal: 2, createdToday: 8, closedToday: 0 });
    expect(staff.cells).toEqual({ codes: [where.grid], open: [8], overdue: [2] });
    expect(staff.incidents.map((incident) => incident.category)).toEqual(['Z01', 'Z01', '06010']);
    const [, anyone] = await get<IncidentSnapshot>(`/api/incidents?town=${town}`, {});
    expect(anyone).toMatchObject({
      openTotal: 6,
      overdueTotal: 0,
      createdToday: 6,
      cells: { open: [6], overdue: [0] },
    });
    await closeIncident(db.sql, 'staff', staff.incidents[0]!.id, Date.now());
    const [, later] = await get<IncidentSnapshot>(`/api/incidents?town=${town}&limit=0`);
    expect(later).toMatchObject({ openTotal: 7, overdueTotal: 1, createdToday: 8, closedToday: 1, incidents: [] });
  });

  test.each(['limit=-1', 'limit=5001', 'limit=x', 'town=禅城', 'town=440604'])('%s is refused', async (query) => {
    expect(await get(`/api/incidents?${query}`)).toMatchObject([400, { error: { code: 'PARAMETER_INVALID' } }]);
  });
});

/** One group of the statistics. */
async function group(by: string, key: string): Promise<IncidentStats['groups'][number] | undefined> {
  const [status, stats] = await get<IncidentStats>(`/api/incidents/stats?by=${by}`);
  expect([status, stats.by]).toEqual([200, by]);
  return stats.groups.find((group) => group.key === key);
}

const total = (stats: IncidentStats): number => stats.groups.reduce((sum, group) => sum + group.created, 0);

describe('GET /api/incidents/stats', () => {
  test('counts by every dimension agree with what was stored', async () => {
    const town = '440604902000';
    const where = {
      town,
      community: '440604902001',
      grid: '440604902001W001',
      category: findCategory('02036') as Category,
    };
    const stored = await ingestBatch(db.sql, makeIncidents(5, where));
    await ingestBatch(db.sql, makeIncidents(2, { ...where, dueAt: 1000 }));
    const twoDaysAgo = Date.now() - 48 * 3_600_000;
    await ingestBatch(db.sql, makeIncidents(3, { ...where, receivedAt: twoDaysAgo }));
    await closeIncident(db.sql, 'staff', stored[0]!.id, Date.now());
    const expected = { created: 7, open: 9, overdue: 2, closed: 1 };
    expect(await group('town', town)).toEqual({ key: town, title: null, ...expected });
    expect(await group('community', where.community)).toMatchObject(expected);
    expect(await group('category', '02036')).toEqual({
      key: '02036',
      title: { zh: '救助站指示牌异常', en: 'Relief station sign fault' },
      ...expected,
    });
  });

  test('24 hours, the present one last', async () => {
    const [, before] = await get<IncidentStats>('/api/incidents/stats?by=hour');
    await ingestBatch(db.sql, makeIncidents(4));
    const [, after] = await get<IncidentStats>('/api/incidents/stats?by=hour');
    expect(after.groups).toHaveLength(24);
    expect(total(after) - total(before)).toBeGreaterThanOrEqual(4);
    expect(after.groups.map((group) => group.key)).toEqual(after.groups.map((group) => group.key).toSorted());
    expect(Date.now() - Date.parse(after.groups.at(-1)?.key ?? '')).toBeLessThan(3_600_000 + 5000);
  });

  test('another dimension is refused', async () => {
    expect(await get('/api/incidents/stats?by=colour')).toMatchObject([
      400,
      { error: { code: 'PARAMETER_INVALID', field: 'by', value: 'colour' } },
    ]);
  });
});
