import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { holdLinks, linkPairs, MACHINE } from '../../../server/duplicates/links.ts';
import { registerDuty, runDuty } from '../../../server/duty/duty.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { closeIncident, ingestBatch } from '../../../server/incidents/store.ts';
import type { CheckedIncident } from '../../../server/incidents/validate.ts';
import type { SubscriptionInput } from '../../../server/notify/contract.ts';
import { deliver, MOST_ATTEMPTS } from '../../../server/notify/deliver.ts';
import { fillOutbox, tellOverdue } from '../../../server/notify/fill-outbox.ts';
import { discardLetter, readDeadLetters, readInbox, retryLetter } from '../../../server/notify/letters.ts';
import { createChannels } from '../../../server/notify/settings.ts';
import { addSubscription, removeSubscription, switchSubscription } from '../../../server/notify/subscriptions.ts';
import { testDatabase, testTarget } from '../../support/database.ts';
import { followByHand, type HandFollower } from '../../support/follow-once.ts';
import { makeIncident } from '../../support/incidents.ts';
import { RecordingServer } from '../../support/recording-server.ts';

const staff = { role: 'staff' as const, name: 'test', posts: ['shift_lead' as const], department: null };
const duty = `test-${Math.random().toString(36).slice(2)}`;
let db: Database;
let follower: HandFollower;
let server: RecordingServer;
const made: number[] = [];

beforeAll(async () => {
  db = await testDatabase();
  await registerDuty(db.sql, duty);
});
beforeEach(async () => {
  server = await new RecordingServer().open();
  follower = await followByHand(db, fillOutbox('https://map.example.org'));
});
afterEach(async () => {
  for (const id of made.splice(0)) await removeSubscription(db.sql, id);
  await Promise.all([server.close(), follower.forget()]);
});
afterAll(async () => void (await db.sql`delete from app.duty where name = ${duty}`));

async function subscribe(changes: Partial<SubscriptionInput> = {}): Promise<number> {
  const input = {
    name: 'test',
    channel: 'webhook' as const,
    target: { url: server.url('/hook') },
    wants: {
      kinds: ['incident' as const, 'closed' as const, 'overdue' as const],
      categories: ['06010', '06028', 'Z01'],
    },
    role: 'staff' as const,
    fullText: false,
    language: 'zh' as const,
    ...changes,
  };
  const { id } = await addSubscription(db.sql, input, staff, { hosts: [server.host] });
  made.push(id);
  return id;
}

let spots = 0;
async function store(changes: Partial<CheckedIncident> = {}): Promise<number> {
  spots += 1;
  const at = { lon: 107 + spots * 0.01, lat: 18 };
  const [stored] = await ingestBatch(db.sql, [makeIncident({ ...at, severity: 1, ...changes })]);
  return stored?.id ?? 0;
}

/** As if the waits were over. */
async function makeDue(): Promise<void> {
  await db.sql`update app.outbox set next_at = now() where state = 'pending'`;
}

/** One turn of the worker, with everything that waits counted as due. */
async function turn(options: { timeoutMs?: number; now?: boolean } = {}): Promise<void> {
  if (options.now ?? true) await makeDue();
  const channels = createChannels(db.sql, {
    hosts: [server.host],
    publicUrl: undefined,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  await runDuty(db.sql, { name: duty, everyMs: 0, run: deliver(db.sql, { channels, leaseSeconds: 1 }) });
}

interface Letter {
  state: string;
  attempts: number;
  error: string | null;
  cause: string;
}

async function letters(subscription: number): Promise<Letter[]> {
  return db.sql<Letter[]>`
    select state, attempts, last_error as error, cause from app.outbox
    where subscription_id = ${subscription} order by seq`;
}

const told = () =>
  server.requests.map(
    ({ body }) => JSON.parse(body.toString()) as { id: string; data: { incident: number; title: { zh: string } } },
  );

describe('who is told', () => {
  test('of what they want, once, in the transaction that follows its cause', async () => {
    const id = await subscribe();
    const wanted = await store({ title: '路面积水' });
    await store({ category: findCategory('06027') as Category });
    await follower.catchUp();
    expect(await letters(id)).toMatchObject([{ state: 'pending', cause: `incident:${wanted}` }]);
    await turn();
    await turn();
    expect(told().map(({ data }) => data.incident)).toEqual([wanted]);
    expect(await letters(id)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    await closeIncident(db.sql, 'staff', wanted, Date.now());
    await follower.catchUp();
    expect((await letters(id)).map(({ cause }) => cause)[1]).toMatch(`closed:${wanted}`);
  });

  test('when an incident becomes what they want, but not of what was there before they came', async () => {
    const old = await store({ severity: 4 });
    const id = await subscribe({ wants: { kinds: ['incident'], severities: [1] } });
    const young = await store({ severity: 4 });
    for (const each of [old, young]) {
      await db.sql.begin(async (tx) => {
        await tx`update app.incident set severity = 1 where id = ${each}`;
        await tx`select app.log_incidents('incident.updated', array[${each}]::bigint[])`;
      });
    }
    await follower.catchUp();
    expect((await letters(id)).map(({ cause }) => cause)).toEqual([`incident:${young}`]);
  });

  test('never the public of restricted incidents; what leaves says only that there is one', async () => {
    const open = await subscribe({ role: 'public' });
    const own = await subscribe();
    const full = await subscribe({ fullText: true });
    const id = await store({ category: findCategory('Z0101') as Category, title: '张三与李四争执' });
    await follower.catchUp();
    expect(await letters(open)).toEqual([]);
    expect([(await letters(own)).length, (await letters(full)).length]).toEqual([1, 1]);
    await turn();
    const titles = told().map(({ data }) => data.title.zh);
    expect(titles.toSorted()).toEqual(['【红色】新事件(受限)', '【红色】新事件: 张三与李四争执']);
    expect(told()[0]?.data.incident).toBe(id);
  });

  test('not of another report of something known, if that is found out in time', async () => {
    const id = await subscribe();
    const first = await store({ severity: 3 });
    const second = await store({ severity: 3 });
    await follower.catchUp();
    // Neither is due yet: a new incident waits for its parent.
    await turn({ now: false });
    expect(server.requests).toHaveLength(0);
    await db.sql.begin(async (tx) => {
      await holdLinks(tx);
      await linkPairs(tx, [{ a: first, b: second }], MACHINE);
    });
    await turn();
    expect((await letters(id)).map(({ state }) => state)).toEqual(['delivered', 'merged']);
    expect(told().map(({ data }) => data.incident)).toEqual([first]);
  });

  test('of a stage whose limit has passed, once', async () => {
    const id = await subscribe({ wants: { kinds: ['overdue'], categories: ['06010'] } });
    const late = await store();
    await db.sql`update app.notify_state set overdue_to = now() - interval '1 minute'`;
    await db.sql`update app.incident set stage_due_at = now() - interval '1 second' where id = ${late}`;
    for (let times = 0; times < 3; times += 1) await db.sql.begin((tx) => tellOverdue(undefined)(tx));
    expect((await letters(id)).filter(({ cause }) => cause.startsWith(`overdue:${late}:`))).toHaveLength(1);
  });
});

describe('how it goes wrong', () => {
  test('503 is tried again later, then works; the others of the subscription wait and keep their order', async () => {
    const id = await subscribe();
    const ids = [await store(), await store(), await store()];
    await follower.catchUp();
    server.answer = (response) => void response.writeHead(503).end();
    await turn();
    expect(server.requests).toHaveLength(1);
    expect(await letters(id)).toMatchObject([
      { state: 'pending', attempts: 1, error: 'HTTP 503' },
      { state: 'pending', attempts: 0 },
      { state: 'pending', attempts: 0 },
    ]);
    const [soon] = await db.sql<{ seconds: number }[]>`
      select extract(epoch from min(next_at) - now())::float8 as seconds from app.outbox where subscription_id = ${id}`;
    expect(soon?.seconds).toBeGreaterThan(1.5);
    await turn({ now: false });
    expect(server.requests).toHaveLength(1);
    server.answer = (response) => void response.writeHead(204).end();
    await turn();
    expect(
      told()
        .slice(1)
        .map(({ data }) => data.incident),
    ).toEqual(ids);
  });

  test('a receiver that is silent holds up nobody else', async () => {
    const slow = await subscribe();
    const other = await new RecordingServer().open();
    server.answer = () => undefined;
    const quick = await addSubscription(
      db.sql,
      {
        name: 'quick',
        channel: 'webhook',
        target: { url: other.url() },
        wants: { kinds: ['incident'], categories: ['06010'] },
        role: 'staff',
        fullText: false,
        language: 'zh',
      },
      staff,
      { hosts: [other.host] },
    );
    made.push(quick.id);
    await store();
    await follower.catchUp();
    await makeDue();
    const channels = createChannels(db.sql, {
      hosts: [server.host, other.host],
      publicUrl: undefined,
      timeoutMs: 1500,
    });
    const running = runDuty(db.sql, { name: duty, everyMs: 0, run: deliver(db.sql, { channels }) });
    await expect.poll(() => other.requests.length, { timeout: 1200 }).toBe(1);
    await running;
    expect(await letters(slow)).toMatchObject([{ state: 'pending', error: 'no answer in time' }]);
    await other.close();
  });

  test('after so many attempts it is dead, can be seen, sent again and given up', async () => {
    const id = await subscribe();
    await store();
    await follower.catchUp();
    server.answer = (response) => response.destroy();
    for (let attempt = 0; attempt < MOST_ATTEMPTS + 2; attempt += 1) await turn();
    expect(server.requests).toHaveLength(MOST_ATTEMPTS);
    expect(await letters(id)).toMatchObject([{ state: 'dead', attempts: MOST_ATTEMPTS }]);
    const mine = async () =>
      (await readDeadLetters(db.sql, 500)).letters.find(({ subscription }) => subscription === id);
    const dead = await mine();
    expect(dead).toMatchObject({ channel: 'webhook', attempts: MOST_ATTEMPTS });
    expect(JSON.stringify(dead)).not.toContain(server.host);
    expect(await retryLetter(db.sql, dead?.id ?? '')).toBe(true);
    expect(await retryLetter(db.sql, dead?.id ?? '')).toBe(false);
    server.answer = (response) => void response.writeHead(400).end();
    await turn();
    expect(await mine()).toMatchObject({ attempts: 1, error: 'HTTP 400' });
    expect(await discardLetter(db.sql, dead?.id ?? '')).toBe(true);
    expect(await mine()).toBeUndefined();
  });

  test('410 switches the subscription off; what waits goes out when it is on again', async () => {
    const id = await subscribe();
    await store();
    const second = await store();
    await follower.catchUp();
    server.answer = (response) => void response.writeHead(410).end();
    await turn();
    await turn();
    expect(server.requests).toHaveLength(1);
    expect(await db.sql`select active, disabled_reason as why from app.subscription where id = ${id}`).toEqual([
      { active: false, why: 'HTTP 410' },
    ]);
    server.answer = (response) => void response.writeHead(204).end();
    await switchSubscription(db.sql, id, true);
    await turn();
    expect(told().at(-1)?.data.incident).toBe(second);
  });

  test('a worker that is killed between sending and saying so: the same message comes again, under the same id', async () => {
    const id = await subscribe();
    await store();
    await follower.catchUp();
    await db.sql`update app.outbox set next_at = now() where subscription_id = ${id}`;
    const request = JSON.stringify({ target: testTarget(), hosts: [server.host], duty });
    const worker = spawn(
      join(import.meta.dirname, '../../../node_modules/.bin/tsx'),
      [join(import.meta.dirname, '../../support/deliver-process.ts'), request],
      { stdio: 'inherit', detached: true },
    );
    const exited = new Promise<void>((done) => worker.once('exit', () => done()));
    // It has been received, and the worker is no more when it is answered.
    server.answer = (response) => {
      process.kill(-(worker.pid as number), 'SIGKILL');
      setTimeout(() => response.writeHead(204).end(), 50);
    };
    await exited;
    expect(server.requests).toHaveLength(1);
    expect(await letters(id)).toMatchObject([{ state: 'sending', attempts: 1 }]);
    server.answer = (response) => void response.writeHead(204).end();
    await turn();
    expect(server.requests.length).toBeLessThanOrEqual(2);
    await pause(1100);
    await turn();
    expect(new Set(told().map((event) => event.id)).size).toBe(1);
    expect(server.requests).toHaveLength(2);
    expect(await letters(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('two workers at once send nothing twice', async () => {
    await subscribe();
    for (let count = 0; count < 6; count += 1) await store();
    await follower.catchUp();
    await Promise.all([turn(), turn({ now: false }), turn({ now: false })]);
    await turn();
    expect(server.requests).toHaveLength(6);
  });
});

test('the bell: once, for who holds the post, and every screen is told that there is something', async () => {
  const id = await subscribe({ channel: 'inapp', target: { posts: ['dispatcher'] } });
  const incident = await store({ category: findCategory('Z0101') as Category, title: '劳资纠纷' });
  await follower.catchUp();
  await turn();
  // As if the worker had died before it said that it was delivered.
  await db.sql`update app.outbox set state = 'sending', claimed_until = now() where subscription_id = ${id}`;
  await turn();
  expect(await letters(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  const inbox = async (caller: Parameters<typeof readInbox>[1]) =>
    (await readInbox(db.sql, caller, null, 200)).messages.filter((message) => message.incident === incident);
  expect(await inbox({ ...staff, posts: ['dispatcher'] })).toMatchObject([
    { kind: 'incident', title: { zh: '【红色】新事件: 劳资纠纷' } },
  ]);
  // Everybody is told of what is red by the subscription that is there from the beginning; nobody sees it twice.
  expect(await inbox(staff)).toHaveLength(1);
  expect(await inbox({ ...staff, role: 'public', posts: [] })).toEqual([]);
  const [entry] = await db.sql<{ restricted: boolean; body: object }[]>`
    select restricted, body from app.live_log where body ->> 'type' = 'notification.created' order by id desc limit 1`;
  expect(entry).toMatchObject({ restricted: true, body: { notification: { kind: 'incident', severity: 1 } } });
  expect(JSON.stringify(entry)).not.toContain('劳资纠纷');
});
