import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Indicators } from '../../../server/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import { registerDuty } from '../../../server/duty/duty.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { followActs, readActs } from '../../../server/indicators/store-acts.ts';
import { movesFrom, moveOf } from '../../../server/workflow/machine.ts';
import { moveIncident } from '../../../server/workflow/move-incident.ts';
import type { Post } from '../../../server/auth/posts.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncidents } from '../../support/incidents.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
const TOWNS = ['440604920000', '440604921000'] as const;
let ids: number[] = [];

/** Follows the log to its end, as the duty does. */
async function follow(): Promise<void> {
  while (await db.sql.begin((tx) => followActs(tx)));
}

async function read(query: string, headers: Record<string, string> = STAFF): Promise<Indicators> {
  const response = await api.get(`/api/indicators?${query}`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as Indicators;
}

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db, { intake: new Intake(db.sql, { grids: () => undefined }) });
  await registerDuty(db.sql, 'indicators');
  await follow();
  const categories = ['06010', '06011', 'Z0101', 'Z0901'].map((code) => findCategory(code) as Category);
  const incidents = makeIncidents(80).map((incident, i) => ({
    ...incident,
    source: i % 3 === 0 ? 'citizen' : incident.source,
    category: categories[i % 4] as Category,
    town: TOWNS[i % 2] as string,
    community: `${TOWNS[i % 2]?.slice(0, 9)}001`,
    grid: `${TOWNS[i % 2]?.slice(0, 9)}001W00${1 + (i % 5)}`,
    lon: 113.01 + i * 0.002,
  }));
  ids = (await ingestBatch(db.sql, incidents)).map(({ id }) => id);
  // Every case takes a way of its own through the machine.
  const [paths] = fc.sample(fc.array(fc.array(fc.nat(), { maxLength: 12 }), { minLength: 80, maxLength: 80 }), {
    numRuns: 1,
    seed: 7,
  }) as [number[][]];
  let now = Date.now();
  for (const [i, id] of ids.entries()) {
    let stage = 'collected';
    for (const choice of paths[i] ?? []) {
      const open = movesFrom(stage as 'collected').filter(
        (move) => !['merge', 'unlink', 'escalate', 'supervise'].includes(move),
      );
      const move = open[choice % Math.max(1, open.length)];
      if (move === undefined) break;
      now += 60_000;
      const needs = moveOf(move).needs ?? [];
      const detail = {
        ...(needs.includes('department') ? { department: i % 2 ? 'water_affairs' : 'urban_management' } : {}),
        ...(needs.includes('amount') ? { amount: 0.5 } : {}),
      };
      try {
        const request = {
          incident: id,
          move,
          actor: `员工${i % 3}`,
          post: moveOf(move).posts[0] as Post,
          reason: '测试',
          detail,
          at: now,
        };
        ({ stage } = await moveIncident(db.sql, request));
      } catch (error) {
        // A condition that is not met now: the next choice.
        expect((error as { code: string }).code).toMatch(/MOVE_NOT_ALLOWED|BODY_INVALID/);
      }
    }
  }
  await follow();
});
afterAll(async () => {
  await api.close();
  await db.sql`delete from app.indicator_act`;
  await db.sql`delete from app.duty where name = 'indicators'`;
});

test('what is stored is what the history says, act by act', async () => {
  const anew = await readActs(db.sql, ids);
  const stored = await db.sql<
    { incident: number; act: string; at: Date; inTime: boolean | null; ok: boolean | null }[]
  >`
    select incident_id::float8 as incident, act, at, in_time as "inTime", ok from app.indicator_act
    where incident_id = any (${ids}::bigint[]) order by incident_id, seq`;
  expect(stored.map(({ at, ...act }) => ({ ...act, at: at.toISOString() }))).toEqual(
    [...anew]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([incident, list]) => list.map(({ act, at, inTime, ok }) => ({ incident, act, inTime, ok, at }))),
  );
  const kinds = new Set(stored.map(({ act }) => act));
  for (const act of ['report', 'accept', 'register', 'dispatch', 'dispose', 'archive', 'due', 'archive_due'])
    expect(kinds).toContain(act);
});

test('whatever is followed in what order: counting everything anew changes nothing', async () => {
  const before = await read(`by=grid&from=${today()}&to=2027-02-01&town=${TOWNS[0]}`);
  // All of them would be those of all tests of the run.
  await db.sql`delete from app.indicator_act where incident_id = any (${ids}::bigint[])`;
  await db.sql`update app.duty set epoch = null, log_id = null where name = 'indicators'`;
  await follow();
  expect(await read(`by=grid&from=${today()}&to=2027-02-01&town=${TOWNS[0]}`)).toEqual(before);
});

test('every dimension adds up to the whole', async () => {
  const period = `from=${today()}&to=2027-02-01&town=${TOWNS[0]}`;
  const whole = (await read(`by=district&${period}`)).groups[0]?.values;
  expect(whole?.['report']?.value).toBe(40);
  const [row] = await db.sql<{ closed: number }[]>`
    select count(*)::int4 as closed from app.incident where town_code = ${TOWNS[0]} and stage in ('closed', 'evaluated')`;
  expect(whole?.['archive']?.value).toBe(row?.closed);
  expect(whole?.['archive']?.value).toBeGreaterThan(3);
  for (const by of ['town', 'community', 'grid', 'department', 'person', 'category', 'class', 'source']) {
    const { groups } = await read(`by=${by}&${period}`);
    expect(groups.length, by).toBeGreaterThan(0);
    for (const key of ['report', 'register', 'dispatch', 'dispose', 'archive', 'needArchiveNum']) {
      const sum = groups.reduce((total, { values }) => total + (values[key]?.value ?? 0), 0);
      expect([by, key, sum]).toEqual([by, key, whole?.[key]?.value]);
    }
    for (const { values } of groups)
      for (const [id, { value, of }] of Object.entries(values))
        if (of && value !== null) expect([id, value]).toEqual([id, (of[0] as number) / (of[1] as number)]);
  }
});

test('periods before and the year before are counted in the same way', async () => {
  const next = new Date(Date.now() + 32 * 3_600_000).toISOString().slice(0, 10);
  const tomorrow = await read(`by=district&from=${next}&to=${next}&town=${TOWNS[0]}`);
  const now = await read(`by=district&from=${today()}&to=${today()}&town=${TOWNS[0]}`);
  expect(tomorrow.groups[0]?.values['report']?.previous).toBe(now.groups[0]?.values['report']?.value);
  const later = `${Number(today().slice(0, 4)) + 1}${today().slice(4)}`;
  const year = await read(`by=district&from=${later}&to=${later}&town=${TOWNS[0]}`);
  expect(year.groups[0]?.values['report']?.lastYear).toBe(now.groups[0]?.values['report']?.value);
});

test('the public sees no restricted incident in any figure, and no person', async () => {
  const period = `from=${today()}&to=2027-02-01&town=${TOWNS[0]}`;
  const all = await read(`by=category&${period}`);
  const open = await read(`by=category&${period}`, {});
  expect(all.groups.some(({ key }) => key === 'Z0101')).toBe(true);
  expect(open.groups.map(({ key }) => key)).toEqual(all.groups.map(({ key }) => key).filter((key) => key !== 'Z0101'));
  const denied = await api.get(`/api/indicators?by=person&${period}`, {});
  expect(denied.status).toBe(403);
});

test('a fresh district has figures, and bad questions name the value', async () => {
  const { groups } = await read('by=district&from=2020-01-01&to=2020-01-31');
  expect(groups[0]?.values['report']).toEqual({ value: 0, of: null, previous: 0, lastYear: 0 });
  expect(groups[0]?.values['score']?.value).toBeNull();
  const bad: [string, number, string][] = [
    ['from=2026-02-30&to=2026-03-01', 400, 'from'],
    ['from=2026-03-02&to=2026-03-01', 400, 'to'],
    ['from=2020-01-01&to=2026-03-01', 422, 'to'],
    ['from=2026-03-01&to=2026-03-01&by=colour', 400, 'by'],
    [`from=2026-03-01&to=2026-03-01&category=${encodeURIComponent("06' or 1=1")}`, 400, 'category'],
    ['from=2026-03-01&to=2026-03-01&department=magic', 400, 'department'],
  ];
  for (const [query, status, field] of bad) {
    const response = await api.get(`/api/indicators?${query}`, STAFF);
    const { error } = (await response.json()) as { error: { field: string } };
    expect([query, response.status, error.field]).toEqual([query, status, field]);
  }
});
