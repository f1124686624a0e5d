import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert, AlertList } from '../../../server/contract/alerts.ts';
import type { AlertEvent } from '../../../server/contract/live.ts';
import { capSchema, readCap } from '../../../server/alerts/read-cap.ts';
import { childText, childTexts, readXml } from '../../../server/intake/xml.ts';
import { DISTRICT, readLog } from '../../../server/live/log.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF } from '../api-fixture.ts';
import { capMessage, capTimeOf, SQUARE, type CapChanges } from './cap-message.ts';
import { run, setUpIntake, type Failure, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
});
afterAll(() => it.close());

const XML = { ...STAFF, 'Content-Type': 'application/cap+xml' };
async function send<T = Alert>(
  xml: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = XML,
): Promise<[number, T]> {
  const answer = await it.api.send('POST', '/api/intake/cap', xml, headers);
  return [answer.status, (await answer.json()) as T];
}
async function headOfLog(): Promise<number> {
  const [row] = await it.sql<{ id: number }[]>`select coalesce(max(id), 0)::float8 as id from app.live_log`;
  return row?.id ?? 0;
}
async function logged(after: number, town?: string): Promise<[string, number, string][]> {
  const { entries } = await readLog(it.sql, { after, withRestricted: true, limit: 100, ...(town ? { town } : {}) });
  return entries.map(({ json }) => {
    const { type, alert } = JSON.parse(json) as AlertEvent;
    return [type, alert.id, alert.state];
  });
}
const referTo = (identifier: string): string => `weather@foshan.gov.cn,${identifier},${capTimeOf(Date.now() - 60_000)}`;
const inForce = async (headers = {}): Promise<number[]> =>
  ((await (await it.api.get('/api/alerts', headers)).json()) as AlertList).alerts.map(({ id }) => id);

const doctype = (inner: string) => capMessage(`${run}-x`).replace('?>', `?><!DOCTYPE alert [${inner}]>`);

describe('a warning of another office', () => {
  test('is stored in both languages with its shape the right way round, is logged and is served as valid CAP', async () => {
    const before = await headOfLog();
    const [status, alert] = await send(capMessage(`${run}-1`));
    expect([status, alert]).toMatchObject([
      201,
      {
        severity: 2,
        event: { zh: '暴雨', en: 'Rainstorm' },
        headline: { zh: '暴雨橙色预警', en: 'Orange rainstorm warning' },
        senderName: '佛山市气象台',
        areas: [{ description: { zh: '祖庙街道', en: 'Zumiao' }, geocodes: [['adcode', '440604']] }],
        state: 'active',
      },
    ]);
    expect(alert.areas[0]?.polygons[0]?.[0]).toEqual([113.07, 22.99]);
    expect(alert.towns).toEqual(['440604010000', '440604012000']);
    expect(await logged(before)).toEqual([['alert.raised', alert.id, 'active']]);
    // It concerns two towns: who follows either of them is told.
    expect(await logged(before, '440604011000')).toHaveLength(1);
    expect(await inForce()).toContain(alert.id);
    expect(await send(capMessage(`${run}-1`, { head: { sent: alert.sent.replace('.000Z', '+00:00') } }))).toMatchObject(
      [200, { id: alert.id }],
    );

    const out = await it.api.get(`/api/alerts/${alert.id}.cap`);
    expect(out.headers.get('Content-Type')).toContain('application/cap+xml');
    const text = await out.text();
    const tree = readXml(text, capSchema());
    const infos = tree.children.filter(({ name }) => name === 'info');
    expect(
      infos.map((info) => [childText(info, 'language'), childText(info, 'headline'), childText(info, 'severity')]),
    ).toEqual([
      ['zh-CN', '暴雨橙色预警', 'Severe'],
      ['en', 'Orange rainstorm warning', 'Severe'],
    ]);
    expect(readCap(text, Date.now())).toMatchObject({ areas: alert.areas, event: alert.event, severity: 2 });
  });

  test('an update takes its place, a cancel calls it off, also when they overtake it', async () => {
    const [, first] = await send(capMessage(`${run}-u1`));
    let before = await headOfLog();
    const [, second] = await send(
      capMessage(`${run}-u2`, {
        head: { msgType: 'Update', references: referTo(`${run}-u1`) },
        info: { severity: 'Extreme' },
      }),
    );
    expect(second).toMatchObject({ severity: 1, state: 'active' });
    expect(await logged(before)).toEqual([
      ['alert.updated', first.id, 'replaced'],
      ['alert.raised', second.id, 'active'],
    ]);
    before = await headOfLog();
    const [, off] = await send(
      capMessage(`${run}-u3`, { head: { msgType: 'Cancel', references: referTo(`${run}-u2`) }, infos: '' }),
    );
    expect(await logged(before)).toEqual([['alert.cancelled', second.id, 'cancelled']]);
    const active = await inForce();
    for (const { id } of [first, second, off]) expect(active).not.toContain(id);

    before = await headOfLog();
    await send(
      capMessage(`${run}-late-off`, { head: { msgType: 'Cancel', references: referTo(`${run}-late`) }, infos: '' }),
    );
    const [status, late] = await send(capMessage(`${run}-late`));
    expect([status, late.state]).toEqual([201, 'cancelled']);
    expect(await logged(before)).toEqual([]);
  });

  test('what is no longer or not for everybody is not shown to the public', async () => {
    const [, test] = await send(capMessage(`${run}-test`, { head: { status: 'Exercise' } }));
    const [, inner] = await send(
      capMessage(`${run}-inner`, { head: { scope: '<scope>Restricted</scope><restriction>三防</restriction>' } }),
    );
    for (const { id } of [test, inner]) {
      expect((await it.api.get(`/api/alerts/${id}`)).status).toBe(404);
      expect((await it.api.get(`/api/alerts/${id}.cap`)).status).toBe(404);
      expect(await inForce()).not.toContain(id);
      expect(await inForce(STAFF)).toContain(id);
      expect(readXml(await (await it.api.get(`/api/alerts/${id}.cap`, STAFF)).text(), capSchema()).name).toBe('alert');
    }
    await it.sql`update app.alert set expires = now() - interval '1 second' where id = ${test.id}`;
    expect(await inForce(STAFF)).not.toContain(test.id);
  });

  const wrong: [string, number, string, CapChanges][] = [
    ['no identifier', 400, 'identifier', { head: { identifier: null } }],
    ['an identifier with a comma', 400, 'identifier', { head: { identifier: 'a,b' } }],
    ['a status of its own', 400, 'status', { head: { status: 'Urgent' } }],
    ['UTC by the letter Z', 400, 'sent', { head: { sent: '2026-11-27T00:00:00Z' } }],
    ['a day that does not exist', 400, 'sent', { head: { sent: '2026-02-30T00:00:00+08:00' } }],
    ['the far future', 422, 'sent', { head: { sent: '2199-01-01T00:00:00+08:00' } }],
    ['an update of nothing', 400, 'references', { head: { msgType: 'Update' } }],
    ['references that are none', 400, 'references', { head: { msgType: 'Update', references: 'the one before' } }],
    ['a restriction that is missing', 400, 'restriction', { head: { scope: 'Restricted' } }],
    ['a severity in Chinese', 400, 'severity', { info: { severity: '橙色' } }],
    ['no certainty', 400, 'certainty', { info: { certainty: null } }],
    [
      'elements in another order',
      400,
      'category',
      { info: { category: null, certainty: '<certainty>Likely</certainty><category>Met</category>' } },
    ],
    ['over before it was sent', 400, 'expires', { info: { expires: '2020-01-01T00:00:00+08:00' } }],
    ['an acknowledgement', 400, 'msgType', { head: { msgType: 'Ack' } }],
    ['lon,lat', 400, 'polygon', { area: { polygon: '113.0,23.0 113.1,23.0 113.1,23.1 113.0,23.0' } }],
    ['an open ring', 400, 'polygon', { area: { polygon: '23.0,113.0 23.0,113.1 23.1,113.1 23.1,113.0' } }],
    ['two points', 400, 'polygon', { area: { polygon: '23.0,113.0 23.0,113.0' } }],
    ['no numbers', 400, 'polygon', { area: { polygon: 'NaN,NaN NaN,NaN NaN,NaN NaN,NaN' } }],
    ['a circle without radius', 400, 'circle', { area: { polygon: '<circle>23.0,113.0</circle>' } }],
    ['null island', 422, 'area', { area: { polygon: '0,0 0,1 1,1 0,0' } }],
    ['another province', 422, 'area', { area: { polygon: '<circle>39.9,116.4 10</circle>' } }],
  ];
  test.each(wrong)('with %s: %i naming %s', async (_, status, field, changes) => {
    const before = await it.sql`select count(*) from app.alert`;
    const [answered, failure] = await send<Failure>(capMessage(`${run}-bad`, changes));
    expect([answered, failure.error.field, failure.error.message]).toEqual([status, field, expect.any(String)]);
    expect(await it.sql`select count(*) from app.alert`).toEqual(before);
    expect(
      await it.sql`select outcome, rejection ->> 'field' as field from app.intake_message order by id desc limit 1`,
    ).toMatchObject([{ outcome: 'refused', field }]);
  });

  test('entities of its own, files of this machine, other encodings: none of it is opened', async () => {
    const bomb = Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('');
    for (const xml of [
      doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'),
      doctype(`<!ENTITY a0 "x">${bomb}`),
      doctype(''),
    ]) {
      expect(await send<Failure>(xml)).toMatchObject([400, { error: { code: 'BODY_MALFORMED', field: 'DOCTYPE' } }]);
    }
    expect(await send<Failure>(Buffer.from(capMessage('x'), 'utf16le'))).toMatchObject([
      400,
      { error: { code: 'BODY_MALFORMED' } },
    ]);
    expect(await send<Failure>(capMessage('x').replace('UTF-8', 'GBK'))).toMatchObject([
      400,
      { error: { field: 'encoding' } },
    ]);
    expect(await send<Failure>(`${'<a>'.repeat(10_000)}`)).toMatchObject([400, { error: { code: 'BODY_MALFORMED' } }]);
    expect(await send<Failure>('<alert/>')).toMatchObject([400, { error: { code: 'BODY_INVALID' } }]);
  });
});

const input = (changes: object = {}) => ({
  event: { zh: '内涝', en: 'Waterlogging' },
  headline: { zh: '江湾立交桥底积水', en: 'Water under Jiangwan flyover' },
  severity: 3,
  category: ['Safety', 'Transport'],
  responseType: ['Avoid'],
  urgency: 'Immediate',
  certainty: 'Observed',
  expires: new Date(Date.now() + 3_600_000).toISOString(),
  areas: [{ description: { zh: '江湾', en: 'Jiangwan' }, circles: [[113.1, 23.01, 1.5]] }],
  ...changes,
});
const post = async (path: string, body: object = {}, headers: object = STAFF): Promise<[number, Alert & Failure]> => {
  const answer = await it.api.send('POST', path, JSON.stringify(body), { ...headers });
  return [answer.status, (await answer.json()) as Alert & Failure];
};

describe('a warning of our own', () => {
  test('is issued, replaced and called off; the Atom feed leads to valid messages of what is in force', async () => {
    await it.sql`update app.alert set replaced_by = null`;
    await it.sql`truncate app.alert`;
    const [created, first] = await post('/api/alerts', input());
    expect([created, first.state, first.towns.length > 0]).toEqual([201, 'active', true]);
    const [, second] = await post(
      '/api/alerts',
      input({ severity: 2, replaces: [first.id], areas: [{ description: { zh: '全区 <&>', en: 'All "of" it' } }] }),
    );
    expect(second).toMatchObject({ msgType: 'Update', state: 'active', towns: [] });
    expect((await post('/api/alerts', input(), {}))[0]).toBe(403);
    const feed = await it.api.get('/api/alerts/cap.atom');
    const tree = readXml(await feed.text());
    const entries = tree.children.filter(({ name }) => name === 'entry');
    expect(entries.map((entry) => childText(entry, 'id'))).toEqual([
      expect.stringMatching(new RegExp(`/api/alerts/${second.id}\\.cap$`)),
    ]);
    expect((await it.api.get('/api/alerts/cap.atom', { 'If-None-Match': feed.headers.get('ETag') ?? '' })).status).toBe(
      304,
    );
    const cap = readXml(await (await it.api.get(`/api/alerts/${second.id}.cap`)).text(), capSchema());
    expect(childText(cap, 'references')).toContain(first.identifier);
    expect(childTexts(cap.children.find(({ name }) => name === 'info') ?? cap, 'category')).toEqual([
      'Safety',
      'Transport',
    ]);
    const before = await headOfLog();
    expect(await post(`/api/alerts/${second.id}/cancel`)).toMatchObject([200, { id: second.id, state: 'cancelled' }]);
    expect(await post(`/api/alerts/${second.id}/cancel`)).toMatchObject([200, { state: 'cancelled' }]);
    const { entries: log } = await readLog(it.sql, { after: before, withRestricted: true, limit: 9 });
    expect(log.map(({ town }) => town)).toEqual([DISTRICT]);
    expect(await inForce()).toEqual([]);
  });

  test.each([
    [400, 'severity', { severity: 0 }],
    [400, 'headline.en', { headline: { zh: '仅中文' } }],
    [400, 'category.0', { category: ['Rain'] }],
    [400, 'expires', { expires: '2020-01-01T00:00:00Z' }],
    [
      400,
      'areas.0.polygons',
      {
        areas: [
          {
            description: { zh: 'x', en: 'x' },
            polygons: [
              [
                [113, 23],
                [113.1, 23],
                [113.1, 23.1],
                [113, 23.1],
              ],
            ],
          },
        ],
      },
    ],
    [422, 'area', { areas: [{ description: { zh: 'x', en: 'x' }, circles: [[0, 0, 1]] }] }],
    [404, 'id', { replaces: [999_999_999] }],
  ])('%i naming %s', async (status, field, changes) => {
    expect(await post('/api/alerts', input(changes))).toMatchObject([status, { error: { field } }]);
  });

  test('the square of the tests is where it is meant to be', () => {
    expect(SQUARE.split(' ')[0]).toBe('22.99,113.07');
  });
});
