import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IndicatorCases, Indicators, IndicatorTrend } from '../../../server/contract/indicators.ts';
import type { Database } from '../../../server/db/connect.ts';
import { registerDuty } from '../../../server/duty/duty.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import type { Act } from '../../../server/indicators/acts.ts';
import { indicatorIds, indicatorOf } from '../../../server/indicators/definitions.ts';
import { formulaOf } from '../../../server/indicators/formula-of.ts';
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

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);

/** An indicator by the words of its formula, of acts: another way than the sums of the service. */
function byFormula(
  list: readonly (Act & { category: string })[],
  known: (key: string) => number | null,
  id: string,
): number | null {
  const count = (text: string): number => {
    const less = /^\((.+) − (.+)\)$/.exec(text.trim());
    if (less) return count(less[1] as string) - count(less[2] as string);
    const [, act, where] = /^(\w+)(?:\[(.+)\])?$/.exec(text.trim()) ?? [];
    if (act === undefined) throw new Error(`no number: ${text}`);
    const holds = ({ inTime, ok, flag }: Act) =>
      where === undefined || (where === 'in time' ? inTime : where === 'ok' ? ok : flag) === true;
    return list.filter((each) => each.act === act && holds(each)).length;
  };
  const formula = formulaOf(indicatorOf(id));
  const mean = /^mean working minutes of (\w+)$/.exec(formula);
  if (mean) {
    const minutes = list.flatMap((each) => (each.act === mean[1] && each.minutes !== null ? [each.minutes] : []));
    return minutes.length === 0 ? null : minutes.reduce((sum, each) => sum + each, 0) / minutes.length;
  }
  if (formula.includes('three most frequent')) {
    const reports = list.filter(({ act }) => act === 'report');
    const kinds = new Map<string, number>();
    for (const { category } of reports) kinds.set(category, (kinds.get(category) ?? 0) + 1);
    const top = [...kinds.values()].toSorted((a, b) => b - a).slice(0, 3);
    return share(
      top.reduce((sum, each) => sum + each, 0),
      reports.length,
    );
  }
  if (formula.includes('×')) {
    const parts = formula.split(' + ').flatMap((part) => {
      const [, weight, rest, whole] = /^(\d+) × (?:\(1 − (\w+)\)|(\w+))$/.exec(part) ?? [];
      const value = known(String(rest ?? whole));
      return value === null ? [] : [{ weight: Number(weight), value: rest === undefined ? value : 1 - value }];
    });
    const weights = parts.reduce((sum, { weight }) => sum + weight, 0);
    return weights === 0 ? null : (100 * parts.reduce((sum, { weight, value }) => sum + weight * value, 0)) / weights;
  }
  const [part, whole] = formula.split(' ÷ ');
  return whole === undefined ? count(part as string) : share(count(part as string), count(whole));
}

test('every indicator of every group is what its formula says of the histories', async () => {
  const to = '2027-02-01';
  const [begin, end] = [Date.parse(`${today()}T00:00:00+08:00`), Date.parse(`${to}T00:00:00+08:00`) + 86_400_000];
  const rows = await db.sql<{ id: number; town: string; category: string; grid: string; source: string }[]>`
    select id::float8, town_code as town, category, grid_code as grid, source from app.incident where id = any (${ids}::bigint[])`;
  const of = new Map(rows.map((row) => [row.id, row]));
  const now = Date.now();
  const all = [...(await readActs(db.sql, ids))].flatMap(([id, list]) =>
    list.flatMap((act) => {
      const at = Date.parse(act.at);
      const isOwed = !['due', 'archive_due'].includes(act.act) || at <= now || act.ok === true;
      const row = of.get(id);
      return row && row.town === TOWNS[0] && isOwed && at >= begin && at < end ? [{ ...row, ...act }] : [];
    }),
  );
  let compared = 0;
  const known = new Set<string>();
  for (const by of ['town', 'grid', 'department', 'person', 'category', 'source'] as const) {
    const { groups } = await read(`by=${by}&from=${today()}&to=${to}&town=${TOWNS[0]}`);
    const expected = new Map<string | null, typeof all>();
    for (const act of all) expected.set(act[by], [...(expected.get(act[by]) ?? []), act]);
    expect(new Set(groups.map(({ key }) => key))).toEqual(new Set(expected.keys()));
    for (const { key, values } of groups) {
      for (const id of indicatorIds) {
        const value = byFormula(expected.get(key) ?? [], (each) => values[each]?.value ?? null, id);
        const told = values[id]?.value ?? null;
        if (value === null || told === null) expect([by, key, id, told]).toEqual([by, key, id, value]);
        else expect(told, `${by} ${key} ${id}`).toBeCloseTo(value, 6);
        if (value !== null && value !== 0) known.add(id);
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(300);
  expect(known.size).toBeGreaterThan(15);
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

test('behind every figure are as many cases as it says, each of the group', async () => {
  const period = `from=${today()}&to=2027-02-01&town=${TOWNS[0]}`;
  const { indicators, groups } = await read(`by=department&${period}`);
  const sides = new Set<string>();
  for (const { id, unit } of indicators) {
    for (const { key, values } of groups) {
      const query = `by=department&key=${key ?? ''}&${period}&limit=200`;
      const response = await api.get(`/api/indicators/${id}/cases?${query}`, STAFF);
      if (unit === 'score') {
        expect(response.status).toBe(400);
        continue;
      }
      const { counts } = (await response.json()) as IndicatorCases;
      const [part, all] = values[id]?.of ?? [];
      if (unit === 'count') expect([id, counts.all]).toEqual([id, values[id]?.value]);
      if (all !== undefined) expect([id, counts.all]).toEqual([id, all]);
      if (counts.part !== undefined) expect([id, counts.part]).toEqual([id, part]);
      if (counts.rest !== undefined) expect([id, counts.rest]).toEqual([id, (all ?? 0) - (part ?? 0)]);
      for (const [side, count] of Object.entries(counts)) {
        const answer = await api.get(`/api/indicators/${id}/cases?${query}&side=${side}`, STAFF);
        const { cases } = (await answer.json()) as IndicatorCases;
        expect([id, key, side, cases.length]).toEqual([id, key, side, count]);
        if (count > 0) sides.add(side);
        for (const { incident } of cases) expect(incident.town).toBe(TOWNS[0]);
        if (unit === 'minutes') {
          const minutes = cases.map((each) => each.minutes ?? Number.NaN);
          expect(minutes).toEqual(minutes.toSorted((a, b) => b - a));
          const sum = minutes.reduce((total, each) => total + each, 0);
          if (count > 0) expect(sum / count).toBeCloseTo(values[id]?.value ?? Number.NaN, 6);
        }
      }
    }
  }
  expect([...sides].toSorted()).toEqual(['all', 'part', 'rest']);
});

test('pages of cases hold each of them once, and restricted ones stay with staff', async () => {
  const base = `/api/indicators/report/cases?by=town&key=${TOWNS[0]}&from=${today()}&to=2027-02-01`;
  const seen: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const response = await api.get(`${base}&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`, STAFF);
    const page = (await response.json()) as IndicatorCases;
    seen.push(...page.cases.map(({ incident }) => incident.id));
    cursor = page.next;
  }
  expect(seen).toHaveLength(40);
  expect(new Set(seen).size).toBe(40);
  const open = (await (await api.get(`${base}&limit=200`, {})).json()) as IndicatorCases;
  expect(open.counts.all).toBe(open.cases.length);
  expect(open.cases.length).toBeGreaterThan(0);
  expect(open.cases.some(({ incident }) => incident.category.startsWith('Z01'))).toBe(false);
  for (const [query, field] of [
    ['side=some', 'side'],
    ['side=part', 'side'],
    ['cursor=x', 'cursor'],
  ] as const) {
    const response = await api.get(`${base}&${query}`, STAFF);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { field: string } }).error.field).toBe(field);
  }
});

test('the steps of a trend add up to the figure of the whole time', async () => {
  const period = `from=${today()}&to=2027-02-01&town=${TOWNS[0]}`;
  const { groups } = await read(`by=grid&${period}`);
  for (const step of ['day', 'week', 'month']) {
    const response = await api.get(`/api/indicators/dispose/trend?by=grid&step=${step}&${period}`, STAFF);
    expect(response.status).toBe(200);
    const trend = (await response.json()) as IndicatorTrend;
    expect(trend.groups.map(({ key }) => key)).toEqual(groups.map(({ key }) => key));
    for (const [index, { values }] of trend.groups.entries()) {
      expect(values).toHaveLength(trend.steps.length);
      const sum = values.reduce<number>((total, each) => total + (each ?? 0), 0);
      expect(sum).toBe(groups[index]?.values['dispose']?.value);
    }
    trend.steps.slice(1).forEach(({ from }, index) => expect(from).toBe(trend.steps[index]?.to));
  }
  const long = await api.get('/api/indicators/dispose/trend?from=2026-01-01&to=2026-12-31', STAFF);
  expect(long.status).toBe(422);
  const unknown = await api.get('/api/indicators/magic/trend?from=2026-01-01&to=2026-01-31', STAFF);
  expect(unknown.status).toBe(400);
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
