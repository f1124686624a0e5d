import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { categories } from '../../../server/incidents/categories.ts';
import { readXml, type XmlTree } from '../../../server/intake/xml.ts';
import { testDatabase } from '../../support/database.ts';
import { PUBLIC_TOKEN, STAFF, STAFF_TOKEN } from '../api-fixture.ts';
import { HERE, run, setUpIntake, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
});
afterAll(() => it.close());

const ROOT = '/open311/v2';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
type Row = Record<string, string | number | null>;

async function get<T = Row[]>(path: string, headers: Record<string, string> = {}): Promise<[number, T]> {
  const answer = await it.api.get(`${ROOT}${path}`, headers);
  expect(answer.headers.get('Content-Type')).toBe('application/json; charset=utf-8');
  return [answer.status, (await answer.json()) as T];
}
async function getXml(path: string): Promise<[number, XmlTree]> {
  const answer = await it.api.get(`${ROOT}${path}`);
  expect(answer.headers.get('Content-Type')).toBe('application/xml; charset=utf-8');
  return [answer.status, readXml(await answer.text())];
}
async function report(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<[number, Row[]]> {
  const body = new URLSearchParams(fields).toString();
  const answer = await it.api.send('POST', `${ROOT}/requests.json`, body, { ...FORM, ...headers });
  return [answer.status, (await answer.json()) as Row[]];
}
const good = (changes: Record<string, string> = {}) => ({
  jurisdiction_id: '440604',
  service_code: '06010',
  lat: String(HERE.lat),
  long: String(HERE.lon),
  description: '垃圾堆 <b>& "三天"</b>',
  first_name: '明',
  last_name: '欧阳',
  phone: '10912345678',
  email: 'ming@example.cn',
  ...changes,
});

describe('what there is', () => {
  test('discovery and services in both forms: every category with its group', async () => {
    const [, discovery] = await get<{ endpoints: { url: string }[] }>('/discovery.json');
    expect(discovery.endpoints[0]?.url).toMatch(/\/open311\/v2$/);
    expect((await getXml('/discovery.xml'))[1].name).toBe('discovery');
    const [, services] = await get('/services.json');
    expect(services.map((row) => row['service_code'])).toEqual(categories.map(({ code }) => code));
    expect(services.every((row) => row['group'] && row['type'] === 'realtime')).toBe(true);
    const [, xml] = await getXml('/services.xml');
    expect([xml.name, xml.children.length, xml.children[0]?.name]).toEqual(['services', categories.length, 'service']);
    expect(await get('/services/06010.json')).toEqual([200, { service_code: '06010', attributes: [] }]);
    expect((await getXml('/services/06010.xml'))[1].name).toBe('service_definition');
  });

  test('what is not there is said in the shape of GeoReport', async () => {
    expect(await get('/services/99999.json')).toEqual([
      404,
      [{ code: 404, description: 'service_code 99999 was not found.' }],
    ]);
    const [status, xml] = await getXml('/services/99999.xml');
    expect([status, xml.name, xml.children[0]?.children.map(({ name, text }) => [name, text])]).toEqual([
      404,
      'errors',
      [
        ['code', '404'],
        ['description', 'service_code 99999 was not found.'],
      ],
    ]);
    for (const path of [
      '/services.json?jurisdiction_id=nowhere',
      '/nothing.json',
      '/requests/0.json',
      '/requests/17',
      '/tokens/x.json',
    ]) {
      const answer = await it.api.get(`${ROOT}${path}`);
      expect([answer.status, await answer.json()], path).toEqual([
        404,
        [{ code: 404, description: expect.any(String) }],
      ]);
    }
    const wrong = await it.api.send('DELETE', `${ROOT}/requests.json`);
    expect([wrong.status, await wrong.json()]).toMatchObject([405, [{ code: 405 }]]);
  });
});

describe('a request', () => {
  test('is reported as a form and read back in both forms, by number and by token', async () => {
    const [status, [receipt]] = await report(
      good({ service_code: 'Exposed rubbish', address_string: '汾江中路12号3座1504房' }),
    );
    expect([status, receipt]).toMatchObject([
      201,
      { service_request_id: expect.stringMatching(/^\d+$/), token: expect.any(String) },
    ]);
    const id = receipt?.['service_request_id'];
    const [, [row]] = await get(`/requests/${id}.json`);
    expect(row).toMatchObject({
      service_request_id: id,
      status: 'open',
      service_code: '06010',
      service_name: '暴露垃圾',
      description: '垃圾堆 <b>& "三天"</b>',
      address: '汾江中路12号3座***',
      lat: HERE.lat,
      long: HERE.lon,
      requested_datetime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
      expected_datetime: expect.stringMatching(/\+08:00$/),
      extended_attributes: { stage: 'collected' },
    });
    expect(JSON.stringify(row)).not.toMatch(/欧阳|109|example/);
    const [, xml] = await getXml(`/requests/${id}.xml`);
    const request = xml.children[0];
    expect([xml.name, request?.name]).toEqual(['service_requests', 'request']);
    expect(request?.children.find(({ name }) => name === 'description')?.text).toBe('垃圾堆 <b>& "三天"</b>');
    expect(await get(`/tokens/${receipt?.['token']}.json`)).toEqual([
      200,
      [{ token: receipt?.['token'], service_request_id: id }],
    ]);
    const [, staff] = await get(`/requests/${id}.json`, STAFF);
    expect(staff[0]?.['address']).toBe('汾江中路12号3座1504房');
  });

  test.each([
    [
      'XML',
      'text/xml',
      () =>
        `<?xml version="1.0"?><request>${Object.entries(good({ description: '井盖' }))
          .map(([k, v]) => `<${k}>${v}</${k}>`)
          .join('')}</request>`,
    ],
    [
      'JSON',
      'application/json',
      () => JSON.stringify({ ...good(), lat: HERE.lat, long: HERE.lon, attribute: { WHISPAWN: 'x' } }),
    ],
  ])('is taken as %s, too', async (_, type, body) => {
    const answer = await it.api.send('POST', `${ROOT}/requests.xml`, body(), { 'Content-Type': type });
    expect(answer.status).toBe(201);
    expect(readXml(await answer.text()).children[0]?.children[0]).toMatchObject({ name: 'service_request_id' });
  });

  test('is taken as multipart, and pictures are said not to be', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(good({ media_url: 'https://example.cn/1.jpg' }))) form.set(name, value);
    form.set('media', new Blob(['x'], { type: 'image/jpeg' }), '1.jpg');
    const encoded = new Response(form);
    const answer = await it.api.send('POST', `${ROOT}/requests.json`, await encoded.arrayBuffer(), {
      'Content-Type': encoded.headers.get('Content-Type') ?? '',
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      201,
      [{ service_notice: expect.stringContaining('not taken') }],
    ]);
  });

  test('repeated with the same Idempotency-Key is the same; with other content it is refused', async () => {
    const headers = { 'Idempotency-Key': `${run}-once` };
    const [, [first]] = await report(good(), headers);
    expect(await report(good(), headers)).toEqual([200, [first]]);
    expect(await report(good({ lat: '23.006' }), headers)).toMatchObject([
      409,
      [{ description: expect.stringContaining('Idempotency') }],
    ]);
    expect(await report(good())).toMatchObject([201, [{ service_request_id: expect.any(String) }]]);
  });

  test.each([
    [400, 'service_code', { service_code: '' }],
    [404, 'service_code', { service_code: '99999' }],
    [400, 'lat', { lat: 'north' }],
    [400, 'long', { long: '' }],
    [422, 'long', { lat: '0', long: '0' }],
    [422, 'long', { lat: '22.95', long: '113' }],
    [400, 'phone', { phone: 'call me' }],
    [400, 'email', { email: 'at home' }],
    [400, 'description', { description: 'x'.repeat(4001) }],
    [403, 'api_key', { api_key: 'nobody-knows-this-key' }],
    [404, 'jurisdiction_id', { jurisdiction_id: 'elsewhere' }],
  ])('%i naming %s', async (status, field, changes) => {
    const [answered, [error]] = await report(good(changes));
    expect([answered, error]).toEqual([status, { code: status, description: expect.stringContaining(field) }]);
  });

  test('GBK in a form is refused by the name of its field', async () => {
    const answer = await it.api.send(
      'POST',
      `${ROOT}/requests.json`,
      'service_code=06010&description=%B1%A9%C2%B6',
      FORM,
    );
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      [{ description: expect.stringContaining('description') }],
    ]);
  });
});

const daysAgo = (days: number) => encodeURIComponent(new Date(Date.now() - days * 86_400_000).toISOString());

describe('lists', () => {
  test('restricted kinds may be filed but are never shown to the public', async () => {
    const [, [receipt]] = await report(good({ service_code: 'Z0201' }));
    const id = receipt?.['service_request_id'];
    expect((await get(`/requests/${id}.json`))[0]).toBe(404);
    expect((await get(`/requests.json?service_request_id=${id}`))[1]).toEqual([]);
    expect((await get(`/requests.json?service_code=Z0201&api_key=${PUBLIC_TOKEN}`))[1]).toEqual([]);
    expect((await get(`/requests.json?service_request_id=${id}&api_key=${STAFF_TOKEN}`))[1]).toHaveLength(1);
    expect((await it.api.get(`/api/reports/${receipt?.['token']}`)).status).toBe(200);
  });

  test('by kind, state and time; numbers of people are hidden', async () => {
    const [, [receipt]] = await report(good({ service_code: '06037', description: '请打电话 109 1234 5678' }));
    const id = Number(receipt?.['service_request_id']);
    const [, all] = await get('/requests.json?service_code=06037,06038&status=open');
    expect(all).toMatchObject([{ service_request_id: String(id), description: '请打电话 ***' }]);
    await it.sql`update app.incident set state = 'closed', closed_at = now(), received_at = now() - interval '100 days' where id = ${id}`;
    const ids = async (query: string) => (await get(`/requests.json?service_code=06037${query}`))[1].length;
    expect([await ids(''), await ids(`&start_date=${daysAgo(120)}&end_date=${daysAgo(40)}`)]).toEqual([0, 1]);
    expect(await ids(`&start_date=${daysAgo(120)}&end_date=${daysAgo(40)}&status=open`)).toBe(0);
    const [, [row]] = await get(`/requests/${id}.json`);
    expect(row?.['status']).toBe('closed');
  });

  test.each([
    ['status=broken', 'status'],
    ['start_date=yesterday', 'start_date'],
    ['end_date=2026-01-01', 'end_date'],
    ['start_date=2025-01-01T00:00:00Z&end_date=2026-01-01T00:00:00Z', 'end_date'],
    ['service_request_id=x', 'service_request_id'],
  ])('%s is refused by name', async (query, field) => {
    expect(await get(`/requests.json?${query}`)).toEqual([
      400,
      [{ code: 400, description: expect.stringContaining(field) }],
    ]);
  });
});
