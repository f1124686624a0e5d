import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LiveEvent } from '../../../server/contract/live.ts';
import type { Database } from '../../../server/db/connect.ts';
import { linkReports } from '../../../server/duplicates/follow-reports.ts';
import { forgetApart, holdLinks, linkPairs, unlink, type LinkResult } from '../../../server/duplicates/links.ts';
import { logChanges } from '../../../server/duplicates/log-changes.ts';
import { Duties } from '../../../server/duty/duties.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { closeIncident, ingestBatch } from '../../../server/incidents/store.ts';
import type { CheckedIncident } from '../../../server/incidents/validate.ts';
import { tidyGroups } from '../../../server/duplicates/tidy-groups.ts';
import { ApiError } from '../../../server/errors.ts';
import { readHistory } from '../../../server/workflow/history.ts';
import { moveIncident } from '../../../server/workflow/move-incident.ts';
import { applyEntry, receivedState } from '../../../server/workflow/replay-history.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { followByHand, type HandFollower } from '../../support/follow-once.ts';
import { makeIncident } from '../../support/incidents.ts';

let db: Database;
let follower: HandFollower;
const opened: Duties[] = [];
const staff = { actor: 'staff', post: 'shift_lead' as const };

beforeAll(async () => {
  db = await testDatabase();
  follower = await followByHand(db, linkReports);
});
afterEach(() => Promise.all(opened.splice(0).map((duties) => duties.close())));
afterAll(() => follower.forget());

let spots = 0;
/** A place a kilometre from every other one. */
function spot(): { lon: number; lat: number } {
  spots += 1;
  return { lon: 109 + (spots % 50) * 0.01, lat: 20 + Math.floor(spots / 50) * 0.01 };
}

async function store(...changes: Partial<CheckedIncident>[]): Promise<number[]> {
  const incidents = changes.map((change) => makeIncident({ severity: 0, title: '暴露垃圾', ...change }));
  return (await ingestBatch(db.sql, incidents)).map(({ id }) => id);
}

interface State {
  id: number;
  parent: number | null;
  reports: number;
  severity: number;
  state: string;
  stage: string;
}

async function read(ids: readonly number[]): Promise<State[]> {
  return db.sql<State[]>`
    select id, parent_id as parent, report_count as reports, severity, state, stage
    from app.incident where id = any (${[...ids]}::bigint[]) order by id`;
}

function link(a: number, b: number): Promise<LinkResult> {
  return db.sql.begin(async (tx) => {
    await holdLinks(tx);
    const result = await linkPairs(tx, [{ a, b }], staff);
    if (result.refused.length === 0) await forgetApart(tx, a, b);
    await logChanges(tx, { updated: result.changed, closed: [], reopened: [] });
    return result;
  }) as Promise<LinkResult>;
}

async function part(id: number): Promise<void> {
  await db.sql.begin(async (tx) => {
    await holdLinks(tx);
    const result = await unlink(tx, id, staff);
    if ('changed' in result) await logChanges(tx, { updated: result.changed, closed: [], reopened: [] });
  });
}

async function reopen(id: number): Promise<void> {
  await moveIncident(db.sql, { incident: id, move: 'reopen', ...staff, reason: '复发' });
}

/** Merging closes the report as a duplicate; where the workflow does not allow it, nothing happens. */
async function merge(id: number, parent: number): Promise<void> {
  try {
    await moveIncident(db.sql, { incident: id, move: 'merge', ...staff, detail: { parent } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function history(id: number): Promise<{ move: string; actor: string; detail: Record<string, unknown> }[]> {
  return db.sql<{ move: string; actor: string; detail: Record<string, unknown> }[]>`
    select move, actor, detail from app.incident_event where incident_id = ${id} order by id`;
}

const category = (code: string) => findCategory(code) as Category;

describe('the machine', () => {
  test('links what is alike, near and soon to the oldest, counts it, and says so in history and log', async () => {
    const here = spot();
    const [first = 0] = await store(here);
    const [second = 0, third = 0, other = 0] = await store(
      { ...here, title: '垃圾没人清理' },
      { ...here, category: category('06011'), lat: here.lat + 0.0001 },
      { ...here, category: category('06028'), title: '噪声扰民' },
    );
    await follower.catchUp();
    expect(await read([first, second, third, other])).toMatchObject([
      { id: first, parent: null, reports: 3 },
      { id: second, parent: first, reports: 1 },
      { id: third, parent: first, reports: 1 },
      { id: other, parent: null, reports: 1 },
    ]);
    const [entry] = await history(second);
    expect(entry).toMatchObject({ move: 'linked', actor: 'duplicates', detail: { parent: first, sameCategory: true } });
    expect(await history(first)).toMatchObject([
      { move: 'report_linked', detail: { incident: second, reports: 1 } },
      { move: 'report_linked', detail: { incident: third, reports: 1 } },
    ]);
    const logged = await db.sql<{ id: number; parent: number | null; reports: number }[]>`
      select (body #>> '{incident,id}')::int as id, (body #>> '{incident,parent}')::int as parent,
        (body #>> '{incident,reports}')::int as reports
      from app.live_log where body ->> 'type' = 'incident.updated'
        and (body #>> '{incident,id}')::int in (${first}, ${second}, ${third}) order by live_log.id`;
    expect(logged).toEqual([
      { id: first, parent: null, reports: 3 },
      { id: second, parent: first, reports: 1 },
      { id: third, parent: first, reports: 1 },
    ]);
    // Being told of its own entries changes nothing.
    await follower.catchUp();
    expect(await read([first])).toMatchObject([{ reports: 3 }]);
  });

  test('a restricted incident is linked with restricted ones only', async () => {
    const here = spot();
    const ids = await store(
      { ...here, category: category('Z0504'), title: '噪声扰民' },
      { ...here, category: category('Z0504'), title: '噪声扰民' },
      { ...here, category: category('06028'), title: '噪声扰民' },
    );
    await follower.catchUp();
    expect((await read(ids)).map(({ parent }) => parent)).toEqual([null, ids[0], null]);
    expect((await link(ids[0] as number, ids[2] as number)).refused).toMatchObject([{ why: 'restricted' }]);
  });

  test('what somebody has parted stays apart, until somebody links it again', async () => {
    const here = spot();
    const [first = 0, second = 0] = await store(here, here);
    await follower.catchUp();
    await part(second);
    expect(await read([first, second])).toMatchObject([
      { parent: null, reports: 1 },
      { parent: null, reports: 1 },
    ]);
    // As if both came in again.
    await db.sql.begin(async (tx) => {
      await tx`select app.log_incidents('incident.created', array[${first}, ${second}]::bigint[])`;
    });
    await follower.catchUp();
    expect((await read([first, second])).map(({ parent }) => parent)).toEqual([null, null]);
    await link(second, first);
    expect(await read([first, second])).toMatchObject([{ reports: 2 }, { parent: first }]);
    expect(await db.sql`select from app.incident_apart where a = ${first} and b = ${second}`).toHaveLength(0);
  });

  test('a closed incident gets no further reports: the next one is a new incident', async () => {
    const here = spot();
    const [first = 0] = await store(here);
    await follower.catchUp();
    await closeIncident(db.sql, 'staff', first, Date.now());
    const [second = 0] = await store(here);
    await follower.catchUp();
    expect((await read([second]))[0]?.parent).toBeNull();
  });

  test('two processes and many reports at once make one group with the oldest in front', async () => {
    const here = spot();
    const make = () =>
      new Duties({ sql: db.sql, onError: (_, cause) => expect.unreachable(String(cause)), pollMs: 50 });
    const [a, b] = [make(), make()];
    opened.push(a, b);
    const name = `test-${Math.random().toString(36).slice(2)}`;
    await a.follow({ name, handle: linkReports });
    await b.follow({ name, handle: linkReports });
    await until(
      'the cursor',
      async () => (await db.sql`select from app.duty where name = ${name} and log_id is not null`).length > 0,
    );
    const ids = (await Promise.all(Array.from({ length: 24 }, () => store(here)))).flat();
    const oldest = Math.min(...ids);
    await until('all of them', async () => (await read([oldest]))[0]?.reports === ids.length, 60_000);
    const rows = await read(ids);
    expect(rows.filter(({ id }) => id !== oldest).map(({ parent }) => parent)).toEqual(
      Array.from({ length: ids.length - 1 }, () => oldest),
    );
    await db.sql`delete from app.duty where name = ${name}`;
  });
});

test('reports that are stored make one group, in whatever order and portions the log tells of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(
        Array.from({ length: 12 }, (_, index) => index),
        { minLength: 12 },
      ),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat({ max: 5000 }), { minLength: 12, maxLength: 12 }),
      async (order, portions, delays) => {
        const now = Date.now();
        const here = spot();
        const ids = (await store(...delays.map((ms) => ({ ...here, occurredAt: now - ms })))).toSorted((a, b) => a - b);
        const left = order.map((index) => ids[index] as number);
        for (let turn = 0; left.length > 0; turn += 1) {
          const told = left.splice(0, portions[turn % portions.length]);
          const events = told.map((id) => ({ type: 'incident.created', incident: { id } }) as LiveEvent);
          await db.sql.begin((tx) => linkReports(tx, events));
        }
        const oldest = Math.min(...ids);
        const rows = await read(ids);
        expect(rows.map(({ parent }) => parent)).toEqual(ids.map((id) => (id === oldest ? null : oldest)));
        expect(rows[0]?.reports).toBe(12);
      },
    ),
    { numRuns: 15 },
  );
});

describe('severity', () => {
  test('rises with the number of reports and falls back when they are parted', async () => {
    const here = spot();
    const ids = await store(...Array.from({ length: 8 }, () => here));
    const [first = 0, ...others] = ids;
    await follower.catchUp();
    expect((await read([first]))[0]).toMatchObject({ reports: 8, severity: 3 });
    expect((await history(first)).at(-1)).toMatchObject({
      move: 'severity_raised',
      detail: { own: 0, severity: 3, counted: 8 },
    });
    for (const id of others.slice(0, 4)) await part(id);
    expect((await read([first]))[0]).toMatchObject({ reports: 4, severity: 4 });
    for (const id of others.slice(4)) await part(id);
    expect((await read([first]))[0]).toMatchObject({ reports: 1, severity: 0 });
  });

  test('is at least that of the gravest report, and what somebody set stays', async () => {
    const here = spot();
    const [first = 0, second = 0] = await store({ ...here, severity: 4 }, { ...here, severity: 1 });
    await follower.catchUp();
    expect((await read([first]))[0]?.severity).toBe(1);
    await part(second);
    expect((await read([first]))[0]?.severity).toBe(4);
    await db.sql`update app.incident set severity = 2 where id = ${first}`;
    const [third = 0] = await store({ ...here, severity: 0 });
    await follower.catchUp();
    await part(third);
    expect((await read([first]))[0]?.severity).toBe(2);
  });
});

describe('the end of a parent', () => {
  test('ends its reports with a history entry, and its reopening opens them again', async () => {
    const here = spot();
    const [first = 0, second = 0, third = 0] = await store(here, here, here);
    await follower.catchUp();
    await closeIncident(db.sql, 'staff', third, Date.now());
    await closeIncident(db.sql, 'staff', first, Date.now());
    await follower.catchUp();
    expect((await read([first, second, third])).map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
    expect((await history(second)).at(-1)).toMatchObject({ move: 'end_with_parent', detail: { parent: first } });
    await reopen(first);
    await follower.catchUp();
    // The third had been closed by somebody before.
    expect((await read([first, second, third])).map(({ state }) => state)).toEqual(['open', 'open', 'closed']);
    expect((await history(second)).at(-1)).toMatchObject({ move: 'reopen_with_parent', actor: 'duplicates' });
  });

  test('a report that is opened again alone leaves its closed parent', async () => {
    const here = spot();
    const [first = 0, second = 0] = await store(here, here);
    await follower.catchUp();
    await closeIncident(db.sql, 'staff', first, Date.now());
    await follower.catchUp();
    await reopen(second);
    await follower.catchUp();
    expect(await read([first, second])).toMatchObject([
      { state: 'closed', reports: 1 },
      { state: 'open', parent: null },
    ]);
  });
});

test('merging, a move of the workflow, leaves neither chains nor wrong counts', async () => {
  const ids = await store(spot(), spot(), spot(), spot());
  const [a = 0, b = 0, c = 0, d = 0] = ids;
  await link(b, c);
  await link(a, d);
  await merge(b, d);
  await follower.catchUp();
  expect((await read(ids)).map(({ parent, state }) => [parent, state])).toEqual([
    [null, 'open'],
    [a, 'closed'],
    [a, 'open'],
    [a, 'open'],
  ]);
  expect((await read(ids)).map(({ reports }) => reports)).toEqual([4, 1, 1, 1]);
});

test('an incident is not merged into its own reports, nor a circle that is stored already followed for ever', async () => {
  const ids = await store(spot(), spot(), spot());
  const [a = 0, b = 0, c = 0] = ids;
  await link(a, b);
  const into = (id: number, parent: number) =>
    moveIncident(db.sql, { incident: id, move: 'merge', ...staff, detail: { parent } });
  await expect(into(a, b)).rejects.toThrow(`incident ${b} is itself a report of incident ${a}`);
  await into(a, c);
  await reopen(a).catch(() => undefined);
  await expect(into(c, b)).rejects.toThrow(`incident ${b} is itself a report of incident ${c}`);
  await follower.catchUp();
  const circle = await store(spot(), spot());
  const [d = 0, e = 0] = circle;
  await db.sql`update app.incident set parent_id = case id when ${d} then ${e}::bigint else ${d}::bigint end
    where id in (${d}, ${e})`;
  await db.sql.begin((tx) => tidyGroups(tx, circle));
  expect((await read(circle)).map(({ parent, reports }) => [parent, reports])).toEqual([
    [null, 2],
    [d, 1],
  ]);
});

test('a report of a report is none: linking puts both groups behind the oldest', async () => {
  const ids = await store(spot(), spot(), spot(), spot());
  const [a = 0, b = 0, c = 0, d = 0] = ids;
  await link(b, c);
  await link(d, c);
  expect((await read(ids)).map(({ parent }) => parent)).toEqual([null, null, b, b]);
  await link(a, d);
  expect((await read(ids)).map(({ parent }) => parent)).toEqual([null, a, a, a]);
  expect((await read([a, b]))[0]).toMatchObject({ reports: 4 });
  expect((await read([b]))[0]).toMatchObject({ reports: 1 });
  expect((await link(a, a)).refused).toMatchObject([{ why: 'same' }]);
  expect((await link(a, 999_999_999)).refused).toMatchObject([{ why: 'missing' }]);
  await closeIncident(db.sql, 'staff', c, Date.now());
  expect((await link(c, d)).refused).toMatchObject([{ why: 'closed' }]);
});

test('whatever is linked, parted, merged, closed and opened: no chains, right counts, no open report of a closed one, and the history tells it', async () => {
  const SIZE = 7;
  const at = fc.nat(SIZE - 1);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('link' as const), a: at, b: at }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('part' as const), a: at }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), a: at }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), a: at }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('merge' as const), a: at, b: at }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const ids = await store(...Array.from({ length: SIZE }, spot));
      const id = (index: number) => ids[index] as number;
      // Several at a time: they wait for each other.
      for (let start = 0; start < steps.length; start += 3) {
        await Promise.all(
          steps.slice(start, start + 3).map(async (each) => {
            if (each.do === 'link') await link(id(each.a), id(each.b));
            else if (each.do === 'part') await part(id(each.a));
            else if (each.do === 'merge') await merge(id(each.a), id(each.b));
            else if (each.do === 'close') await closeIncident(db.sql, 'staff', id(each.a), Date.now());
            else if ((await read([id(each.a)]))[0]?.stage === 'closed') await reopen(id(each.a));
          }),
        );
      }
      await follower.catchUp();
      const rows = new Map((await read(ids)).map((row) => [row.id, row]));
      for (const row of rows.values()) {
        const children = [...rows.values()].filter(({ parent }) => parent === row.id);
        expect(row.reports).toBe(children.length + 1);
        if (row.parent === null) continue;
        const parent = rows.get(row.parent);
        expect(parent?.parent).toBeNull();
        if (row.state === 'open') expect(parent?.state).toBe('open');
      }
      for (const row of rows.values()) {
        const [receipt] = await db.sql<{ category: string; severity: number }[]>`
          select category, coalesce(reported_severity, severity) as severity from app.incident where id = ${row.id}`;
        if (!receipt) throw new Error('gone');
        const told = (await readHistory(db.sql, row.id)).reduce(
          applyEntry,
          receivedState({ ...receipt, dueAt: null, stageDueAt: null }),
        );
        const { parent, reports, severity, state, stage } = row;
        expect(told).toMatchObject({ parent, reports, severity, state, stage });
      }
    }),
    { numRuns: 25, seed: 20_261_127 },
  );
});
