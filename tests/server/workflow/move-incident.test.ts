import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Post } from '../../../server/auth/posts.ts';
import type { Incident } from '../../../server/contract/incidents.ts';
import type { IncidentEvent } from '../../../server/contract/live.ts';
import type { Database } from '../../../server/db/connect.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { readHead, readLog } from '../../../server/live/log.ts';
import { readHistory } from '../../../server/workflow/history.ts';
import { moveIds, moveOf, movesFrom, stageOf, type MoveId, type StageId } from '../../../server/workflow/machine.ts';
import { moveIncident, type MoveRequest } from '../../../server/workflow/move-incident.ts';
import { noteIncident } from '../../../server/workflow/note-incident.ts';
import { applyEntry, receivedState } from '../../../server/workflow/replay-history.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident } from '../../support/incidents.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';

let db: Database;
beforeAll(async () => {
  db = await testDatabase();
});

const at = (text: string): number => Date.parse(`${text}+08:00`);
const local = (text: string | null): string =>
  text === null ? '-' : new Date(Date.parse(text) + 8 * 3_600_000).toISOString().slice(0, 16);

async function report(changes: Parameters<typeof makeIncident>[0] = {}): Promise<number> {
  const [stored] = await ingestBatch(db.sql, [makeIncident({ severity: 3, ...changes })]);
  return stored!.id;
}

async function find(id: number): Promise<Incident> {
  const [row] = await db.sql<{ incident: Incident }[]>`
    select app.incident_json(i) as incident from app.incident i where id = ${id}`;
  return row!.incident;
}

/** A move by the first post that may do it. */
function move(id: number, name: MoveId, more: Partial<MoveRequest> = {}): Promise<Incident> {
  const needs = moveOf(name).needs ?? [];
  return moveIncident(db.sql, {
    incident: id,
    move: name,
    actor: '测试员',
    post: moveOf(name).posts[0] as Post,
    reason: '测试',
    detail: needs.includes('department') ? { department: 'urban_management' } : {},
    ...more,
  });
}

async function walk(id: number, names: readonly MoveId[], when?: number): Promise<Incident> {
  let incident = await find(id);
  for (const name of names) incident = await move(id, name, { at: when });
  return incident;
}

const code = (code: string): object => expect.objectContaining({ code });

describe('the seven steps', () => {
  test('from the report to the evaluation, with the history of it', async () => {
    const id = await report();
    const stagesSeen: string[] = [];
    const path: MoveId[] = [
      'verify',
      'confirm',
      'register',
      'dispatch',
      'accept',
      'report_done',
      'request_check',
      'pass',
      'close',
      'evaluate',
    ];
    for (const name of path) stagesSeen.push((await move(id, name)).stage);
    expect(stagesSeen).toEqual([
      'verifying',
      'collected',
      'registered',
      'dispatched',
      'handling',
      'feedback',
      'checking',
      'checked',
      'closed',
      'evaluated',
    ]);
    const incident = await find(id);
    expect(incident).toMatchObject({
      state: 'closed',
      department: 'urban_management',
      version: path.length,
      stageDueAt: null,
    });
    const history = await readHistory(db.sql, id);
    expect(history.map((entry) => entry.move)).toEqual(path);
    expect(history[3]).toMatchObject({
      from: 'registered',
      to: 'dispatched',
      actor: '测试员',
      post: 'dispatcher',
      detail: { department: 'urban_management' },
    });
  });

  test('the screens are told: updated, closed, reopened', async () => {
    const id = await report();
    const { id: head } = await readHead(db.sql);
    await walk(id, ['register', 'close_now', 'evaluate', 'reopen', 'dispatch']);
    const { entries } = await readLog(db.sql, { after: head, withRestricted: true, limit: 100 });
    const events = entries
      .map(({ json }) => JSON.parse(json) as IncidentEvent)
      .filter(({ incident }) => incident.id === id);
    expect(events.map(({ type }) => type)).toEqual([
      'incident.updated',
      'incident.closed',
      'incident.updated',
      'incident.reopened',
      'incident.updated',
    ]);
    expect(events.at(-1)?.incident).toEqual(await find(id));
  });
});

describe('what is refused', () => {
  test('a move that is not possible in the stage names the stage and what is', async () => {
    const id = await report();
    await expect(move(id, 'pass')).rejects.toThrow(
      /stage collected .* possible there: verify, register, reject, self_handle, merge, close_now, escalate, supervise/,
    );
    await expect(move(id, 'pass')).rejects.toEqual(code('MOVE_NOT_ALLOWED'));
    expect(await readHistory(db.sql, id)).toEqual([]);
    expect((await find(id)).version).toBe(0);
  });

  test('a post that may not, a department that has not got it', async () => {
    const id = await report();
    await expect(move(id, 'register', { post: 'collector' })).rejects.toEqual(code('FORBIDDEN'));
    await walk(id, ['register', 'dispatch']);
    await expect(move(id, 'accept', { department: 'health' })).rejects.toEqual(code('FORBIDDEN'));
    expect((await move(id, 'accept', { department: 'urban_management' })).stage).toBe('handling');
  });

  test.each<[MoveId[], MoveId, Partial<MoveRequest>, string]>([
    [[], 'reject', { reason: '  ' }, 'reason'],
    [['register'], 'dispatch', { detail: {} }, 'detail.department'],
    [['register'], 'dispatch', { detail: { department: 'nowhere' } }, 'detail.department'],
    [[], 'register', { detail: { category: '99999' } }, 'detail.category'],
    [[], 'register', { detail: { category: 'Z0101' } }, 'detail.category'],
    [[], 'register', { detail: { severity: 7 } }, 'detail.severity'],
    [['register', 'dispatch', 'accept'], 'request_extension', { detail: { amount: 4.5 } }, 'detail.amount'],
    [['register', 'dispatch', 'accept'], 'request_extension', { detail: { amount: 0 } }, 'detail.amount'],
    [[], 'merge', { detail: {} }, 'detail.parent'],
    [[], 'merge', { detail: { parent: 2 ** 40 } }, 'detail.parent'],
  ])('%j then %s with %j: %s is wrong', async (path, name, more, field) => {
    const id = await report();
    await walk(id, path);
    await expect(move(id, name, more)).rejects.toEqual(expect.objectContaining({ code: 'BODY_INVALID', field }));
    expect((await find(id)).version).toBe(path.length);
  });

  test('what was decided on something else', async () => {
    const id = await report();
    await expect(move(id, 'register', { expectedVersion: 1 })).rejects.toEqual(code('INCIDENT_CHANGED'));
    await expect(move(id, 'register', { expectedStage: 'verifying' })).rejects.toEqual(code('INCIDENT_CHANGED'));
    expect((await move(id, 'register', { expectedVersion: 0, expectedStage: 'collected' })).version).toBe(1);
    await expect(move(2 ** 40, 'register')).rejects.toEqual(code('INCIDENT_NOT_FOUND'));
  });

  test('of twenty at once one wins, and the history holds one', async () => {
    const id = await report();
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => move(id, 'register')));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toEqual(code('MOVE_NOT_ALLOWED'));
    }
    expect(await readHistory(db.sql, id)).toHaveLength(1);
  });

  test('different moves at once: each is judged by what the one before left', async () => {
    const id = await report();
    await walk(id, ['register', 'dispatch']);
    const names: MoveId[] = ['accept', 'return', 'transfer', 'close_now', 'merge', 'accept'];
    const parent = await report();
    await Promise.allSettled(names.map((name) => move(id, name, name === 'merge' ? { detail: { parent } } : {})));
    const history = await readHistory(db.sql, id);
    history.reduce((stage, entry) => {
      expect(entry.from).toBe(stage);
      return entry.to ?? '';
    }, 'collected');
    expect(history.at(-1)?.to).toBe((await find(id)).stage);
  });
});

describe('clocks', () => {
  test('each dispatch begins the limit, in working time', async () => {
    const id = await report({ receivedAt: at('2026-11-20T16:00') });
    await move(id, 'register', { at: at('2026-11-20T16:30') });
    const incident = await move(id, 'dispatch', { at: at('2026-11-20T16:40') });
    // 4 working hours over a weekend, 30 working minutes to accept it.
    expect([local(incident.dueAt), local(incident.stageDueAt)]).toEqual(['2026-11-23T11:40', '2026-11-20T17:10']);
    const accepted = await move(id, 'accept', { at: at('2026-11-20T17:00') });
    expect(accepted.stageDueAt).toBe(accepted.dueAt);
    // 70 % of 4 h are 2 h 48 min.
    expect(local(accepted.warnAt)).toBe('2026-11-23T10:28');
  });

  test('a clock that stood over a holiday goes on with what was left', async () => {
    const id = await report({ receivedAt: at('2026-09-30T08:30') });
    await move(id, 'register', { at: at('2026-09-30T08:40') });
    await move(id, 'dispatch', { at: at('2026-09-30T09:00') });
    await move(id, 'accept', { at: at('2026-09-30T09:10') });
    const stopped = await move(id, 'suspend', { at: at('2026-09-30T11:00') });
    // 2 of 4 h are used; the review comes after 10 working days, over National Day.
    expect([stopped.stage, stopped.dueAt, stopped.warnAt, local(stopped.stageDueAt)]).toEqual([
      'suspended',
      null,
      null,
      '2026-10-20T11:00',
    ]);
    const prolonged = await move(id, 'prolong', { at: at('2026-10-20T10:00') });
    expect([prolonged.dueAt, local(prolonged.stageDueAt)]).toEqual([null, '2026-11-03T10:00']);
    const resumed = await move(id, 'resume', { at: at('2026-10-30T17:00') });
    // Half an hour on Friday, one and a half on Monday; 48 minutes until 70 % are used up.
    expect([local(resumed.dueAt), local(resumed.warnAt), resumed.stageDueAt]).toEqual([
      '2026-11-02T10:00',
      '2026-11-02T08:48',
      resumed.dueAt,
    ]);
  });

  test('an extension: the clock stands while it is decided, once, at most as asked', async () => {
    const id = await report({ receivedAt: at('2026-11-23T08:30') });
    await move(id, 'register', { at: at('2026-11-23T08:40') });
    await walk(id, ['dispatch', 'accept'], at('2026-11-23T09:00'));
    const asked = await move(id, 'request_extension', { at: at('2026-11-23T11:00'), detail: { amount: 2 } });
    expect([asked.stage, asked.dueAt]).toEqual(['extending', null]);
    await expect(move(id, 'grant_extension', { detail: { amount: 3 } })).rejects.toEqual(code('BODY_INVALID'));
    const granted = await move(id, 'grant_extension', { at: at('2026-11-23T15:00') });
    // 2 h left + 2 h more.
    expect([granted.stage, local(granted.dueAt)]).toEqual(['handling', '2026-11-24T10:00']);
    await expect(move(id, 'request_extension', { detail: { amount: 1 } })).rejects.toThrow('未申请过延期');
    expect((await readHistory(db.sql, id)).at(-1)).toMatchObject({ dueBefore: null, dueAfter: granted.dueAt });
  });

  test('a refused extension costs no time', async () => {
    const id = await report();
    await walk(id, ['register', 'dispatch', 'accept'], at('2026-11-23T09:00'));
    await move(id, 'request_extension', { at: at('2026-11-23T10:00'), detail: { amount: 4 } });
    const refused = await move(id, 'refuse_extension', { at: at('2026-11-24T10:00') });
    expect(local(refused.dueAt)).toBe('2026-11-24T15:00');
  });

  test('what ran out before it stood is due at once when it goes on', async () => {
    const id = await report();
    await walk(id, ['register', 'dispatch', 'accept'], at('2026-11-23T09:00'));
    await move(id, 'suspend', { at: at('2026-11-25T09:00') });
    const resumed = await move(id, 'resume', { at: at('2026-11-26T10:00') });
    expect(local(resumed.dueAt)).toBe('2026-11-26T10:00');
  });

  test('rework begins a new clock and is counted', async () => {
    const id = await report();
    await walk(id, ['register', 'dispatch', 'accept', 'report_done', 'request_check'], at('2026-11-23T09:00'));
    const again = await move(id, 'rework', { at: at('2026-11-24T09:00') });
    expect([again.stage, local(again.dueAt)]).toEqual(['handling', '2026-11-24T15:00']);
    await walk(id, ['report_done', 'request_check', 'pass', 'rework']);
    const [row] = await db.sql<{ reworks: number }[]>`select reworks from app.incident where id = ${id}`;
    expect(row?.reworks).toBe(2);
  });

  test('a department may return it for half an hour, then no more', async () => {
    const [early, late] = [await report(), await report()];
    for (const id of [early, late]) await walk(id, ['register', 'dispatch'], at('2026-11-23T09:00'));
    const returned = await move(early, 'return', { at: at('2026-11-23T09:29') });
    expect(returned).toMatchObject({ stage: 'registered', department: null });
    await expect(move(late, 'return', { at: at('2026-11-23T09:31') })).rejects.toThrow('within 30 minutes');
    expect((await move(late, 'accept', { at: at('2026-11-23T09:31') })).stage).toBe('handling');
  });

  test('it may be reopened for seven days, then no more', async () => {
    const [early, late] = [await report(), await report()];
    for (const id of [early, late]) await walk(id, ['close_now'], at('2026-11-20T09:00'));
    expect(await move(early, 'reopen', { at: at('2026-11-27T08:59') })).toMatchObject({
      stage: 'registered',
      state: 'open',
      closedAt: null,
    });
    await expect(move(late, 'reopen', { at: at('2026-11-27T09:01') })).rejects.toEqual(code('MOVE_NOT_ALLOWED'));
  });

  test('urgent matters run day and night, and registering can make them so', async () => {
    const id = await report();
    await move(id, 'register', { at: at('2026-11-21T23:00'), detail: { severity: 1, category: '09012' } });
    const incident = await move(id, 'dispatch', { at: at('2026-11-21T23:05') });
    expect(incident).toMatchObject({ severity: 1, category: '09012', categoryTitle: { zh: '占用消防通道' } });
    expect([local(incident.dueAt), local(incident.stageDueAt)]).toEqual(['2026-11-22T00:05', '2026-11-21T23:35']);
  });
});

test('a report that was registered as something else is still the same when it is sent again', async () => {
  const sent = makeIncident({ severity: 3 });
  const [stored] = await ingestBatch(db.sql, [sent]);
  await move(stored!.id, 'register', { detail: { category: '06012', severity: 1 } });
  await noteIncident(db.sql, { incident: stored!.id, note: 'x', actor: 'x', post: 'system', changes: { severity: 2 } });
  expect(await ingestBatch(db.sql, [sent])).toMatchObject([{ id: stored!.id, isNew: false, same: true }]);
  expect(await ingestBatch(db.sql, [{ ...sent, severity: 2 }])).toMatchObject([{ same: false }]);
});

describe('merging', () => {
  test('is counted at the one that is kept, and can be undone', async () => {
    const [kept, other, third] = [await report(), await report(), await report()];
    await move(other, 'merge', { detail: { parent: kept } });
    expect(await move(third, 'merge', { detail: { parent: kept } })).toMatchObject({
      stage: 'duplicate',
      state: 'closed',
      parent: kept,
    });
    expect(await find(kept)).toMatchObject({ reports: 3, state: 'open', version: 2 });
    await expect(move(kept, 'merge', { detail: { parent: other } })).rejects.toThrow('is over');
    await expect(move(kept, 'merge', { detail: { parent: kept } })).rejects.toThrow('no report of itself');
    expect(await move(other, 'unlink')).toMatchObject({ stage: 'collected', state: 'open', parent: null });
    expect((await find(kept)).reports).toBe(2);
    expect((await readHistory(db.sql, kept)).map(({ move, detail }) => [move, detail?.['incident']])).toEqual([
      ['report_linked', other],
      ['report_linked', third],
      ['report_unlinked', other],
    ]);
  });

  test('two that are merged into each other at once do not wait for ever', async () => {
    const [a, b] = [await report(), await report()];
    const settled = await Promise.allSettled([
      move(a, 'merge', { detail: { parent: b } }),
      move(b, 'merge', { detail: { parent: a } }),
    ]);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

test('a note stays in the stage, is kept and told', async () => {
  const id = await report();
  const { id: head } = await readHead(db.sql);
  const noted = await noteIncident(db.sql, {
    incident: id,
    note: 'assign',
    actor: '派遣',
    post: 'dispatcher',
    changes: { assignee: 'G1', severity: 2 },
    detail: { rank: 1 },
  });
  expect(noted).toMatchObject({ stage: 'collected', assignee: 'G1', severity: 2, version: 1 });
  expect(await readHistory(db.sql, id)).toMatchObject([
    { move: 'assign', from: 'collected', to: 'collected', detail: { rank: 1, assignee: 'G1' } },
  ]);
  const { entries } = await readLog(db.sql, { after: head, withRestricted: true, limit: 100 });
  expect(entries.map(({ json }) => JSON.parse(json) as IncidentEvent)).toMatchObject([
    { type: 'incident.updated', incident: noted },
  ]);
});

test('inside a transaction that fails nothing of a move stays', async () => {
  const id = await report();
  const broken = db.sql.begin(async (tx) => {
    await moveIncident(tx, { incident: id, move: 'register', actor: 'x', post: 'acceptor' });
    throw new Error('after all not');
  });
  await expect(broken).rejects.toThrow('after all not');
  expect([await find(id), await readHistory(db.sql, id)]).toMatchObject([{ stage: 'collected', version: 0 }, []]);
});

test('the history cannot be changed', async () => {
  const id = await report();
  await move(id, 'register');
  await expect(db.sql`update app.incident_event set actor = 'x' where incident_id = ${id}`).rejects.toThrow(
    'append-only',
  );
  await expect(db.sql`delete from app.incident_event where incident_id = ${id}`).rejects.toThrow('append-only');
});

test('random walks never leave the machine, and the history replays to the row', async () => {
  const parent = await report();
  const step = fc.record({
    move: fc.constantFrom(...moveIds),
    /** Most steps try something possible, some anything at all. */
    pick: fc.option(fc.nat(50), { freq: 6 }),
    minutes: fc.integer({ min: 0, max: 3_000 }),
    department: fc.constantFrom('urban_management', 'health', 'transport'),
    severity: fc.constantFrom(undefined, 0, 1, 2, 3, 4),
    assignee: fc.constantFrom(undefined, null, 'G1', 'G2'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('06010', 'Z0901', '06001'),
      fc.array(step, { minLength: 3, maxLength: 25 }),
      async (category, plan) => {
        let now = at('2026-09-28T09:00');
        const id = await report({ category: findCategory(category) as Category, receivedAt: now });
        const received = await find(id);
        let stage: StageId = 'collected';
        for (const { pick, minutes, move: anyMove, ...detail } of plan) {
          now += minutes * 60_000;
          const possible = movesFrom(stage);
          const name = pick === null ? anyMove : (possible[pick % possible.length] as MoveId);
          const result = await move(id, name, {
            at: now,
            detail: {
              ...detail,
              ...(name === 'merge' ? { parent } : {}),
              ...(name === 'request_extension' ? { amount: 0.5 } : {}),
            },
          }).catch((cause: unknown) => cause as { code: string });
          if ('code' in result) {
            expect(['MOVE_NOT_ALLOWED']).toContain(result.code);
            expect((await find(id)).stage).toBe(stage);
            continue;
          }
          expect(moveOf(name).from).toContain(stage);
          expect(result.stage).toBe(moveOf(name).to ?? stage);
          stage = result.stage as StageId;
          expect(result.state).toBe(stageOf(stage).state);
          expect(result.stageDueAt === null).toBe(stageOf(stage).isFinal === true);
          if (stageOf(stage).state === 'open') expect(result.dueAt === null).toBe(stageOf(stage).stopsClock === true);
        }
        const row = await find(id);
        const history = await readHistory(db.sql, id);
        const { dueAt, stageDueAt, severity } = received;
        const replayed = history.reduce(applyEntry, receivedState({ category, severity, dueAt, stageDueAt }));
        expect(row).toMatchObject(replayed);
        expect(row.version).toBe(history.length);
      },
    ),
    { numRuns: 40 },
  );
});
