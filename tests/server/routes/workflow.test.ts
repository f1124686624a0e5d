import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Incident } from '../../../server/contract/incidents.ts';
import type { Database } from '../../../server/db/connect.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import type { IncidentHistory, IncidentMedia, Workflow } from '../../../server/workflow/contract.ts';
import { moveIds, stageIds } from '../../../server/workflow/machine.ts';
import { ratingToken } from '../../../server/workflow/rating.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident } from '../../support/incidents.ts';
import { jpegWithPlace, PLACE_WORDS } from '../../support/photos.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
let dataDir: string;

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const ACCEPTOR = bearer('token-of-an-acceptor');
const BUREAU = bearer('token-of-urban-management');
const HEALTH = bearer('token-of-the-health-bureau');

beforeAll(async () => {
  db = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'one-map-media-'));
  api = testApi(db, {
    dataDir,
    tokens: {
      'token-of-an-acceptor': { role: 'staff', name: '陈静', posts: ['acceptor'] },
      'token-of-urban-management': {
        role: 'staff',
        name: '李强',
        posts: ['department'],
        department: 'urban_management',
      },
      'token-of-the-health-bureau': { role: 'staff', name: '何敏', posts: ['department'], department: 'health' },
    },
  });
});
afterAll(async () => {
  await api.close();
  await rm(dataDir, { recursive: true });
});

async function report(category = '06010', severity = 3): Promise<number> {
  const [stored] = await ingestBatch(db.sql, [
    makeIncident({ severity, category: findCategory(category) as Category }),
  ]);
  return stored!.id;
}

interface Failure {
  error: { code: string; field?: string; message: string };
}

async function post<T>(path: string, body: unknown, headers: Record<string, string> = STAFF): Promise<[number, T]> {
  const answer = await api.send('POST', `/api/incidents/${path}`, JSON.stringify(body), headers);
  const text = await answer.text();
  return [answer.status, (text === '' ? null : JSON.parse(text)) as T];
}

async function history(id: number, headers: Record<string, string> = STAFF): Promise<IncidentHistory> {
  const answer = await api.get(`/api/incidents/${id}/history`, headers);
  expect(answer.status).toBe(200);
  return (await answer.json()) as IncidentHistory;
}

/** Moves as staff who hold every post. */
async function walk(id: number, ...moves: (string | object)[]): Promise<Incident> {
  let last: Incident | undefined;
  for (const move of moves) {
    const body = typeof move === 'string' ? { move, reason: '测试' } : move;
    const [status, incident] = await post<Incident>(`${id}/moves`, body);
    expect([status, incident]).toEqual([200, expect.anything()]);
    last = incident;
  }
  return last as Incident;
}

const DISPATCH = { move: 'dispatch', department: 'urban_management', assignee: 'G-1' };
const TO_HANDLING = ['register', DISPATCH, 'accept'] as const;

describe('GET /api/workflow', () => {
  test('is the machine, and is not sent twice', async () => {
    const answer = await api.get('/api/workflow');
    const machine = (await answer.json()) as Workflow;
    expect(machine.stages.map(({ id }) => id)).toEqual(stageIds);
    expect(machine.moves.map(({ id }) => id)).toEqual(moveIds);
    expect(machine.moves.find(({ id }) => id === 'return')).toMatchObject({
      from: ['dispatched'],
      to: 'registered',
      posts: ['department'],
      needsReason: true,
      condition: { zh: '在派遣后 30 分钟内' },
    });
    const again = await api.get('/api/workflow', { 'If-None-Match': answer.headers.get('ETag') ?? '' });
    expect(again.status).toBe(304);
  });
});

describe('moves', () => {
  test('who does what is written down, and others may not', async () => {
    const id = await report();
    const [status, incident] = await post<Incident>(`${id}/moves`, { move: 'register' }, ACCEPTOR);
    expect([status, incident]).toMatchObject([200, { stage: 'registered', version: 1 }]);
    expect(await post<Failure>(`${id}/moves`, DISPATCH, ACCEPTOR)).toMatchObject([
      403,
      { error: { code: 'FORBIDDEN', field: 'post' } },
    ]);
    await walk(id, DISPATCH);
    expect(await post<Failure>(`${id}/moves`, { move: 'accept' }, HEALTH)).toMatchObject([
      403,
      { error: { code: 'FORBIDDEN' } },
    ]);
    expect((await post<Incident>(`${id}/moves`, { move: 'accept' }, BUREAU))[1]).toMatchObject({
      stage: 'handling',
      assignee: 'G-1',
    });
    const { events } = await history(id);
    expect(events.map(({ move, actor, post, department }) => [move, actor, post, department])).toEqual([
      ['register', '陈静', 'acceptor', null],
      ['dispatch', 'staff', 'dispatcher', null],
      ['accept', '李强', 'department', 'urban_management'],
    ]);
  });

  test('the buttons a caller is offered are those that work', async () => {
    const id = await report();
    await walk(id, 'register', DISPATCH);
    const of = async (headers: Record<string, string>) => (await history(id, headers)).moves.map((move) => move.id);
    expect(await of(BUREAU)).toEqual(['accept', 'return', 'escalate']);
    expect(await of(HEALTH)).toEqual([]);
    expect(await of(ACCEPTOR)).toEqual(['merge']);
    expect(await of({})).toEqual([]);
    await walk(id, 'accept', { move: 'request_extension', reason: '缺配件', amount: 2 }, 'grant_extension');
    const { moves } = await history(id, BUREAU);
    expect(moves.find(({ id }) => id === 'request_extension')?.blocked).toMatchObject({
      zh: '未申请过延期（每案一次）',
    });
    expect(moves.find(({ id }) => id === 'report_done')?.blocked).toBeNull();
  });

  test.each<[object, number, string, string | undefined]>([
    [{ move: 'pass' }, 409, 'MOVE_NOT_ALLOWED', 'move'],
    [{ move: 'fly' }, 400, 'BODY_INVALID', 'move'],
    [{ move: 'reject' }, 400, 'BODY_INVALID', 'reason'],
    [{ move: 'reject', reason: ' \n ' }, 400, 'BODY_INVALID', 'reason'],
    [{ move: 'reject', reason: 'a\0b' }, 400, 'BODY_INVALID', 'reason'],
    [{ move: 'register', percent: 100 }, 400, 'BODY_INVALID', 'percent'],
    [{ move: 'register', post: 'system' }, 400, 'BODY_INVALID', 'post'],
    [{ move: 'register', post: 'collector' }, 403, 'FORBIDDEN', 'post'],
    [{ move: 'merge', parent: 999_999_999 }, 404, 'INCIDENT_NOT_FOUND', 'id'],
    [{ move: 'register', expectedStage: 'handling' }, 412, 'INCIDENT_CHANGED', 'expectedStage'],
  ])('%j is answered %i %s', async (body, status, code, field) => {
    const id = await report();
    const [answered, failure] = await post<Failure>(`${id}/moves`, body);
    // An unknown property is named where zod names it.
    expect([answered, failure.error.code]).toEqual([status, code]);
    if (field !== 'percent') expect(failure.error.field).toBe(field);
    expect((await history(id)).events).toEqual([]);
  });

  test('If-Match: what was decided on an older version is refused', async () => {
    const id = await report();
    const before = await api.get(`/api/incidents/${id}/history`, STAFF);
    const tag = before.headers.get('ETag') ?? '';
    await post(`${id}/comments`, { text: '现场有水' });
    expect(await post(`${id}/moves`, { move: 'register' }, { ...STAFF, 'If-Match': tag })).toMatchObject([
      412,
      { error: { code: 'INCIDENT_CHANGED' } },
    ]);
    expect(await post(`${id}/moves`, { move: 'register' }, { ...STAFF, 'If-Match': '"1"' })).toMatchObject([200, {}]);
    expect(await post(`${id}/moves`, { move: 'register' }, { ...STAFF, 'If-Match': 'x' })).toMatchObject([400, {}]);
  });

  test('the shortcut of closing goes through the machine', async () => {
    const id = await report();
    await walk(id, ...TO_HANDLING);
    await post(`${id}/tasks`, { department: 'health' });
    expect(await post(`${id}/close`, undefined, ACCEPTOR)).toMatchObject([403, {}]);
    expect(await post(`${id}/close`, undefined)).toMatchObject([200, { state: 'closed', stage: 'closed' }]);
    const { events, tasks } = await history(id);
    expect(events.at(-1)).toMatchObject({ move: 'close_now', post: 'shift_lead', from: 'handling', to: 'closed' });
    expect(tasks).toMatchObject([{ state: 'cancelled' }]);
    const length = events.length;
    expect(await post(`${id}/close`, undefined)).toMatchObject([200, { state: 'closed' }]);
    expect((await history(id)).events).toHaveLength(length);
  });
});

describe('what the public sees', () => {
  test('stages and times, nobody and no words', async () => {
    const id = await report();
    await walk(id, { move: 'register', reason: '内部说明' });
    await post(`${id}/comments`, { text: '当事人电话 13800000000' });
    await walk(id, DISPATCH);
    const seen = await history(id, {});
    expect(seen.events.map(({ move, to }) => [move, to])).toEqual([
      ['register', 'registered'],
      ['dispatch', 'dispatched'],
    ]);
    expect(seen).toMatchObject({
      moves: [],
      caller: { posts: [], department: null },
      tasks: [],
      media: [],
      rating: null,
      ratingToken: null,
    });
    expect(JSON.stringify(seen.events)).not.toMatch(/内部说明|13800000000|staff/);
  });

  test('nothing of a restricted one', async () => {
    const id = await report('Z0302');
    expect((await api.get(`/api/incidents/${id}/history`)).status).toBe(404);
    expect((await api.get(`/api/incidents/${id}/history`, STAFF)).status).toBe(200);
    expect((await api.get(`/api/incidents/${id}/media/1`)).status).toBe(404);
  });
});

describe('sub-tasks', () => {
  test('each department has its own times, and the matter waits for all of them', async () => {
    const id = await report();
    await walk(id, ...TO_HANDLING);
    expect(await post(`${id}/tasks`, { department: 'health', instruction: '消杀' })).toMatchObject([
      201,
      { stage: 'handling' },
    ]);
    expect(await post(`${id}/tasks`, { department: 'health' })).toMatchObject([
      409,
      { error: { code: 'MOVE_NOT_ALLOWED', field: 'department' } },
    ]);
    expect(await post(`${id}/tasks`, { department: 'mars' })).toMatchObject([400, { error: { field: 'department' } }]);
    await post(`${id}/tasks`, { department: 'transport' });
    const [health, transport] = (await history(id)).tasks;
    expect(await post(`${id}/moves`, { move: 'report_done' })).toMatchObject([
      409,
      { error: { code: 'MOVE_NOT_ALLOWED' } },
    ]);
    const step = (task: number, name: string, headers = STAFF) =>
      post<Failure>(`${id}/tasks/${task}/${name}`, { result: '好了' }, headers);
    expect(await step(health!.id, 'finish', BUREAU)).toMatchObject([403, {}]);
    for (const name of ['acknowledge', 'arrive', 'finish'])
      expect(await step(health!.id, name, HEALTH)).toMatchObject([200, {}]);
    expect(await step(health!.id, 'arrive', HEALTH)).toMatchObject([409, { error: { field: 'step' } }]);
    expect(await step(health!.id, 'fly')).toMatchObject([400, { error: { field: 'step' } }]);
    expect(await step(999_999_999, 'finish')).toMatchObject([404, { error: { code: 'TASK_NOT_FOUND' } }]);
    expect(await post(`${id}/moves`, { move: 'report_done' })).toMatchObject([409, {}]);
    expect(await step(transport!.id, 'cancel')).toMatchObject([200, {}]);
    expect(await post(`${id}/moves`, { move: 'report_done' })).toMatchObject([200, { stage: 'feedback' }]);
    const { tasks } = await history(id);
    expect(tasks).toMatchObject([
      {
        department: 'health',
        instruction: '消杀',
        result: '好了',
        state: 'done',
        acknowledgedAt: expect.any(String),
        arrivedAt: expect.any(String),
        doneAt: expect.any(String),
        cancelledAt: null,
      },
      { department: 'transport', state: 'cancelled', doneAt: null, cancelledAt: expect.any(String) },
    ]);
    expect(await post(`${id}/tasks`, { department: 'education' })).toMatchObject([409, {}]);
  });

  test('a task and the report that all is done at once: never both', async () => {
    const id = await report();
    await walk(id, ...TO_HANDLING);
    const [[given], [done]] = await Promise.all([
      post(`${id}/tasks`, { department: 'health' }),
      post(`${id}/moves`, { move: 'report_done' }),
    ]);
    expect([given, done].toSorted()).toEqual(given === 201 ? [201, 409] : [200, 409]);
  });
});

describe('milestones', () => {
  test('of an illegal building, from the dispatch on, each once', async () => {
    const id = await report('06001');
    await walk(id, ...TO_HANDLING);
    const { milestones } = await history(id);
    expect(milestones.map(({ id, reachedAt }) => [id, reachedAt])).toEqual([
      ['stop', null],
      ['penalty', null],
      ['removal', null],
    ]);
    const due = milestones.map(({ dueAt }) => Date.parse(dueAt ?? ''));
    expect(due).toEqual(due.toSorted((a, b) => a - b));
    expect(await post(`${id}/milestones`, { milestone: 'stop' }, HEALTH)).toMatchObject([403, {}]);
    expect(await post(`${id}/milestones`, { milestone: 'stop' }, BUREAU)).toMatchObject([201, {}]);
    expect(await post(`${id}/milestones`, { milestone: 'stop' }, BUREAU)).toMatchObject([409, {}]);
    expect(await post(`${id}/milestones`, { milestone: 'party' })).toMatchObject([
      400,
      { error: { field: 'milestone' } },
    ]);
    expect((await history(id)).milestones[0]?.reachedAt).not.toBeNull();
  });
});

describe('satisfaction', () => {
  test('the reporter rates with a token that nobody can guess, once it is over', async () => {
    const id = await report('Z0503');
    const token = await ratingToken(db.sql, id);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await ratingToken(db.sql, id + 1)).not.toBe(token);
    expect(await post(`${id}/satisfaction`, { score: 4, token }, {})).toMatchObject([409, {}]);
    await walk(id, 'close_now');
    expect((await history(id)).ratingToken).toBe(token);
    for (const wrong of [`${token.slice(0, -1)}!`, 'x', '']) {
      expect(await post(`${id}/satisfaction`, { score: 1, token: wrong }, {})).toMatchObject([
        404,
        { error: { code: 'INCIDENT_NOT_FOUND' } },
      ]);
    }
    expect(await post(`${id}/satisfaction`, { score: 1 }, {})).toMatchObject([403, {}]);
    expect(await post(`${id}/satisfaction`, { score: 5, token }, {})).toMatchObject([
      400,
      { error: { field: 'score' } },
    ]);
    expect(await post(`${id}/satisfaction`, { score: 2 })).toMatchObject([204, null]);
    expect(await post(`${id}/satisfaction`, { score: 4, comment: '很快', token }, {})).toMatchObject([204, null]);
    expect(await post(`${id}/satisfaction`, { score: 1 })).toMatchObject([409, {}]);
    const { rating, events } = await history(id);
    expect(rating).toMatchObject({ score: 4, comment: '很快', by: 'reporter' });
    expect(events.filter(({ move }) => move === 'rate').map(({ post, detail }) => [post, detail?.['score']])).toEqual([
      ['collector', 2],
      ['reporter', 4],
    ]);
  });

  test('the evaluation counts time, rework and rating', async () => {
    const id = await report();
    await walk(
      id,
      ...TO_HANDLING,
      'report_done',
      'request_check',
      'rework',
      'report_done',
      'request_check',
      'pass',
      'close',
    );
    await post(`${id}/satisfaction`, { score: 4 });
    await walk(id, 'evaluate');
    const { events } = await history(id);
    // 40 in time + 0 for work done twice + 30 for the rating.
    expect(events.at(-1)?.detail?.['evaluation']).toEqual({ score: 70, inTime: true, reworks: 1, rating: 4 });
  });
});

const upload = (id: number, body: Uint8Array, headers: Record<string, string> = {}, phase = 'before') =>
  api.send('POST', `/api/incidents/${id}/media?phase=${phase}`, Buffer.from(body), {
    ...STAFF,
    'Content-Type': 'image/jpeg',
    ...headers,
  });

describe('photos and videos', () => {
  test('a photo is kept without its place, and served to staff only', async () => {
    const id = await report();
    const photo = jpegWithPlace();
    const answer = await upload(id, photo);
    expect(answer.status).toBe(201);
    const kept = (await answer.json()) as IncidentMedia;
    expect(kept).toMatchObject({
      phase: 'before',
      type: 'image/jpeg',
      actor: 'staff',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const path = `/api/incidents/${id}/media/${kept.id}`;
    const file = await api.get(path, STAFF);
    expect(file.headers.get('Content-Type')).toBe('image/jpeg');
    expect(file.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(bytes.length).toBe(kept.bytes);
    for (const word of PLACE_WORDS) {
      expect(Buffer.from(photo).includes(word)).toBe(true);
      expect(bytes.includes(word)).toBe(false);
    }
    expect((await api.get(path)).status).toBe(403);
    expect((await api.get(path, { ...STAFF, 'If-None-Match': file.headers.get('ETag') ?? '' })).status).toBe(304);
    expect((await api.get(`/api/incidents/${await report()}/media/${kept.id}`, STAFF)).status).toBe(404);
    // The same again is the same, of another phase another.
    expect((await (await upload(id, photo)).json()) as IncidentMedia).toEqual(kept);
    await upload(id, photo, {}, 'after');
    const { media, events } = await history(id);
    expect(media.map(({ phase }) => phase)).toEqual(['before', 'after']);
    expect(events.map(({ move }) => move)).toEqual(['media_add', 'media_add']);
  });

  test('what it is called does not matter: its first bytes do', async () => {
    const id = await report();
    const status = async (body: Uint8Array, type: string) => {
      const answer = await upload(id, body, { 'Content-Type': type });
      return [answer.status, ((await answer.json()) as Partial<Failure>).error?.code];
    };
    expect(await status(Buffer.from('<svg onload="alert(1)"/>'), 'image/jpeg')).toEqual([
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ]);
    expect(await status(Buffer.from('<html>'), 'text/html')).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    expect(await status(Buffer.alloc(0), 'image/jpeg')).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    expect(await status(jpegWithPlace().subarray(0, 200), 'image/jpeg')).toEqual([400, 'BODY_INVALID']);
    expect(await status(jpegWithPlace(), 'text/html')).toEqual([201, undefined]);
    const large = Buffer.alloc(8 * 1024 ** 2 + 1);
    large.set(jpegWithPlace());
    expect(await status(large, 'image/jpeg')).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await status(Buffer.alloc(33 * 1024 ** 2), 'video/mp4')).toEqual([413, 'BODY_TOO_LARGE']);
    expect((await history(id)).media).toHaveLength(1);
  });

  test('one that shows too much is taken out, and its file goes with the last who has it', async () => {
    const [a, b] = [await report(), await report()];
    const ids: number[] = [];
    for (const id of [a, b]) ids.push(((await (await upload(id, jpegWithPlace('x'))).json()) as IncidentMedia).id);
    const remove = (id: number, media: number | undefined, headers: Record<string, string> = STAFF) =>
      api.send(
        'DELETE',
        `/api/incidents/${id}/media/${media}?reason=${encodeURIComponent('拍到人脸')}`,
        undefined,
        headers,
      );
    expect((await remove(a, ids[0], ACCEPTOR)).status).toBe(403);
    expect((await remove(a, ids[0])).status).toBe(204);
    expect((await remove(a, ids[0])).status).toBe(404);
    expect((await api.get(`/api/incidents/${a}/media/${ids[0]}`, STAFF)).status).toBe(404);
    expect((await api.get(`/api/incidents/${b}/media/${ids[1]}`, STAFF)).status).toBe(200);
    expect((await history(a)).events.at(-1)).toMatchObject({ move: 'media_remove', reason: '拍到人脸' });
    await remove(b, ids[1]);
    // Uploaded again it is there again.
    expect((await upload(b, jpegWithPlace('x'))).status).toBe(201);
    expect((await api.get(`/api/incidents/${b}/media/${ids[1]}`, STAFF)).status).toBe(200);
  });
});
