import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { ApiError } from '../../../server/errors.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { formatCursor } from '../../../server/live/cursor.ts';
import { readHead, readLog } from '../../../server/live/log.ts';
import { pruneLog } from '../../../server/live/prune.ts';
import type { HubOptions } from '../../../server/live/options.ts';
import { testDatabase } from '../../support/database.ts';
import { EventStream, until, type EventStreamOptions } from '../../support/event-stream.ts';
import { makeIncidents } from '../../support/incidents.ts';
import { startLiveServer, type LiveServer } from '../../support/live-server.ts';

let db: Database;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

async function serve(options: Partial<HubOptions> = {}): Promise<LiveServer> {
  const server = await startLiveServer(db, { flushMs: 10, ...options });
  open.push(server);
  return server;
}

function follow(server: LiveServer, options: EventStreamOptions = {}): EventStream {
  const stream = new EventStream(server.url, options);
  open.push(stream);
  return stream;
}

const ready = (...streams: EventStream[]): Promise<void> =>
  until('hello', () => streams.every((stream) => stream.named.includes('hello')));

/** Ids of the log after a place, as the table has them: what a reader must have seen. */
async function truth(after: number, town?: string, withRestricted = true): Promise<number[]> {
  const range = { after, withRestricted, limit: 1_000_000, ...(town === undefined ? {} : { town }) };
  return (await readLog(db.sql, range)).entries.map((entry) => entry.id);
}

const ids = (stream: EventStream): number[] => stream.events.map((event) => event.id);

async function caughtUp(stream: EventStream, expected: number[], timeout = 20_000): Promise<void> {
  await until(`${expected.length} events`, () => stream.events.length >= expected.length, timeout);
  expect(ids(stream)).toEqual(expected);
}

test('a new event reaches an open stream, stamped', async () => {
  const server = await serve();
  const stream = follow(server);
  await ready(stream);
  const { id: head } = await readHead(db.sql);
  const before = Date.now();
  let pushedAt = 0;
  const other = follow(server, { onEvent: (_, frame) => (pushedAt = frame.pushedAt) });
  await ready(other);
  await ingestBatch(db.sql, makeIncidents(3, { severity: 1 }));
  await caughtUp(stream, await truth(head));
  expect(stream.events[0]).toMatchObject({ type: 'incident.created', incident: { state: 'open', severity: 1 } });
  await until('push stamp', () => pushedAt > 0);
  expect(pushedAt).toBeGreaterThanOrEqual(before);
  expect(pushedAt).toBeGreaterThanOrEqual(stream.events[0]!.committedAt - 1000);
  expect(stream.cursor).toBe(formatCursor(await readHead(db.sql)));
});

describe.each([20, 300, undefined])('ring of %s', (ringSize) => {
  test('a reader that comes back gets exactly what it missed', async () => {
    const server = await serve({ pageSize: 50, ...(ringSize === undefined ? {} : { ringSize }) });
    const { id: head } = await readHead(db.sql);
    const streams = [false, true].map((gzip) => follow(server, { gzip, reconnect: true }));
    const steady = follow(server);
    await ready(steady, ...streams);
    for (let round = 0; round < 6; round++) {
      await ingestBatch(db.sql, makeIncidents(10));
      for (const stream of streams) stream.drop();
      await Promise.all(Array.from({ length: 5 }, () => ingestBatch(db.sql, makeIncidents(20))));
    }
    const expected = await truth(head);
    expect(expected).toHaveLength(660);
    for (const stream of [steady, ...streams]) await caughtUp(stream, expected);
    expect(streams.every((stream) => stream.connections > 1)).toBe(true);
    const late = follow(server, { since: formatCursor({ epoch: server.hub.sent.epoch, id: head }), gzip: true });
    await caughtUp(late, expected);
    const { resumedFromRing, resumedFromTable } = server.hub.stats();
    expect(ringSize === undefined ? resumedFromRing : resumedFromTable).toBeGreaterThan(0);
    if (ringSize !== undefined) expect(server.hub.stats().ring).toBeLessThanOrEqual(ringSize * 1.1);
  });

  test('readers that join while events pour in have neither gap nor duplicate', async () => {
    const server = await serve({ pageSize: 7, ...(ringSize === undefined ? {} : { ringSize }) });
    const cursor = await readHead(db.sql);
    const streams: EventStream[] = [];
    for (let i = 0; i < 20; i++) {
      await ingestBatch(db.sql, makeIncidents(15));
      streams.push(follow(server, { since: formatCursor(cursor), gzip: i % 2 === 0 }));
    }
    const expected = await truth(cursor.id);
    for (const stream of streams) await caughtUp(stream, expected);
  });
});

test('a town stream holds that town only, and its heartbeat carries the cursor of the district', async () => {
  const server = await serve({ heartbeatMs: 50, ringSize: 20 });
  const { id: head, epoch } = await readHead(db.sql);
  const town = '440604100000';
  const [here, idle] = [town, '440604011000'].map((code) => follow(server, { town: code }));
  await ready(here!, idle!);
  await ingestBatch(db.sql, makeIncidents(30));
  await ingestBatch(db.sql, makeIncidents(4, { town, grid: '440604100001W001' }));
  await ingestBatch(db.sql, makeIncidents(30));
  const end = formatCursor(await readHead(db.sql));
  await caughtUp(here!, await truth(head, town));
  expect(here!.events).toHaveLength(4);
  await until('heartbeat', () => idle!.cursor === end && here!.cursor === end);
  expect(idle!.events).toHaveLength(0);
  expect(idle!.named).toContain('hb');
  const late = follow(server, { town, since: formatCursor({ epoch, id: head }), gzip: true });
  await caughtUp(late, await truth(head, town));
});

const roleInHeader: HubOptions['authorize'] = ({ headers }) => (headers['x-role'] === 'staff' ? 'staff' : 'public');

test('the public stream leaves out what is restricted', async () => {
  const server = await serve({ authorize: roleInHeader, ringSize: 20 });
  const cursor = await readHead(db.sql);
  const anyone = follow(server);
  const staff = follow(server, { headers: { 'X-Role': 'staff' } });
  await ready(anyone, staff);
  await ingestBatch(db.sql, makeIncidents(40));
  await ingestBatch(db.sql, makeIncidents(5, { category: findCategory('Z0102') as Category }));
  await caughtUp(staff, await truth(cursor.id));
  await caughtUp(anyone, await truth(cursor.id, undefined, false));
  const late = follow(server, { since: formatCursor(cursor) });
  await caughtUp(late, await truth(cursor.id, undefined, false));
  expect(late.events).toHaveLength(40);
});

describe('reset instead of a silent hole', () => {
  test('cursor of another epoch, and cursors that are none', async () => {
    const server = await serve();
    for (const since of ['abc.1', 'rubbish', `${server.hub.sent.epoch}.-5`]) {
      const stream = follow(server, { since });
      await until('reset', () => stream.named.includes('reset'));
      expect(stream.cursor).toBe(formatCursor(server.hub.sent));
      expect(stream.named).not.toContain('hello');
    }
    expect(server.hub.stats().resets).toBe(3);
  });

  test('too far behind', async () => {
    const server = await serve({ maxLag: 50 });
    const cursor = await readHead(db.sql);
    await ingestBatch(db.sql, makeIncidents(60));
    await until('tail', async () => server.hub.sent.id === (await readHead(db.sql)).id);
    const stream = follow(server, { since: formatCursor(cursor) });
    await until('reset', () => stream.named.includes('reset'));
    expect(stream.events).toHaveLength(0);
    const { id: head } = await readHead(db.sql);
    await ingestBatch(db.sql, makeIncidents(5));
    await caughtUp(stream, await truth(head));
  });

  test('the log was pruned beyond the cursor', async () => {
    const server = await serve({ ringSize: 5 });
    const cursor = await readHead(db.sql);
    await ingestBatch(db.sql, makeIncidents(30));
    expect(await pruneLog(db.sql, 1)).toBe(0);
    expect(await pruneLog(db.sql, 0)).toBeGreaterThanOrEqual(30);
    expect((await readHead(db.sql)).id).toBeGreaterThanOrEqual(cursor.id + 30);
    await until('tail', async () => server.hub.sent.id === (await readHead(db.sql)).id);
    const stream = follow(server, { since: formatCursor(cursor) });
    await until('reset', () => stream.named.includes('reset'));
    expect(stream.events).toHaveLength(0);
  });

  test('a cursor of the future that never comes', async () => {
    const server = await serve({ aheadMs: 200 });
    const { epoch, id } = await readHead(db.sql);
    const stream = follow(server, { since: formatCursor({ epoch, id: id + 1000 }) });
    await ready(stream);
    expect(server.hub.stats().states.ahead).toBe(1);
    await until('reset', () => stream.named.includes('reset'));
    await ingestBatch(db.sql, makeIncidents(1));
    await caughtUp(stream, await truth(id));
  });

  test('another epoch while streams are open: they come back and are told', async () => {
    const server = await serve();
    const stream = follow(server, { reconnect: true });
    await ready(stream);
    await ingestBatch(db.sql, makeIncidents(1));
    await until('an event', () => stream.events.length === 1);
    await db.sql`update app.live_state set seed = md5(random()::text)`;
    await until('reset', () => stream.named.includes('reset'));
    expect(stream.cursor).toBe(formatCursor(await readHead(db.sql)));
    await ingestBatch(db.sql, makeIncidents(2));
    await until('events of the new epoch', () => stream.events.length === 3);
  });
});

test('two hubs on one database send the same sequence; a reader that changes to the slower one waits', async () => {
  const fast = await serve();
  const slow = await serve({ flushMs: 400 });
  const { id: head } = await readHead(db.sql);
  const [a, b] = [follow(fast), follow(slow)];
  await ready(a, b);
  await Promise.all(Array.from({ length: 10 }, () => ingestBatch(db.sql, makeIncidents(10))));
  const expected = await truth(head);
  await caughtUp(a, expected);
  const moved = follow(slow, { since: a.cursor });
  await ready(moved);
  await ingestBatch(db.sql, makeIncidents(10));
  const all = await truth(head);
  await caughtUp(b, all);
  await caughtUp(a, all);
  await caughtUp(moved, all.slice(100));
});

/** More than the kernel hides in its buffers, each event above 1 KB. */
async function flood(): Promise<void> {
  for (let i = 0; i < 20; i++) await ingestBatch(db.sql, makeIncidents(1000, { title: '满'.repeat(200) }));
}

describe('a reader that stops reading', () => {
  test('is parked, costs the others nothing, and gets everything afterwards', async () => {
    const server = await serve({ maxLag: 1_000_000 });
    const { id: head } = await readHead(db.sql);
    const stuck = follow(server);
    const healthy = follow(server);
    await ready(stuck, healthy);
    stuck.pause();
    await flood();
    const expected = await truth(head);
    await caughtUp(healthy, expected, 60_000);
    // Whoever reads in the process that also writes may have been too slow for a moment: it has everything before it is
    // live again.
    await until('one live', () => server.hub.stats().states.live === 1);
    const stats = server.hub.stats();
    expect(stats.states).toMatchObject({ parked: 1, live: 1 });
    // The mark, and one frame that was written when the queue was still below it.
    expect(stats.queuedBytes).toBeLessThan(12_000_000);
    expect(stuck.events.length).toBeLessThan(expected.length);
    stuck.resume();
    await caughtUp(stuck, expected, 60_000);
    await until('live again', () => server.hub.stats().states.live === 2);
  });

  test('is cut off after a while, and resumes where it was', async () => {
    const server = await serve({ maxLag: 1_000_000, stallMs: 2500, heartbeatMs: 100 });
    const { id: head } = await readHead(db.sql);
    const stuck = follow(server, { reconnect: true });
    await ready(stuck);
    stuck.pause();
    await flood();
    await until('cut off', () => server.hub.stats().killed === 1, 20_000);
    // Gone, unless it has noticed already and come back.
    await until('gone', () => server.hub.stats().clients === 0 || stuck.connections === 2, 5000);
    stuck.resume();
    await caughtUp(stuck, await truth(head), 60_000);
    expect(stuck.connections).toBe(2);
  });
});

describe('who may listen', () => {
  test('nobody without a role, and a bad town is named', async () => {
    const server = await serve({
      authorize: () => {
        throw new ApiError('UNAUTHORIZED', 'The bearer token is not known here.', { field: 'Authorization' });
      },
    });
    const refused = follow(server);
    await until('answer', () => refused.body !== '');
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.body).error).toMatchObject({ code: 'UNAUTHORIZED', field: 'Authorization' });
    const other = await serve();
    const bad = follow(other, { town: "1' or '1" });
    await until('answer', () => bad.body !== '');
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.body).error).toMatchObject({ code: 'PARAMETER_INVALID', field: 'town', value: "1' or '1" });
    expect(other.hub.stats().clients).toBe(0);
  });

  test('a role that changes ends the stream with the next heartbeat', async () => {
    let role: 'staff' | 'public' = 'staff';
    const server = await serve({ authorize: () => role, heartbeatMs: 50 });
    const stream = follow(server);
    await ready(stream);
    role = 'public';
    await until('ended', () => server.hub.stats().clients === 0);
    expect(stream.named).toContain('hello');
  });
});
