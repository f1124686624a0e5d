import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import type { Candidate, Dispatch, DispatchList, Suggestions } from '../../../server/dispatch/contract.ts';
import { escalateSilent } from '../../../server/dispatch/dispatching.ts';
import { seedShifts } from '../../../server/dispatch/shifts.ts';
import { findCategory } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { moveIncident } from '../../../server/workflow/move-incident.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident } from '../../support/incidents.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { cell, fixtures, offset, place } from '../situation/situation-data.ts';

const LAYERS = ['grid_staff_position', 'road_centerline', 'community_boundary', 'town_boundary'];
const component = getLayer('city_component');
const components: FixtureRow[] = (
  [
    // The owner is told by the nearest of the kind; another kind is nearer.
    ['440604010370000001', '01037', '佛山市公安局禅城分局', 20],
    ['440604010370000002', '01037', '佛山市禅城区城市管理和综合执法局', 40],
    ['440604010010000001', '01001', '佛山水务集团', 5],
  ] as const
).map(([code, type, owner, east]) => ({
  component_code: code,
  component_class: 'utility',
  type_code: type,
  type_name: type,
  owner_dept: owner,
  state: 'intact',
  at: offset(east, 0),
  wkt: `POINT(${offset(east, 0).join(' ')})`,
}));

let db: Database;
let api: TestApi;
const made: number[] = [];
const used = fixtures.filter(([{ id }]) => LAYERS.includes(id));

beforeAll(async () => {
  db = await testDatabase();
  for (const [layer, rows] of used) await publishFixture(db, layer, rows, false);
  await publishFixture(db, component, components, false);
  api = testApi(db);
});
afterEach(async () => {
  // What still waits is not to be followed up by another test.
  await db.sql`update app.dispatch set withdrawn_at = now() where incident_id = any (${made}::int8[])
    and num_nonnulls(acknowledged_at, declined_at, escalated_at, withdrawn_at) = 0`;
  await db.sql`delete from app.shift where source in ('test', 'demo')`;
  await db.sql`delete from app.responsibility where note = 'test'`;
});
afterAll(async () => {
  await api.close();
  // Their history stays, and they with it: out of the way of others.
  await db.sql`update app.incident set state = 'closed', stage = 'closed', closed_at = now(), lon = 120, lat = 30
    where id = any (${made}::int8[])`;
  for (const [layer] of [...used, [component] as const]) await removeFixture(db, layer);
});

async function report(category: string): Promise<number> {
  const [stored] = await ingestBatch(db.sql, [
    makeIncident({
      category: findCategory(category)!,
      lon: place[0],
      lat: place[1],
      grid: cell.grid_code!,
      community: cell.community_code!,
      town: cell.town_code!,
    }),
  ]);
  made.push(stored!.id);
  return stored!.id;
}

async function suggestions(id: number): Promise<Suggestions> {
  const read = async () => (await (await api.get(`/api/incidents/${id}/suggestions`, STAFF)).json()) as Suggestions;
  // Who asks first does not wait for the roads.
  const first = await read();
  return first.roads === null ? read() : first;
}
const firstOf = (list: readonly Candidate[], kind: Candidate['kind']) => list.find((each) => each.kind === kind)!;

async function post<T>(path: string, body?: object): Promise<{ status: number; body: T }> {
  const response = await api.send('POST', path, body === undefined ? undefined : JSON.stringify(body), STAFF);
  return { status: response.status, body: (await response.json()) as T };
}
async function ask(id: number, { kind, id: candidate }: Pick<Candidate, 'kind' | 'id'>, override?: string) {
  return post<Dispatch>(`/api/incidents/${id}/dispatch`, {
    kind,
    id: candidate,
    ...(override === undefined ? {} : { override }),
  });
}
async function dispatches(id: number): Promise<Dispatch[]> {
  return ((await (await api.get(`/api/incidents/${id}/dispatches`, STAFF)).json()) as DispatchList).dispatches;
}
async function history(id: number): Promise<{ move: string; to: string; reason: string | null }[]> {
  return db.sql`select move, to_stage as to, reason from app.incident_event where incident_id = ${id} order by id`;
}
async function incident(id: number) {
  const [row] = await db.sql<[{ stage: string; department: string | null; assignee: string | null }]>`
    select stage, department, assignee from app.incident where id = ${id}`;
  return row;
}
const logged = async (id: number) =>
  (
    await db.sql<{ type: string }[]>`
      select body ->> 'type' as type from app.live_log where (body -> 'incident' ->> 'id')::int8 = ${id} order by id`
  ).map(({ type }) => type);
const escalate = (at: Date) => db.sql.begin((tx) => escalateSilent(tx, at));
const after = (dispatch: Dispatch, seconds: number) => new Date(Date.parse(dispatch.askedAt) + seconds * 1000);

describe('suggestions', () => {
  it('rank grid staff by shift, road time and load, each with its reasons', async () => {
    const { candidates, answerWithin } = await suggestions(await report('06010'));
    expect(answerWithin).toBe(60);
    expect(candidates.map(({ rank }) => rank)).toEqual(candidates.map((_, index) => index + 1));
    const scores = candidates.map(({ reasons }) => reasons.score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const staff = candidates.filter(({ kind }) => kind === 'staff');
    // With nothing to do; sooner there, but busy; of another grid; with no road near; off shift.
    expect(staff.map(({ title }) => title.zh)).toEqual(['梁**', '欧阳**', '冼**', '何**', '陈**']);
    const [first] = staff;
    expect(first?.reasons).toMatchObject({ kind: 'staff', onShift: true, sameGrid: true, load: 0, skilled: false });
    expect(candidates[0]).toEqual(first);
    const last = staff.at(-1)!.reasons;
    expect(last).toMatchObject({ onShift: false });
    const [lead] = candidates.filter(({ kind }) => kind === 'department');
    expect(lead).toMatchObject({ id: 'urban_management', reasons: { duty: 'lead', owner: null } });
  });

  it('put the department first where equipment is needed', async () => {
    const { candidates } = await suggestions(await report('Z0904'));
    expect(candidates[0]).toMatchObject({ kind: 'department', id: 'housing_construction', reasons: { duty: 'lead' } });
    const helping = candidates.filter(({ kind }) => kind === 'department').slice(1);
    expect(helping.map(({ id, reasons }) => [id, reasons.kind === 'department' && reasons.duty])).toEqual([
      ['emergency', 'help'],
      ['water_affairs', 'help'],
    ]);
  });

  it('know the owner of the component that is broken', async () => {
    const { candidates } = await suggestions(await report('01037'));
    expect(candidates[0]).toMatchObject({
      id: 'public_security',
      reasons: { duty: 'owner', owner: { name: '佛山市公安局禅城分局', metres: 20 } },
    });
    expect(candidates.find(({ id }) => id === 'urban_management')?.reasons).toMatchObject({ duty: 'help' });
  });

  it('follow the rules of an area, the smallest area first', async () => {
    await db.sql`insert into app.responsibility (category, area, department, note) values
      ('Z09', ${cell.town_code!}, 'transport', 'test'), ('Z09', ${cell.grid_code!}, 'education', 'test'),
      ('Z0', ${cell.grid_code!}, 'health', 'test'), ('Z09', '440604999999W999', 'ecology', 'test')`;
    const { candidates } = await suggestions(await report('Z0904'));
    expect(candidates[0]).toMatchObject({ id: 'education', reasons: { duty: 'area' } });
  });

  it('count what somebody has in hand, and what they are trained for', async () => {
    const id = await report('06010');
    const { candidates } = await suggestions(id);
    const best = firstOf(candidates, 'staff');
    await db.sql`update app.incident set assignee = ${best.id} where id = ${id}`;
    await db.sql`insert into app.shift (staff, starts_at, ends_at, post, skills, source)
      values ('WG900001', now() - interval '1 hour', now() + interval '1 hour', 'full_time', '{06}', 'test'),
        ('WG900021', now() - interval '1 hour', now() + interval '1 hour', 'part_time', '{Z}', 'test')`;
    const again = (await suggestions(id)).candidates;
    const of = (candidate: string) => again.find((each) => each.id === candidate)?.reasons;
    const before = best.reasons as { load: number };
    expect(of(best.id)).toMatchObject({ load: before.load + 1 });
    await db.sql`update app.incident set assignee = null where id = ${id}`;
  });

  it('tell no name, no number, and nothing at all to the public', async () => {
    const id = await report('06010');
    const text = JSON.stringify(await suggestions(id));
    for (const secret of ['欧阳修远', '梁小明', 'WG9000']) expect(text.includes(secret), secret).toBe(false);
    expect((await api.get(`/api/incidents/${id}/suggestions`)).status).toBe(403);
    await ask(id, firstOf((await suggestions(id)).candidates, 'staff'));
    const shown = await (await api.get(`/api/incidents/${id}`)).text();
    expect(shown).not.toContain('WG9000');
  });
});

describe('asking', () => {
  it('a department dispatches the incident to it, in one transaction with history and log', async () => {
    const id = await report('Z0904');
    const [first] = (await suggestions(id)).candidates;
    const { status, body } = await ask(id, first!);
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'asked', rank: 1, overrideReason: null, follows: null, kind: 'department' });
    expect(body.reasons).toEqual(first!.reasons);
    expect(Date.parse(body.dueAt) - Date.parse(body.askedAt)).toBe(60_000);
    expect(body.next.map(({ kind }) => kind)).toEqual([expect.any(String), 'community', 'town']);
    expect(body.next[1]?.title.zh).toBe('文南社区总网格长');
    expect(await incident(id)).toMatchObject({ stage: 'dispatched', department: 'housing_construction' });
    expect((await history(id)).map(({ move }) => move)).toEqual(['dispatch_ask', 'register', 'dispatch']);
    expect((await logged(id)).at(-1)).toBe('incident.updated');
  });

  it('one of the staff has what is not registered verified', async () => {
    const id = await report('06010');
    const best = firstOf((await suggestions(id)).candidates, 'staff');
    expect((await ask(id, best)).status).toBe(201);
    expect(await incident(id)).toEqual({ stage: 'verifying', department: null, assignee: best.id });
  });

  it('one of the staff sends what is registered to the department in charge, with them', async () => {
    const id = await report('06010');
    await moveIncident(db.sql, { incident: id, move: 'register', actor: 'test', post: 'acceptor' });
    const best = firstOf((await suggestions(id)).candidates, 'staff');
    await ask(id, best);
    expect(await incident(id)).toEqual({ stage: 'dispatched', department: 'urban_management', assignee: best.id });
  });

  it('anybody but the first needs a reason, which is kept', async () => {
    const id = await report('Z0904');
    const { candidates } = await suggestions(id);
    const other = candidates[2]!;
    const refused = await ask(id, other);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ error: { code: 'REASON_REQUIRED', field: 'override' } });
    expect(await dispatches(id)).toEqual([]);
    const { status, body } = await ask(id, other, '他们的抢修队就在现场');
    expect(status).toBe(201);
    expect(body).toMatchObject({ rank: 3, overrideReason: '他们的抢修队就在现场' });
    expect((await history(id))[0]).toMatchObject({ move: 'dispatch_ask', reason: '他们的抢修队就在现场' });
  });

  it('somebody who was not suggested is possible with a reason, nobody who does not exist', async () => {
    const id = await report('Z0904');
    expect((await ask(id, { kind: 'department', id: 'education' })).status).toBe(422);
    const { status, body } = await ask(id, { kind: 'department', id: 'education' }, '就在学校门口');
    expect(status).toBe(201);
    expect(body).toMatchObject({ rank: null, candidate: 'education' });
    for (const candidate of [
      { kind: 'department', id: 'constructor' },
      { kind: 'staff', id: 'WG900001' },
    ] as const) {
      const none = await ask(id, candidate, '试试看');
      expect(none.status).toBe(404);
      expect(none.body).toMatchObject({ error: { code: 'CANDIDATE_NOT_FOUND' } });
    }
  });

  it('the same one again changes nothing, another one withdraws the first', async () => {
    const id = await report('Z0904');
    const { candidates } = await suggestions(id);
    const one = await ask(id, candidates[0]!);
    const again = await ask(id, candidates[0]!);
    expect(again).toEqual({ status: 200, body: one.body });
    const other = await ask(id, candidates[1]!, '先联系应急');
    expect(other.body.follows).toBe(one.body.id);
    expect((await dispatches(id)).map(({ state }) => state)).toEqual(['asked', 'withdrawn']);
    expect((await post(`/api/dispatches/${one.body.id}/acknowledge`)).body).toMatchObject({
      error: { code: 'DISPATCH_SETTLED' },
    });
  });

  it('many at once leaves one request that waits', async () => {
    const id = await report('Z0904');
    const { candidates } = await suggestions(id);
    const answers = await Promise.all(
      candidates.slice(0, 4).map((each, index) => ask(id, each, index === 0 ? undefined : '同时派遣')),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const states = (await dispatches(id)).map(({ state }) => state);
    expect(states.filter((state) => state === 'asked')).toHaveLength(1);
    expect(states.filter((state) => state === 'withdrawn')).toHaveLength(3);
  });

  it('is over when the incident is', async () => {
    const id = await report('Z0904');
    const [first] = (await suggestions(id)).candidates;
    await api.send('POST', `/api/incidents/${id}/close`, undefined, STAFF);
    expect((await ask(id, first!)).body).toMatchObject({ error: { code: 'INCIDENT_OVER' } });
  });
});

describe('answers', () => {
  it('of a department accept the incident; once more changes nothing', async () => {
    const id = await report('Z0904');
    const { body } = await ask(id, (await suggestions(id)).candidates[0]!);
    const yes = await post<Dispatch>(`/api/dispatches/${body.id}/acknowledge`);
    expect(yes).toMatchObject({ status: 200, body: { state: 'acknowledged' } });
    expect(await incident(id)).toMatchObject({ stage: 'handling' });
    expect(await post(`/api/dispatches/${body.id}/acknowledge`)).toEqual(yes);
    expect((await history(id)).filter(({ move }) => move === 'dispatch_acknowledge')).toHaveLength(1);
    expect(await escalate(after(body, 3600))).toBe(0);
  });

  it('"no" asks the next one at once, and the one who said no is not the first any more', async () => {
    const id = await report('06010');
    const { candidates } = await suggestions(id);
    const { body } = await ask(id, candidates[0]!);
    const no = await post<Dispatch>(`/api/dispatches/${body.id}/decline`, { reason: '正在处理另一起事件' });
    expect(no.body).toMatchObject({ state: 'declined', declineReason: '正在处理另一起事件' });
    const [next, before] = await dispatches(id);
    expect(before?.id).toBe(body.id);
    expect(next).toMatchObject({ state: 'asked', candidate: candidates[1]!.id, follows: body.id, actor: 'dispatch' });
    const again = (await suggestions(id)).candidates;
    expect(again.find((each) => each.id === candidates[0]!.id)?.answered).toBe('declined');
    expect((await post(`/api/dispatches/${body.id}/decline`, { reason: '又一次' })).status).toBe(409);
  });

  it('of others than those who are asked are refused', async () => {
    const id = await report('Z0904');
    const { body } = await ask(id, (await suggestions(id)).candidates[0]!);
    const { acknowledge } = await import('../../../server/dispatch/dispatching.ts');
    const as = (posts: ('department' | 'collector')[], department: string | null) =>
      acknowledge(db, 'staff', { actor: 'somebody', posts, department }, body.id);
    await expect(as(['department'], 'education')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(as(['collector'], null)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await as(['department'], 'housing_construction')).state).toBe('acknowledged');
  });
});

describe('silence', () => {
  it('leads to the next candidate, the head of the community, the town, and an end, each recorded', async () => {
    const id = await report('Z0904');
    const { candidates } = await suggestions(id);
    const { body } = await ask(id, candidates[0]!);
    expect(await escalate(after(body, 59))).toBe(0);
    expect(await escalate(after(body, 60))).toBe(1);
    // Whoever looks again at the same moment finds nothing to do.
    expect(await escalate(after(body, 60))).toBe(0);
    expect(await escalate(after(body, 121))).toBe(1);
    expect(await escalate(after(body, 182))).toBe(1);
    const chain = (await dispatches(id)).toReversed();
    expect(chain.map(({ kind, candidate, state }) => [kind, candidate, state])).toEqual([
      ['department', 'housing_construction', 'escalated'],
      [candidates[1]!.kind, candidates[1]!.id, 'escalated'],
      ['community', cell.community_code, 'escalated'],
      ['town', cell.town_code, 'asked'],
    ]);
    expect(chain.map(({ follows }) => follows)).toEqual([null, ...chain.slice(0, 3).map((each) => each.id)]);
    expect(await escalate(after(body, 300))).toBe(1);
    expect(await escalate(after(body, 900))).toBe(0);
    const moves = (await history(id)).map(({ move }) => move);
    expect(moves.filter((move) => move === 'dispatch_escalate')).toHaveLength(4);
    expect(moves.filter((move) => move === 'dispatch_ask')).toHaveLength(4);
    expect(moves.at(-1)).toBe('dispatch_exhaust');
    const again = (await suggestions(id)).candidates;
    expect(again.find((each) => each.id === 'housing_construction')?.answered).toBe('silent');
  });

  it('stops with the incident', async () => {
    const id = await report('Z0904');
    const { body } = await ask(id, (await suggestions(id)).candidates[0]!);
    await api.send('POST', `/api/incidents/${id}/close`, undefined, STAFF);
    expect(await escalate(after(body, 61))).toBe(1);
    expect((await dispatches(id)).map(({ state }) => state)).toEqual(['withdrawn']);
  });

  it('is followed up once, however many processes look at once', async () => {
    const ids = await Promise.all(['Z0904', 'Z0901', '06010'].map(report));
    const asked: Dispatch[] = [];
    for (const id of ids) asked.push((await ask(id, (await suggestions(id)).candidates[0]!)).body);
    const at = after(asked.at(-1)!, 61);
    await Promise.all([escalate(at), escalate(at), escalate(at)]);
    for (const id of ids) expect((await dispatches(id)).map(({ state }) => state)).toEqual(['asked', 'escalated']);
  });
});

describe('the rota of the demo district', () => {
  it('gives who is on duty a day or a night, once, and nothing where there is a real one', async () => {
    const seed = (now: Date) => db.sql.begin((tx) => seedShifts(tx, now));
    // Four on duty, three days.
    expect(await seed(new Date('2026-11-27T10:00:00+08:00'))).toBe(12);
    expect(await seed(new Date('2026-11-27T11:00:00+08:00'))).toBe(0);
    expect(await seed(new Date('2026-11-28T01:00:00+08:00'))).toBe(4);
    const rows = await db.sql<{ hour: number; hours: number; post: string }[]>`
      select extract(hour from starts_at at time zone 'Asia/Shanghai')::int4 as hour,
        (extract(epoch from ends_at - starts_at) / 3600)::int4 as hours, post
      from app.shift where source = 'demo'`;
    expect(rows.every(({ hour, hours }) => [8, 20].includes(hour) && hours === 12)).toBe(true);
    await db.sql`insert into app.shift (staff, starts_at, ends_at, post, source)
      values ('WG1', now(), now() + interval '1 hour', 'full_time', 'test')`;
    expect(await seed(new Date('2026-11-29T10:00:00+08:00'))).toBe(0);
  });
});
