import { CloudEvent, HTTP } from 'cloudevents';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentBatchReceipt, IncidentReceipt, Reporter } from '../../../server/contract/incidents.ts';
import type { MessageList } from '../../../server/contract/intake.ts';
import type { ReportProgress, ReportReceipt } from '../../../server/contract/reports.ts';
import { settleCategory } from '../../../server/incidents/aliases.ts';
import type { z } from '@hono/zod-openapi';
import { findJsonProblem } from '../../../server/intake/json-text.ts';
import { RateLimit } from '../../../server/intake/rate-limit.ts';
import { pruneIntake } from '../../../server/intake/take-on-intake.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi } from '../api-fixture.ts';
import { HERE, ELSEWHERE, run, setUpIntake, type Failure, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
});
afterAll(() => it.close());

async function post<T>(path: string, body: string, headers: Record<string, string> = STAFF): Promise<[number, T]> {
  const answer = await it.api.send('POST', path, body, headers);
  return [answer.status, (await answer.json()) as T];
}
const json = { 'Content-Type': 'application/json' };

let made = 0;
const data = () => ({ category: '06010', severity: 4, ...HERE });
const event = (changes: object = {}) =>
  new CloudEvent({
    id: `${run}-${(made += 1)}`,
    source: `/test/${run}`,
    type: 'cn.chancheng.incident.reported',
    subject: '暴露垃圾 东坊',
    time: '2026-11-22T08:00:00+08:00',
    data: data(),
    ...changes,
  });

describe('CloudEvents', () => {
  test('binary and structured mode as the SDK sends them; id and source are the key', async () => {
    const one = event();
    const binary = HTTP.binary(one);
    const [created, receipt] = await post<IncidentReceipt>('/api/intake/cloudevents', String(binary.body), {
      ...STAFF,
      // The SDK leaves it to the caller to percent-encode text in headers, as the binding asks for.
      ...Object.fromEntries(
        Object.entries(binary.headers).map(([name, value]) =>
          name === 'content-type' ? ['Content-Type', String(value)] : [name, encodeURI(String(value))],
        ),
      ),
    });
    expect([created, receipt]).toMatchObject([201, { isNew: true, key: `/test/${run} ${one.id}` }]);
    const structured = HTTP.structured(one);
    const again = await post<IncidentReceipt>('/api/intake/cloudevents', String(structured.body), {
      ...STAFF,
      'Content-Type': String(structured.headers['content-type']),
    });
    expect(again).toEqual([200, { ...receipt, isNew: false }]);
    const [row] = await it.sql`select title, source, occurred_at, severity from app.incident where id = ${receipt.id}`;
    expect(row).toEqual({
      title: '暴露垃圾 东坊',
      source: `/test/${run}`,
      occurred_at: new Date('2026-11-22T00:00:00Z'),
      severity: 4,
    });
  });

  test('a batch: valid neighbours of a bad one are stored, and all messages are kept', async () => {
    const events = [
      event(),
      event({ data: { ...data(), ...ELSEWHERE } }),
      event({ data: { ...data(), lat: '23' } }),
      event(),
    ];
    const [status, receipt] = await post<IncidentBatchReceipt>(
      '/api/intake/cloudevents',
      JSON.stringify(events.map((each) => each.toJSON())),
      { ...STAFF, 'Content-Type': 'application/cloudevents-batch+json' },
    );
    expect([status, receipt]).toMatchObject([
      200,
      {
        accepted: 2,
        rejected: [
          { index: 1, code: 'OUTSIDE_DISTRICT', field: 'data.lon' },
          { index: 2, code: 'BODY_INVALID', field: 'data.lat' },
        ],
      },
    ]);
    const kept = await it.sql<{ outcome: string; text: string }[]>`
      select outcome, convert_from(body, 'UTF8') as text from app.intake_message
      where channel = 'cloudevents' order by id desc limit 4`;
    expect(kept.map(({ outcome }) => outcome).toSorted()).toEqual(['refused', 'refused', 'stored', 'stored']);
    expect(kept.map(({ text }) => (JSON.parse(text) as { id: string }).id).toSorted()).toEqual(
      events.map(({ id }) => id).toSorted(),
    );
  });

  test('without time and title of its own it is told what is missing; without time it happened when it came', async () => {
    const { subject: _, ...untitled } = event().toJSON() as Record<string, unknown>;
    const type = { ...STAFF, 'Content-Type': 'application/cloudevents+json' };
    expect(await post<Failure>('/api/intake/cloudevents', JSON.stringify(untitled), type)).toMatchObject([
      400,
      { error: { field: 'data.title' } },
    ]);
    const { time: _time, ...timeless } = event().toJSON() as Record<string, unknown>;
    const [first, receipt] = await post<IncidentReceipt>('/api/intake/cloudevents', JSON.stringify(timeless), type);
    // Later the same message has another time of its own, and is still the same.
    const second = await post<IncidentReceipt>('/api/intake/cloudevents', JSON.stringify(timeless), type);
    expect([first, second]).toEqual([201, [200, { ...receipt, isNew: false }]]);
  });

  test('only staff and reporting systems send events, and what others send fills no table', async () => {
    const before = await it.sql`select count(*) from app.intake_message`;
    const [status] = await post('/api/intake/cloudevents', '{}', { 'Content-Type': 'application/cloudevents+json' });
    expect(status).toBe(403);
    expect(await it.sql`select count(*) from app.intake_message`).toEqual(before);
  });
});

const inCrs = (key: string, changes: object) =>
  JSON.stringify({
    key: `${run}-${key}`,
    source: `crs-${run}`,
    title: 'x',
    occurredAt: '2026-11-22T08:00:00+08:00',
    ...data(),
    ...changes,
  });

const atAddress = (address: string) =>
  JSON.stringify({ id: randomUUID(), category: '06010', address, description: '两行\n文字' });

describe('what a message means', () => {
  test('codes of 2013 only where the message says so, titles in both languages, emergencies by their words', () => {
    expect(settleCategory('0136', '2013')?.code).toBe('06036');
    expect(settleCategory('04-05', '2013')?.code).toBe('09005');
    expect(settleCategory('0136')).toBeUndefined();
    expect(settleCategory('0501', '2013')).toBeUndefined();
    expect(settleCategory('0199', '2013')).toBeUndefined();
    expect(settleCategory('路面塌陷', '2013')?.code).toBe('Z0903');
    expect(settleCategory('自来水管破裂', '2013')?.code).toBe('Z0904');
    expect(settleCategory('暴露垃圾')?.code).toBe('06010');
    expect(settleCategory('exposed RUBBISH')?.code).toBe('06010');
    expect(settleCategory('toString')).toBeUndefined();
  });

  test('GCJ-02 and BD-09 are converted where they are said, and not otherwise', async () => {
    const [, { id }] = await post<IncidentReceipt>('/api/incidents', inCrs('gcj', { crs: 'GCJ-02' }), {
      ...STAFF,
      ...json,
    });
    const [row] = await it.sql<{ east: number; north: number }[]>`
      select (lon - ${HERE.lon}) * 102600 as east, (lat - ${HERE.lat}) * 110800 as north from app.incident where id = ${id}`;
    // The displacement of GCJ-02 in the district, undone: 558 m to the west, 287 m to the north.
    expect(row?.east).toBeCloseTo(-558, -2);
    expect(row?.north).toBeCloseTo(287, -2);
    expect(await post('/api/incidents', inCrs('x', { crs: 'EPSG:4527' }), { ...STAFF, ...json })).toMatchObject([
      400,
      { error: { field: 'crs' } },
    ]);
  });

  test('a place by its address; an unknown one is refused by name', async () => {
    const [status, { number }] = await post<ReportReceipt>('/api/reports', atAddress('汾江中路12号'), {
      ...STAFF,
      ...json,
    });
    expect(status).toBe(201);
    expect(await it.sql`select lon, lat from app.incident where id = ${number}`).toMatchObject([HERE]);
    expect(await post<Failure>('/api/reports', atAddress('天涯海角路1号'), json)).toMatchObject([
      422,
      { error: { code: 'ADDRESS_UNKNOWN', field: 'address' } },
    ]);
  });

  test('names twice and depth without end are found in any JSON, and named', () => {
    expect(findJsonProblem('{"a":1,"b":{"c":[1,{"d":1,"\\u0064":2}]}}')).toMatchObject({ field: 'b.c.1.d' });
    expect(findJsonProblem('{"a":{"x":1},"b":{"x":1},"c":"{\\"a\\":1,\\"a\\":2}"}')).toBeUndefined();
    expect(findJsonProblem(`{"deep":${'['.repeat(5000)}`)).toMatchObject({ field: 'deep' });
    expect(findJsonProblem('{"a":"\\\\","a":1}')).toMatchObject({ field: 'a' });
    expect(findJsonProblem('[{"a":1},{"a":1}]')).toBeUndefined();
  });
});

const report = (changes: object = {}) => ({
  id: randomUUID(),
  category: '06010',
  ...HERE,
  description: '楼下垃圾三天没清',
  reporter: { name: '欧阳小明', phone: '10912345678', email: 'ming@example.cn' },
  ...changes,
});

describe('forms', () => {
  test('a citizen reports without a token, gets a number and follows it; a repeat is the same', async () => {
    const body = JSON.stringify(report());
    const [status, receipt] = await post<ReportReceipt>('/api/reports', body, json);
    expect([status, receipt]).toMatchObject([201, { isNew: true }]);
    expect(await post('/api/reports', body, json)).toEqual([200, { ...receipt, isNew: false }]);
    const answer = await it.api.get(`/api/reports/${receipt.token}`);
    const progress = (await answer.json()) as ReportProgress;
    expect(progress).toMatchObject({ number: receipt.number, state: 'open', stage: 'collected', category: '06010' });
    expect(JSON.stringify(progress)).not.toMatch(/欧阳|109|example/);
    expect((await it.api.get(`/api/reports/${receipt.token}x`)).status).toBe(404);
  });

  test('who reported is nowhere but in its own place: masked, or with a purpose and an entry in the audit', async () => {
    const [, { number }] = await post<ReportReceipt>('/api/reports', JSON.stringify(report()), json);
    const [logged] = await it.sql<{ body: string }[]>`
      select body::text from app.live_log where (body #>> '{incident,id}')::bigint = ${number}`;
    const incident = await (await it.api.get(`/api/incidents/${number}`, STAFF)).text();
    const messages = await (await it.api.get('/api/intake/messages?channel=report', STAFF)).text();
    for (const text of [logged?.body, incident, messages])
      expect(text).not.toMatch(/欧阳|10912345678|example\.cn|三天没清/);
    expect((await it.api.get(`/api/incidents/${number}/reporter`)).status).toBe(403);
    const masked = (await (await it.api.get(`/api/incidents/${number}/reporter`, STAFF)).json()) as Reporter;
    expect(masked.name).toBe('欧阳**');
    expect(masked.phone).not.toContain('1234');
    expect(masked.email).toBe('m***@example.cn');
    const purpose = `回访-${run}`;
    const plain = await it.api.get(`/api/incidents/${number}/reporter?purpose=${encodeURIComponent(purpose)}`, STAFF);
    expect(await plain.json()).toEqual({ name: '欧阳小明', phone: '10912345678', email: 'ming@example.cn' });
    expect(
      await it.sql`select detail from app.audit where purpose = ${purpose} and action = 'incident.reporter'`,
    ).toMatchObject([{ detail: { incident: number } }]);
  });

  test('what a citizen says of its weight does not count, what a collector says does', async () => {
    const [, byCitizen] = await post<ReportReceipt>('/api/reports', JSON.stringify(report({ severity: 1 })), json);
    const [, byStaff] = await post<ReportReceipt>('/api/reports', JSON.stringify(report({ severity: 2 })), {
      ...STAFF,
      ...json,
    });
    const rows = await it.sql`
      select source, severity from app.incident where id in (${byCitizen.number}, ${byStaff.number}) order by id`;
    expect([...rows]).toEqual([
      { source: 'citizen', severity: 0 },
      { source: 'collector', severity: 2 },
    ]);
  });

  test('the clock of a phone that is ahead does no harm', async () => {
    const [status, { number }] = await post<ReportReceipt>(
      '/api/reports',
      JSON.stringify(report({ at: '2099-01-01T00:00:00Z' })),
      json,
    );
    expect(status).toBe(201);
    const [row] = await it.sql<
      { same: boolean }[]
    >`select occurred_at = received_at as same from app.incident where id = ${number}`;
    expect(row?.same).toBe(true);
  });

  test('one address reports so much, then is told when to come again; staff are not counted', async () => {
    const api = testApi(it.db, { intake: it.intake, reports: { most: 3, windowMs: 60_000 } });
    const send = (from: string, headers = {}) =>
      api.send('POST', '/api/reports', JSON.stringify(report()), { ...json, ...headers, 'X-Forwarded-For': from });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await send('203.0.113.7')).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    const refused = await send('203.0.113.7');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(10);
    expect(((await refused.json()) as Failure).error.code).toBe('TOO_MANY_REPORTS');
    expect((await send('203.0.113.8')).status).toBe(201);
    expect((await send('203.0.113.7', STAFF)).status).toBe(201);
    await api.close();
  });

  test('the limit fills again evenly', () => {
    const limit = new RateLimit({ most: 2, windowMs: 10_000 });
    expect([limit.take('a', 0), limit.take('a', 0), limit.take('a', 0), limit.take('b', 0)]).toEqual([0, 0, 5, 0]);
    expect([limit.take('a', 4000), limit.take('a', 5000), limit.take('a', 5001)]).toEqual([1, 0, 5]);
  });
});

const list = async (query: string): Promise<z.infer<typeof MessageList>> =>
  (await (await it.api.get(`/api/intake/messages${query}`, STAFF)).json()) as z.infer<typeof MessageList>;

const sendIncident = (changes: object) =>
  post(
    '/api/incidents',
    JSON.stringify({
      key: `${run}-m`,
      source: 'm',
      title: 'x',
      severity: 0,
      category: '06010',
      ...HERE,
      occurredAt: '2026-01-01T00:00:00Z',
      ...changes,
    }),
    { ...STAFF, ...json },
  );

describe('messages', () => {
  test('refused ones say why, page by page; good ones of the own format are kept as incidents only', async () => {
    const before = (await list('?channel=incidents&limit=500')).messages.length;
    expect((await sendIncident({}))[0]).toBe(201);
    expect((await sendIncident({ title: '' }))[0]).toBe(400);
    expect((await sendIncident({ lon: 1 }))[0]).toBe(422);
    const { messages } = await list('?channel=incidents&limit=500');
    expect(messages.length).toBe(before + 2);
    expect(messages.slice(0, 2).map(({ rejection }) => rejection)).toMatchObject([
      { code: 'OUTSIDE_DISTRICT', field: 'lon' },
      { code: 'BODY_INVALID', field: 'title' },
    ]);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.next}`);
    expect(first.messages.map(({ id }) => id)).not.toContain(second.messages[0]?.id);
    expect(second.messages[0]?.id).toBeLessThan(first.messages[1]?.id ?? 0);
  });

  test('the text of one is read with a purpose, and the audit knows', async () => {
    const [message] = (await list('?channel=report&outcome=stored&limit=1')).messages;
    const path = `/api/intake/messages/${message?.id}/body`;
    expect((await it.api.get(path, STAFF)).status).toBe(400);
    expect((await it.api.get(`${path}?purpose=核对原文`)).status).toBe(403);
    const answer = await it.api.get(`${path}?purpose=核对原文-${run}`, STAFF);
    expect((await answer.text()).length).toBe(
      (
        await it.sql<
          { n: number }[]
        >`select char_length(convert_from(body, 'UTF8'))::int4 as n from app.intake_message where id = ${message?.id ?? 0}`
      )[0]?.n,
    );
    expect(await it.sql`select from app.audit where purpose = ${`核对原文-${run}`}`).toHaveLength(1);
  });

  test('old messages go, and reporters of what is long over', async () => {
    const [, { number }] = await post<ReportReceipt>(
      '/api/reports',
      JSON.stringify({ id: randomUUID(), category: '06010', ...HERE, reporter: { name: '张三' } }),
      json,
    );
    await it.sql`update app.incident set state = 'closed', closed_at = now() - interval '181 days' where id = ${number}`;
    await it.sql`update app.intake_message set received_at = now() - interval '91 days' where incident_id = ${number}`;
    await pruneIntake(it.sql);
    expect(await it.sql`select from app.intake_message where incident_id = ${number}`).toHaveLength(0);
    expect((await it.api.get(`/api/incidents/${number}/reporter`, STAFF)).status).toBe(404);
    expect((await list('?limit=1')).messages).toHaveLength(1);
  });
});
