import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportProgress, ReportReceipt } from '../../../server/contract/reports.ts';
import type { IncidentHistory } from '../../../server/workflow/contract.ts';
import { moveIncident } from '../../../server/workflow/move-incident.ts';
import type { MoveId } from '../../../server/workflow/machine.ts';
import { testDatabase } from '../../support/database.ts';
import { jpegWithPlace, mp4WithPlace, PLACE_WORDS, pngWithPlace, webpWithPlace } from '../../support/photos.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { HERE, setUpIntake, type Failure, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
let api: TestApi;
let dataDir: string;
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
  dataDir = await mkdtemp(join(tmpdir(), 'one-map-photos-'));
  api = testApi(it.db, { intake: it.intake, dataDir, reports: { most: 1_000_000, windowMs: 1000 } });
});
afterAll(async () => {
  await api.close();
  await it.close();
  await rm(dataDir, { recursive: true });
});

async function report(headers: Record<string, string> = {}): Promise<ReportReceipt> {
  const body = { id: crypto.randomUUID(), category: '06010', ...HERE, reporter: { name: '欧阳小明' } };
  const answer = await api.send('POST', '/api/reports', JSON.stringify(body), headers);
  expect(answer.status).toBe(201);
  return (await answer.json()) as ReportReceipt;
}

async function progress(token: string): Promise<ReportProgress> {
  const answer = await api.get(`/api/reports/${token}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as ReportProgress;
}

const shift = { actor: '王班长', post: 'shift_lead' } as const;
const move = (incident: number, name: MoveId, detail = {}) =>
  moveIncident(it.sql, { incident, move: name, ...shift, reason: '测试', detail });

async function rate(token: string, body: object): Promise<[number, string | undefined]> {
  const answer = await api.send('POST', `/api/reports/${token}/rating`, JSON.stringify(body));
  return [answer.status, answer.status === 204 ? undefined : ((await answer.json()) as Failure).error.code];
}

describe('whoever reported something', () => {
  test('follows its stages and rates it when it is over, also more than once, and nobody is named', async () => {
    const { number, token } = await report();
    expect(await progress(token)).toMatchObject({
      stage: 'collected',
      stages: [],
      merged: null,
      mayRate: false,
      rating: null,
      files: 0,
      filesLeft: 6,
    });
    expect(await rate(token, { score: 4 })).toEqual([409, 'MOVE_NOT_ALLOWED']);
    await move(number, 'register');
    await move(number, 'close_now');
    const closed = await progress(token);
    expect(closed).toMatchObject({ stage: 'closed', mayRate: true, filesLeft: 0 });
    expect(closed.stages.map(({ stage }) => stage)).toEqual(['registered', 'closed']);
    expect(JSON.stringify(closed)).not.toMatch(/欧阳|王班长|测试/);
    expect(await rate(token, { score: 5 })).toEqual([400, 'BODY_INVALID']);
    expect(await rate(token, { score: 2, comment: '垃圾还在' })).toEqual([204, undefined]);
    expect(await rate(token, { score: 3 })).toEqual([204, undefined]);
    expect((await progress(token)).rating).toMatchObject({ score: 3, by: 'reporter' });
    const history = (await (await api.get(`/api/incidents/${number}/history`, STAFF)).json()) as IncidentHistory;
    expect(history.events.map(({ sentence }) => sentence.zh)).toEqual([
      '值班长 王班长 立案，案件进入“待派遣”，理由：测试。',
      '值班长 王班长 直接结案，案件进入“已结案”，理由：测试。',
      '上报人评价为“不满意”，理由：垃圾还在。',
      '上报人评价为“满意”。',
    ]);
  });

  test('of a merged report is told where the matter stands, and rates it when that is over', async () => {
    const [kept, twin] = [await report(), await report()];
    await move(twin.number, 'merge', { parent: kept.number });
    await move(kept.number, 'register');
    expect(await progress(twin.token)).toMatchObject({
      stage: 'duplicate',
      merged: { state: 'open', stage: 'registered' },
      mayRate: false,
    });
    expect(await rate(twin.token, { score: 1 })).toEqual([409, 'MOVE_NOT_ALLOWED']);
    await move(kept.number, 'close_now');
    expect(await progress(twin.token)).toMatchObject({ merged: { state: 'closed' }, mayRate: true });
    expect(await rate(twin.token, { score: 1 })).toEqual([204, undefined]);
  });

  test('a wrong token, one of another and one that is too old lead nowhere', async () => {
    const { number, token } = await report();
    for (const wrong of [`${token}x`, 'x', encodeURIComponent("' or 1=1 --"), token.slice(1)]) {
      expect((await api.get(`/api/reports/${wrong}`)).status).toBe(404);
      expect((await rate(wrong, { score: 4 }))[0]).toBe(404);
      expect((await send(wrong, jpegWithPlace()))[0]).toBe(404);
    }
    await move(number, 'close_now');
    await it.sql`update app.incident set closed_at = now() - interval '181 days' where id = ${number}`;
    const gone = await api.get(`/api/reports/${token}`);
    expect([gone.status, ((await gone.json()) as Failure).error.code]).toEqual([410, 'REPORT_EXPIRED']);
    expect(await rate(token, { score: 4 })).toEqual([410, 'REPORT_EXPIRED']);
  });
});

async function send(
  token: string,
  body: Uint8Array,
  { phase = '', headers = {} }: { phase?: string; headers?: Record<string, string> } = {},
): Promise<[number, string | number]> {
  const answer = await api.send(
    'POST',
    `/api/reports/${token}/media${phase === '' ? '' : `?phase=${phase}`}`,
    Buffer.from(body),
    { 'Content-Type': 'image/jpeg', ...headers },
  );
  const told = (await answer.json()) as Failure & { filesLeft: number };
  return [answer.status, answer.status === 201 ? told.filesLeft : told.error.code];
}

/** Another table of colours each makes files of their own. */
function photo(index: number): Buffer {
  const file = jpegWithPlace('x');
  file.set([index], file.indexOf(Buffer.from([0xff, 0xdb, 0, 67, 3])) + 10);
  return file;
}

describe('photos and videos of a report', () => {
  test.each([
    ['JPEG', jpegWithPlace()],
    ['PNG', pngWithPlace()],
    ['WebP', webpWithPlace()],
    ['MP4', mp4WithPlace().bytes],
  ])('a %s is kept without place, owner and camera, and for staff only', async (_, file) => {
    const { number, token } = await report();
    expect(await send(token, file)).toEqual([201, 5]);
    // Sent again after a broken line it is the same.
    expect(await send(token, file)).toEqual([201, 5]);
    const history = (await (await api.get(`/api/incidents/${number}/history`, STAFF)).json()) as IncidentHistory;
    expect(history.media).toMatchObject([{ phase: 'report', post: 'reporter', actor: 'reporter' }]);
    expect(history.events.map(({ sentence }) => sentence.en)).toEqual([
      'Photo or video added (as reported) by the reporter.',
    ]);
    const { id = 0, sha256 = '' } = history.media[0] ?? {};
    const path = `/api/incidents/${number}/media/${id}`;
    expect((await api.get(path)).status).toBe(403);
    const kept = Buffer.from(await (await api.get(path, STAFF)).arrayBuffer());
    expect(createHash('sha256').update(kept).digest('hex')).toBe(sha256);
    expect(await readFile(join(dataDir, 'media', sha256.slice(0, 2), sha256))).toEqual(kept);
    expect(PLACE_WORDS.some((word) => Buffer.from(file).includes(word))).toBe(true);
    expect(PLACE_WORDS.filter((word) => kept.includes(word))).toEqual([]);
    expect((await progress(token)).files).toBe(1);
  });

  test('what is no photo is refused, whatever it is called', async () => {
    const { token } = await report();
    const script = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const garbage = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251));
    for (const [type, body] of [
      ['image/svg+xml', Buffer.from(script)],
      ['image/jpeg', Buffer.from(`<?xml version="1.0"?>${script}`)],
      ['image/jpeg', garbage],
      ['image/png', Buffer.from('GIF89a')],
      ['text/html', Buffer.from('<html><script>alert(1)</script>')],
      ['application/pdf', Buffer.from('%PDF-1.7')],
      ['image/jpeg', Buffer.alloc(0)],
      ['application/zip', Buffer.from('PK\u0003\u0004')],
    ] as const) {
      expect([type, await send(token, body, { headers: { 'Content-Type': type } })]).toEqual([
        type,
        [415, 'MEDIA_TYPE_UNSUPPORTED'],
      ]);
    }
    // Begins as one, and is none.
    expect(await send(token, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), garbage]))).toEqual([400, 'BODY_INVALID']);
    expect(await send(token, jpegWithPlace().subarray(0, 150))).toEqual([400, 'BODY_INVALID']);
    expect(await progress(token)).toMatchObject({ files: 0, filesLeft: 6 });
  });

  test('what is too large is refused: photos beyond 8 MiB, videos beyond 32', async () => {
    const { token } = await report();
    const large = Buffer.alloc(10 * 1024 ** 2);
    large.set(jpegWithPlace());
    expect(await send(token, large)).toEqual([413, 'BODY_TOO_LARGE']);
    const film = Buffer.alloc(33 * 1024 ** 2);
    film.set(mp4WithPlace().bytes);
    expect(await send(token, film)).toEqual([413, 'BODY_TOO_LARGE']);
    expect((await progress(token)).files).toBe(0);
  });

  test('six by the reporter and no more; phases are for staff; nothing more when it is over', async () => {
    const { number, token } = await report();
    for (let index = 0; index < 6; index++) expect(await send(token, photo(index))).toEqual([201, 5 - index]);
    expect(await send(token, photo(6))).toEqual([422, 'LIMIT_EXCEEDED']);
    expect(await send(token, photo(0))).toEqual([201, 0]);
    expect(await send(token, photo(7), { phase: 'after' })).toEqual([403, 'FORBIDDEN']);
    expect(await send(token, photo(7), { phase: 'after', headers: STAFF })).toEqual([201, 0]);
    expect(await send(token, photo(7), { phase: 'never' })).toEqual([400, 'PARAMETER_INVALID']);
    const { media } = (await (await api.get(`/api/incidents/${number}/history`, STAFF)).json()) as IncidentHistory;
    // Taken out for what it shows, it does not come back by the same way.
    await api.send('DELETE', `/api/incidents/${number}/media/${media[0]?.id}?reason=x`, undefined, STAFF);
    expect(await send(token, photo(0))).toEqual([403, 'FORBIDDEN']);
    await move(number, 'close_now');
    expect(await send(token, photo(8))).toEqual([409, 'MOVE_NOT_ALLOWED']);
  });

  test('a collector hears that photos of before and after arrived, a citizen of none but those of the report', async () => {
    const own = await report(STAFF);
    await send(own.token, photo(20), { phase: 'before', headers: STAFF });
    await send(own.token, photo(21), { phase: 'after', headers: STAFF });
    expect((await progress(own.token)).files).toBe(2);
    const { token } = await report();
    await send(token, photo(22));
    await send(token, photo(23), { phase: 'after', headers: STAFF });
    expect((await progress(token)).files).toBe(1);
  });

  test('one address sends so many, then is told when to come again', async () => {
    const { token } = await report();
    const few = testApi(it.db, { intake: it.intake, dataDir, reports: { most: 1, windowMs: 60_000 } });
    const statuses: number[] = [];
    for (let index = 0; index < 7; index++) {
      const answer = await few.send('POST', `/api/reports/${token}/media`, Buffer.from(jpegWithPlace()), {
        'X-Forwarded-For': '192.0.2.7',
        'Content-Type': 'image/jpeg',
      });
      statuses.push(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429]);
    await few.close();
  });
});
