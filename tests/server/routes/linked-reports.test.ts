import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import type { ReportGroup, SimilarIncidents } from '../../../server/duplicates/contract.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident } from '../../support/incidents.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db);
});
afterAll(() => api.close());

let spots = 0;
async function storeTwo(code = '06010', second: object = {}): Promise<[number, number]> {
  spots += 1;
  const here = { lon: 108 + spots * 0.01, lat: 19, severity: 0, category: findCategory(code) as Category };
  const stored = await ingestBatch(db.sql, [makeIncident(here), makeIncident({ ...here, ...second })]);
  return stored.map(({ id }) => id) as [number, number];
}

async function post<T>(path: string, body: object): Promise<[number, T]> {
  const answer = await api.send('POST', path, JSON.stringify(body), STAFF);
  return [answer.status, (await answer.json()) as T];
}

async function get<T>(path: string, headers: Record<string, string> = STAFF): Promise<[number, T]> {
  const answer = await api.get(path, headers);
  return [answer.status, (await answer.json()) as T];
}

test('linked to the oldest whichever is named, read from any of them, unlinked, remembered, linked again', async () => {
  const [first, second] = await storeTwo();
  const [, similar] = await get<SimilarIncidents>(`/api/incidents/${second}/similar`);
  expect(similar.similar).toMatchObject([{ incident: { id: first }, metres: 0, apart: false }]);
  expect(similar.similar[0]?.score).toBeGreaterThan(similar.sure);

  const group = { parent: { id: first, reports: 2 }, reports: [{ id: second, parent: first }] };
  const reason = '同一处';
  expect(await post(`/api/incidents/${first}/link`, { parent: second, reason })).toMatchObject([200, group]);
  expect(await post(`/api/incidents/${first}/link`, { parent: second })).toMatchObject([200, group]);
  for (const id of [first, second]) expect(await get(`/api/incidents/${id}/reports`)).toMatchObject([200, group]);
  const entries = await db.sql`
    select move, actor, post, reason, detail from app.incident_event where incident_id = ${second} order by id`;
  expect(entries).toEqual([{ move: 'linked', actor: 'staff', post: 'shift_lead', reason, detail: { parent: first } }]);

  const [status, alone] = await post<ReportGroup>(`/api/incidents/${second}/unlink`, {});
  expect([status, alone]).toMatchObject([200, { parent: { id: second, reports: 1, parent: null }, reports: [] }]);
  expect(await get(`/api/incidents/${second}/similar`)).toMatchObject([200, { similar: [{ apart: true }] }]);
  expect(await post(`/api/incidents/${second}/link`, { parent: first })).toMatchObject([200, group]);
  const logged = await db.sql<{ id: number }[]>`
    select (body #>> '{incident,id}')::int as id from app.live_log
    where body ->> 'type' = 'incident.updated' and (body #>> '{incident,id}')::int = ${first}`;
  expect(logged).toHaveLength(3);
});

test('what cannot be one is refused, and says why', async () => {
  const [first, second] = await storeTwo();
  const [restricted] = await storeTwo('Z0101');
  const refused = { error: { code: 'NOT_LINKABLE', field: 'parent', value: restricted } };
  expect(await post(`/api/incidents/${first}/link`, { parent: restricted })).toMatchObject([409, refused]);
  expect(await post(`/api/incidents/${first}/link`, { parent: first })).toMatchObject([409, {}]);
  expect(await post(`/api/incidents/${first}/unlink`, {})).toMatchObject([409, { error: { code: 'NOT_LINKABLE' } }]);
  expect(await post(`/api/incidents/${first}/link`, { parent: 999_999_999 })).toMatchObject([
    404,
    { error: { code: 'INCIDENT_NOT_FOUND', field: 'parent' } },
  ]);
  expect(await post(`/api/incidents/${first}/link`, { parent: 'x' })).toMatchObject([
    400,
    { error: { code: 'BODY_INVALID', field: 'parent' } },
  ]);
  await post(`/api/incidents/${second}/close`, {});
  expect(await post(`/api/incidents/${first}/link`, { parent: second })).toMatchObject([409, {}]);
});

test('the public reads groups of what it may see', async () => {
  const [first, second] = await storeTwo();
  await post(`/api/incidents/${first}/link`, { parent: second });
  expect(await get(`/api/incidents/${second}/reports`, {})).toMatchObject([200, { parent: { id: first } }]);
  const [restricted] = await storeTwo('Z0101');
  expect(await get(`/api/incidents/${restricted}/reports`, {})).toMatchObject([404, {}]);
});
