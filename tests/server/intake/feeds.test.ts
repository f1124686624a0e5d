import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Feed, FeedInput } from '../../../server/contract/intake.ts';
import type { Status } from '../../../server/contract/status.ts';
import { Duties } from '../../../server/duty/duties.ts';
import { changesOf, saidOf } from '../../../server/intake/feed-changes.ts';
import { Messages } from '../../../server/intake/messages.ts';
import { readFeed } from '../../../server/intake/read-feed.ts';
import { takeOnIntake } from '../../../server/intake/take-on-intake.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF } from '../api-fixture.ts';
import { HERE, run, setUpIntake, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
let server: Server;
let base: string;
let asked: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('[]');
let stop: (() => Promise<void>)[] = [];

beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const end of stop.splice(0)) await end();
  await it.sql`delete from app.intake_feed`;
  asked = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await it.close();
});

const items = [
  { no: 'a1', kind: '暴露垃圾', what: '东坊垃圾', at: '2026-11-22 08:00', p: { x: HERE.lon, y: HERE.lat } },
  { no: 'a2', kind: '06010', what: '南坊垃圾', at: 1_795_300_000_000, p: { x: HERE.lon, y: HERE.lat } },
  { no: 'a3', kind: '06010', what: '海上', at: '2026-11-22T00:00:00Z', p: { x: 0, y: 0 } },
];
const map = { items: 'data.list', id: 'no', category: 'kind', title: 'what', occurredAt: 'at', lon: 'p.x', lat: 'p.y' };

async function put(id: string, changes: Partial<FeedInput> = {}): Promise<[number, Feed]> {
  const body: FeedInput = {
    title: { zh: '测试源', en: 'Test feed' },
    url: `${base}/list`,
    format: 'json',
    map,
    everySeconds: 10,
    silentSeconds: 60,
    isOn: true,
    closed: [],
    onClosed: 'note',
    ...changes,
  };
  const response = await it.api.send('PUT', `/api/intake/feeds/${id}`, JSON.stringify(body), STAFF);
  return [response.status, (await response.json()) as Feed];
}
async function state(id: string): Promise<Feed | undefined> {
  const { feeds } = (await (await it.api.get('/api/intake/feeds', STAFF)).json()) as { feeds: Feed[] };
  return feeds.find((feed) => feed.id === id);
}
async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}
/** One process that polls, as main.ts starts it. */
async function process(): Promise<void> {
  await it.sql`update app.duty set ran_at = '-infinity' where name = 'intake-feeds'`;
  const duties = new Duties({ sql: it.sql, onError: (_, cause) => expect.unreachable(String(cause)) });
  const polls = await takeOnIntake(duties, {
    sql: it.sql,
    intake: it.intake,
    messages: new Messages(it.sql, pino({ level: 'silent' })),
    log: pino({ level: 'silent' }),
    lookMs: 100,
  });
  stop.push(async () => {
    await duties.close();
    await polls.close();
  });
}
const again = (id: string) => it.sql`update app.intake_feed set next_at = now() where id = ${id}`;

test('a feed is asked, its items become incidents once, and bad ones are kept once with the reason', async () => {
  answer = (request, response) => {
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else
      response
        .writeHead(200, { ETag: '"v1"', 'Content-Type': 'application/json' })
        .end(JSON.stringify({ data: { list: items } }));
  };
  const id = `f-${run}`;
  expect((await put(id))[0]).toBe(200);
  await process();
  await process();
  await until('the first answer', async () => (await state(id))?.succeededAt != null);
  const stored =
    await it.sql`select key, title, category, occurred_at from app.incident where source = ${id} order by key`;
  expect([...stored]).toEqual([
    { key: `feed/${id}/a1`, title: '东坊垃圾', category: '06010', occurred_at: new Date('2026-11-22T00:00:00Z') },
    { key: `feed/${id}/a2`, title: '南坊垃圾', category: '06010', occurred_at: new Date(1_795_300_000_000) },
  ]);
  const { changedAt } = (await state(id)) ?? {};
  await again(id);
  await until('the second look', async () => asked.length >= 2);
  await until('its note', async () => ((await state(id))?.failures ?? 1) === 0);
  expect(asked.at(-1)?.headers['if-none-match']).toBe('"v1"');
  // The same list again, without a tag: nothing new, and the bad item is not kept a second time.
  answer = (_, response) => response.end(JSON.stringify({ data: { list: items } }));
  await again(id);
  await until('the third look', async () => asked.length >= 3);
  await new Promise((done) => setTimeout(done, 300));
  expect((await state(id))?.changedAt).toBe(changedAt);
  const kept =
    await it.sql`select outcome, rejection ->> 'field' as field from app.intake_message where sender = ${id} and outcome = 'refused'`;
  expect([...kept]).toEqual([{ outcome: 'refused', field: 'lon' }]);
});

/** Entries in the history of the incident of an item. */
async function historyOf(id: string, no: string) {
  const [incident] = await it.sql<{ id: number; state: string; title: string }[]>`
    select id::float8, state, title from app.incident where key = ${`feed/${id}/${no}`}`;
  const entries = await it.sql<{ move: string; actor: string; post: string; detail: Record<string, unknown> | null }[]>`
    select move, actor, post, detail from app.incident_event where incident_id = ${incident?.id ?? 0} order by id`;
  return { incident, entries: [...entries] };
}

test.each(['note', 'close'] as const)(
  'what changes in the source goes into the history, and its end is taken as set up: %s',
  async (onClosed) => {
    const id = `c-${onClosed}-${run}`;
    let list = [
      { ...items[0], s: '处理中', d: '电话 13800000000' },
      { ...items[1], s: '已办结' },
    ];
    answer = (_, response) => response.end(JSON.stringify({ data: { list } }));
    const mapped = { ...map, state: 's', description: 'd' };
    expect((await put(id, { map: mapped, closed: ['已办结'], onClosed }))[0]).toBe(200);
    await process();
    await until('the first answer', async () => (await state(id))?.succeededAt != null);
    const look = async () => {
      const before = asked.length;
      const last = (await state(id))?.succeededAt;
      await again(id);
      await until('another look', async () => asked.length > before && (await state(id))?.succeededAt !== last);
    };
    // Over at first sight.
    const ended = onClosed === 'close' ? ['source_closed', 'close_now'] : ['source_closed'];
    expect((await historyOf(id, 'a2')).entries.map(({ move }) => move)).toEqual(ended);
    expect((await historyOf(id, 'a1')).entries).toEqual([]);
    // Nothing new: nothing is written.
    await look();
    expect((await historyOf(id, 'a1')).entries).toEqual([]);
    // Other words, another place, another description: the incident stays what it was reported as.
    list = [
      {
        ...items[0],
        what: '东坊垃圾山',
        s: '已派单',
        d: '电话 13911111111',
        p: { ...HERE, x: HERE.lon + 1e-5, y: HERE.lat },
      } as (typeof list)[0],
      list[1]!,
    ];
    await look();
    const changed = await historyOf(id, 'a1');
    expect(changed.incident).toMatchObject({ title: '东坊垃圾', state: 'open' });
    expect(changed.entries).toEqual([
      {
        move: 'source_changed',
        actor: `feed:${id}`,
        post: 'system',
        detail: {
          feed: id,
          changes: [
            { field: 'title', before: '东坊垃圾', after: '东坊垃圾山' },
            { field: 'state', before: '处理中', after: '已派单' },
            { field: 'lon' },
            { field: 'description' },
          ],
        },
      },
    ]);
    expect(JSON.stringify(changed.entries)).not.toMatch(/1[38]\d{9}/);
    // The end, and the source takes it back.
    list[0] = { ...list[0]!, s: '已办结' };
    await look();
    expect((await historyOf(id, 'a1')).entries.slice(1).map(({ move }) => move)).toEqual(ended);
    expect((await historyOf(id, 'a1')).incident?.state).toBe(onClosed === 'close' ? 'closed' : 'open');
    list[0] = { ...list[0]!, s: '处理中' };
    await look();
    const last = (await historyOf(id, 'a1')).entries.at(-1);
    expect(last).toMatchObject({
      move: 'source_changed',
      detail: { changes: [{ before: '已办结', after: '处理中' }] },
    });
    // Each of them is kept as it came.
    const kept = await it.sql`select outcome from app.intake_message where sender = ${id} order by id`;
    expect(kept.map(({ outcome }) => outcome as string)).toEqual(['stored', 'stored', 'known', 'known', 'known']);
  },
);

test('of an item that was taken before anybody noted what it said, what the incident holds is compared', () => {
  const known = { incident: 1, said: null, title: '积水', severity: 0, occurredAt: '2026-11-22T00:00:00.000Z' };
  const draft = { key: 'k', source: 'f', category: '06010', title: '积水', severity: 0, occurredAt: known.occurredAt };
  expect(changesOf(known, saidOf({ ...draft, lon: 113, lat: 23 }, 'open'))).toEqual([]);
  expect(changesOf(known, saidOf({ ...draft, title: '内涝' }, 'open'))).toEqual([
    { field: 'title', before: '积水', after: '内涝' },
  ]);
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ['answers 500', (response) => response.writeHead(500).end('x'), /answers 500/],
  ['is no JSON', (response) => response.end('{"data":'), /no JSON/],
  ['has no list', (response) => response.end('{"data":{}}'), /no list at data\.list/],
  ['is GBK', (response) => response.end(Buffer.from([0x7b, 0xb1, 0xa9])), /not utf-8/],
  [
    'never ends',
    (response) => {
      const more = () => response.write('x'.repeat(65_536), () => !response.destroyed && setImmediate(more));
      more();
    },
    /larger than/,
  ],
  ['leads to a file', (response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(), /not followed/],
  ['leads in a circle', (response) => response.writeHead(302, { Location: '/list' }).end(), /leads nowhere/],
])('a feed that %s is noted as failed and waited for longer', async (_, respond, error) => {
  answer = (_request, response) => respond(response);
  const id = `bad-${run}`;
  await put(id);
  await process();
  await until('the failure', async () => ((await state(id))?.failures ?? 0) >= 1);
  expect((await state(id))?.error).toMatch(error);
  await it.sql`update app.intake_feed set failures = 5 where id = ${id}`;
  await again(id);
  await until('the next failure', async () => ((await state(id))?.failures ?? 0) >= 6);
  const [row] = await it.sql<
    { wait: number }[]
  >`select extract(epoch from next_at - now())::float8 as wait from app.intake_feed where id = ${id}`;
  expect(row?.wait).toBeGreaterThan(250);
});

test('a feed that has been silent for too long is shown in the status; one that is off is not asked', async () => {
  const id = `quiet-${run}`;
  await put(id, { isOn: false });
  await process();
  const polled = async () =>
    ((await (await it.api.get('/api/status')).json()) as Status).polled.find((feed) => feed.id === id);
  expect(await polled()).toBeUndefined();
  await it.sql`update app.intake_feed set is_on = true, next_at = now() + interval '1 hour', succeeded_at = now() - interval '61 seconds' where id = ${id}`;
  expect(await polled()).toMatchObject({ isSilent: true, title: { zh: '测试源' } });
  await it.sql`update app.intake_feed set succeeded_at = now() where id = ${id}`;
  expect(await polled()).toMatchObject({ isSilent: false });
  expect(asked).toEqual([]);
  expect((await it.api.send('DELETE', `/api/intake/feeds/${id}`, undefined, STAFF)).status).toBe(204);
});

test.each([
  ['url', { url: 'file:///etc/passwd' }],
  ['url', { url: 'ftp://example.cn/x' }],
  ['format', { format: 'xml' as 'json' }],
  ['everySeconds', { everySeconds: 1 }],
])('%s is checked', async (field, changes) => {
  expect(await put('x', changes)).toMatchObject([400, { error: { field } }]);
});

test('GeoJSON has its places in the geometry, CSV in columns; a map may say a text itself', () => {
  const geojson = JSON.stringify({
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 'q1',
        properties: { mag: 4.1, time: 1_700_000_000_000, title: 'M 4.1' },
        geometry: { type: 'Point', coordinates: [113.1, 23, 10] },
      },
    ],
  });
  const [quake] = readFeed(geojson, 'usgs', {
    format: 'geojson',
    map: { id: 'id', category: '=Z0905', title: 'properties.title', occurredAt: 'properties.time' },
  });
  expect(quake?.read).toMatchObject({
    draft: { key: 'feed/usgs/q1', category: 'Z0905', lon: 113.1, lat: 23, title: 'M 4.1' },
  });
  const csv =
    '\ufeff编号,类别,描述,时间,经度,纬度\n7,0110,"垃圾, 很多",2026-11-22 08:00:00,113.1,23.0\n8,0110,x,soon,113.1,23.0\n';
  const rows = readFeed(csv, 'old', {
    format: 'csv',
    map: {
      id: '编号',
      category: '类别',
      standard: '2013',
      title: '描述',
      occurredAt: '时间',
      lon: '经度',
      lat: '纬度',
      crs: 'GCJ-02',
    },
  });
  expect(rows.map(({ read }) => read)).toMatchObject([
    {
      draft: { category: '0110', standard: '2013', crs: 'GCJ-02', occurredAt: '2026-11-22T00:00:00.000Z', lon: 113.1 },
    },
    { rejection: { field: 'occurredAt' } },
  ]);
});
