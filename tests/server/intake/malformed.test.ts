import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentBatchReceipt } from '../../../server/contract/incidents.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF } from '../api-fixture.ts';
import { run, setUpIntake, type IntakeSetup } from './intake-data.ts';
import { batchWithNeighbours, malformedMessages, type MalformedMessage } from './malformed-messages.ts';

const MESSAGES = 10_000;
const SEED = Number(process.env['MALFORMED_SEED'] ?? 20261127);
/** Requests under way at a time. */
const AT_ONCE = 40;

let it: IntakeSetup;
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
});
afterAll(() => it.close());

async function counts(): Promise<object> {
  const [row] = await it.sql`
    select (select count(*) from app.incident) as incidents, (select count(*) from app.alert) as alerts,
      (select count(*) from app.incident_report) as reports, (select max(id) from app.live_log) as log`;
  return row ?? {};
}

/** What is wrong with the answer to a message; undefined where it is as it must be. */
async function faultOf({ path, type, headers = {}, body, names, what }: MalformedMessage): Promise<string | undefined> {
  // A key is tried in its own place; with the header of staff nobody looks at it.
  const rights = path.startsWith('/open311/') ? {} : STAFF;
  const response = await it.api.send('POST', path, body, { ...rights, 'Content-Type': type, ...headers });
  const text = await response.text();
  const about = `${path} ${what} -> ${response.status} ${text.slice(0, 300)}`;
  if (response.status < 400 || response.status >= 500) return about;
  if (path.startsWith('/open311/')) {
    const description =
      /<description>(.*)<\/description>/s.exec(text)?.[1] ?? /"description":"(.*)"/s.exec(text)?.[1] ?? '';
    return names.some((name) => description.toLowerCase().includes(name.toLowerCase())) ? undefined : about;
  }
  const { error } = JSON.parse(text) as { error: { field?: string; message: string } };
  const field = error.field ?? '';
  const isNamed = names.some((name) => field === name || field.startsWith(`${name}.`) || field.endsWith(`.${name}`));
  return isNamed && error.message !== '' ? undefined : about;
}

test(`${MESSAGES} malformed messages of all formats: 4xx that names the field, none stored (MALFORMED_SEED=${SEED})`, async () => {
  const messages = malformedMessages(MESSAGES, SEED);
  expect(new Set(messages.map(({ path }) => path)).size).toBe(6);
  const before = await counts();
  const faults: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let message = messages[next++]; message; message = messages[next++]) {
      const fault = await faultOf(message);
      if (fault !== undefined) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(faults.slice(0, 20), `${faults.length} answers are wrong`).toEqual([]);
  expect(await counts()).toEqual(before);
  // What nobody may send or what is too large is not kept; all else is, with its reason.
  const [kept] = await it.sql<{ refused: number; named: number }[]>`
    select count(*)::int4 as refused, (count(*) filter (where rejection ? 'code'))::int4 as named from app.intake_message
    where outcome = 'refused'`;
  expect(kept?.refused).toBeGreaterThan(MESSAGES * 0.85);
  expect(kept?.named).toBe(kept?.refused);
  expect(it.api.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
}, 120_000);

test('in a batch the good neighbours of bad incidents are stored, each bad one is named', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { incidents, names } = batchWithNeighbours(SEED + seed);
    const answer = await it.api.send('POST', '/api/incidents/batch', `{"incidents":[${incidents.join(',')}]}`, STAFF);
    expect(answer.status).toBe(200);
    const receipt = (await answer.json()) as IncidentBatchReceipt;
    const bad = names.flatMap((field, index) => (field === null ? [] : [{ index, field }]));
    expect(receipt.accepted).toBe(names.length - bad.length);
    for (const { index, field } of bad) {
      const rejection = receipt.rejected.find((each) => each.index === index);
      expect(
        field.some((name) => rejection?.field === name || rejection?.field?.startsWith(`${name}.`)),
        `${incidents[index]?.slice(0, 300)} -> ${JSON.stringify(rejection)}`,
      ).toBe(true);
    }
  }
  const [row] = await it.sql<
    { stored: number }[]
  >`select count(*)::int4 as stored from app.incident where source = ${`bad-${run}`}`;
  expect(row?.stored).toBe(20 * 4);
});
