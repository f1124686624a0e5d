import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { Duties } from '../../../server/duty/duties.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { doneAndDue } from '../../../server/workflow/evaluation.ts';
import { readHistory } from '../../../server/workflow/history.ts';
import { escalateOnce, takeOnEscalation } from '../../../server/workflow/take-on-escalation.ts';
import { moveIncident } from '../../../server/workflow/move-incident.ts';
import { moveOf, type MoveId } from '../../../server/workflow/machine.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { makeIncident } from '../../support/incidents.ts';

let db: Database;
beforeAll(async () => {
  db = await testDatabase();
});

const HOUR = 3_600_000;
/** Before everything else in the database, so that the rounds of these tests find nothing of others. */
const START = Date.parse('2020-06-15T09:00:00+08:00');

async function report(category: string, severity: number, start = START): Promise<number> {
  const found = findCategory(category) as Category;
  const [stored] = await ingestBatch(db.sql, [
    makeIncident({ category: found, severity, receivedAt: start, dueAt: start + found.limit.amount * HOUR }),
  ]);
  return stored!.id;
}

const move = (incident: number, name: MoveId, at: number) =>
  moveIncident(db.sql, {
    incident,
    move: name,
    actor: 'x',
    post: moveOf(name).posts[0]!,
    reason: 'x',
    detail: { department: 'urban_management' },
    at,
  });

/** As the duty does it, as of a moment. */
const round = (now: number) => db.sql.begin((tx) => escalateOnce(tx, now));

async function entries(id: number): Promise<[string, string | undefined, unknown][]> {
  const history = await readHistory(db.sql, id);
  return history
    .filter(({ post }) => post === 'system')
    .map(({ move, at, detail }) => [move, at, detail?.['percent'] ?? detail?.['level'] ?? null]);
}

const iso = (ms: number) => new Date(ms).toISOString();

test('supervised at 100, 150 and 200 % of the limit, and no more', async () => {
  const id = await report('Z0901', 1);
  await move(id, 'register', START);
  // No climbing in this test.
  await db.sql`update app.incident set escalate_at = null where id = ${id}`;
  for (const minutes of [59, 61, 75, 91, 119, 121, 400]) await round(START + minutes * 60_000);
  expect(await entries(id)).toEqual([
    ['supervise', iso(START + 61 * 60_000), 100],
    ['supervise', iso(START + 91 * 60_000), 150],
    ['supervise', iso(START + 121 * 60_000), 200],
  ]);
  await move(id, 'close_now', START + 401 * 60_000);
});

test('a matter of social governance climbs level by level: 2 h, 24 h, 48 h, 72 h', async () => {
  const id = await report('Z0503', 0);
  await db.sql`update app.incident set supervise_at = null where id = ${id}`;
  for (const hours of [1, 3, 26, 28, 75, 77, 148, 150, 1000]) await round(START + hours * HOUR);
  expect(await entries(id)).toEqual([
    ['escalate', iso(START + 3 * HOUR), 1],
    ['escalate', iso(START + 28 * HOUR), 2],
    ['escalate', iso(START + 77 * HOUR), 3],
    ['escalate', iso(START + 150 * HOUR), 4],
  ]);
  await expect(move(id, 'escalate', START + 1001 * HOUR)).rejects.toThrow('highest level');
  await move(id, 'close_now', START + 1002 * HOUR);
});

test('neither happens while the clock stands', async () => {
  const id = await report('Z0503', 0);
  for (const name of ['register', 'dispatch', 'accept', 'suspend'] as const) await move(id, name, START + HOUR);
  await round(START + 1000 * HOUR);
  expect(await entries(id)).toEqual([]);
  await move(id, 'close_now', START + 1001 * HOUR);
});

test('what was closed is evaluated after the week in which it may be reopened', async () => {
  const id = await report('06010', 3);
  await move(id, 'close_now', START + HOUR);
  await round(START + HOUR + 7 * 24 * HOUR - 1);
  expect(await entries(id)).toEqual([]);
  await round(START + HOUR + 7 * 24 * HOUR + 1);
  const history = await readHistory(db.sql, id);
  expect(history.at(-1)).toMatchObject({
    move: 'evaluate',
    actor: 'system',
    detail: { evaluation: { inTime: true, score: 100 } },
  });
});

test('as a duty it runs by itself, once for all processes', async () => {
  const id = await report('Z0901', 1, Date.now() - 90 * 60_000);
  const failures: unknown[] = [];
  const both = [0, 1].map(() => new Duties({ sql: db.sql, onError: (_, cause) => failures.push(cause) }));
  await db.sql`delete from app.duty where name = 'escalation'`;
  try {
    for (const duties of both) await takeOnEscalation(duties);
    await until('the supervision', async () => (await entries(id)).length > 0, 20_000);
    expect((await entries(id)).map(([name]) => name)).toEqual(['supervise']);
  } finally {
    await Promise.all(both.map((duties) => duties.close()));
  }
  expect(failures).toEqual([]);
  await move(id, 'close_now', Date.now());
});

const entry = (move: string, at: string, due: [string | null, string | null] = [null, null]) => ({
  id: 1,
  at,
  move,
  from: null,
  to: null,
  actor: 'x',
  post: null,
  department: null,
  reason: null,
  dueBefore: due[0],
  dueAfter: due[1],
  stageDueAfter: null,
  detail: null,
});

test('in time is judged by the limit that held when it was reported done last', () => {
  expect(doneAndDue([], '5')).toEqual({ done: null, due: '5' });
  expect(doneAndDue([entry('close_now', '3')], '5')).toEqual({ done: '3', due: '5' });
  const reworked = [
    entry('dispatch', '1', ['5', '6']),
    entry('report_done', '4'),
    entry('rework', '7', ['6', '9']),
    entry('report_done', '8'),
    entry('close_now', '10'),
  ];
  expect(doneAndDue(reworked, '9')).toEqual({ done: '8', due: '9' });
});
