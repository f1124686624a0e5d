import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentSnapshot } from '../../../server/contract/incidents.ts';
import type { IncidentStats } from '../../../server/contract/indicators.ts';
import type { ReplayEntries } from '../../../server/contract/live.ts';
import type { Database } from '../../../server/db/connect.ts';
import { linkPairs, MACHINE, unlink } from '../../../server/duplicates/links.ts';
import { logChanges } from '../../../server/duplicates/log-changes.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { closeIncident, ingestBatch } from '../../../server/incidents/store.ts';
import { pruneLog } from '../../../server/live/prune.ts';
import { makeCheckpoint } from '../../../server/replay/checkpoints.ts';
import { cutLog } from '../../../server/replay/cut-log.ts';
import { readEntries } from '../../../server/replay/read-entries.ts';
import { applyEvent, fromSnapshot } from '../../../web/situation.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncidents } from '../../support/incidents.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
const TOWN = '440604910000';
const CELLS = ['440604910001W001', '440604910001W002', '440604910001W003'];
/** Live snapshots and statistics, and the times they were taken. */
const taken: { at: Date; snapshot: IncidentSnapshot; stats: IncidentStats[] }[] = [];
const DIMENSIONS = ['town', 'community', 'category', 'hour'] as const;
const statistics = (query = ''): Promise<IncidentStats[]> =>
  Promise.all(DIMENSIONS.map(async (by) => (await get<IncidentStats>(`/api/incidents/stats?by=${by}${query}`))[1]));

async function get<T>(path: string, headers: Record<string, string> = STAFF): Promise<[number, T]> {
  const response = await api.get(path, headers);
  return [response.status, (await response.json()) as T];
}

/** The snapshots of the times at which some were taken. */
const snapshotsThen = () =>
  Promise.all(taken.map(({ at: time }) => get(`/api/incidents?limit=5000&town=${TOWN}&${at(time)}`)));

const at = (time: Date) => `at=${encodeURIComponent(time.toISOString())}`;

const openOf = (stats: IncidentStats | undefined) => stats?.groups.reduce((total, { open }) => total + open, 0);

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db, { intake: new Intake(db.sql, { grids: () => undefined }) });
  // Other tests may have taken the beginning of the log away, as an older version of the service would have.
  await ingestBatch(db.sql, makeIncidents(1));
  await pruneLog(db.sql, 0);
  await db.sql`delete from app.replay_checkpoint`;
  await db.sql`delete from app.replay_digest`;
  await db.sql.begin((tx) => makeCheckpoint(tx));
  const restricted = findCategory('Z0101') as Category;
  const ids: number[] = [];
  // A day of a town in small: reports, ends, a checkpoint now and then, and a look at the screen in between.
  for (let i = 0; i < 30; i += 1) {
    const place = { town: TOWN, community: '440604910001', grid: CELLS[i % 3] as string };
    const batch = makeIncidents(5, {
      ...place,
      ...(i % 4 === 0 ? { category: restricted } : {}),
      dueAt: Date.now() + (i % 5) * 150,
    });
    ids.push(...(await ingestBatch(db.sql, batch)).map(({ id }) => id));
    for (let k = 0; k < i % 4; k += 1) {
      await closeIncident(db.sql, 'staff', ids.splice((i * 7 + k * 3) % ids.length, 1)[0] as number, Date.now());
    }
    if (i % 4 === 2) {
      // A thing that is reported again, and now and then taken for the same in vain.
      await db.sql.begin(async (tx) => {
        const [a, b, c] = [ids.at(-1), ids.at(-3), ids.at(-7)] as [number, number, number];
        const { changed } = await linkPairs(
          tx,
          [
            { a, b },
            { a, b: c },
          ],
          MACHINE,
        );
        if (i % 8 === 2) {
          const result = await unlink(tx, a, MACHINE);
          if ('changed' in result) result.changed.forEach((each) => changed.add(each));
        }
        await logChanges(tx, { updated: changed, closed: [], reopened: [] });
      });
    }
    // Some pieces end where a checkpoint does, some before, and some times lie behind the last of them.
    if (i % 8 === 3 && i < 25) await db.sql.begin((tx) => cutLog(tx, { least: 1 }));
    if (i % 8 === 5) await db.sql.begin((tx) => makeCheckpoint(tx, { entries: 10, perOpen: 0 }));
    if (i % 3 === 0) {
      const [, snapshot] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}`);
      const stats = await statistics();
      const [row] = await db.sql<{ at: Date }[]>`select clock_timestamp() as at`;
      // JavaScript knows milliseconds only: the next entry must not fall into the same.
      taken.push({ at: new Date((row?.at.getTime() ?? 0) + 1), snapshot, stats });
      await pause(4);
    }
  }
});
afterAll(async () => {
  await api.close();
  await db.sql`delete from app.replay_checkpoint`;
  await db.sql`delete from app.replay_digest`;
});

/** Counts of today begin at midnight; a run over midnight would see two days. */
function comparable({ cells, openTotal, incidents, createdToday, closedToday }: IncidentSnapshot) {
  return { open: cells.open, codes: cells.codes, openTotal, createdToday, closedToday, incidents };
}

test('the snapshot of a time is the snapshot that was taken at that time', async () => {
  expect(taken.length).toBe(10);
  const sizes = new Set<number>();
  let reports = 0;
  for (const { at: time, snapshot } of taken) {
    const [status, replayed] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}&${at(time)}`);
    expect(status).toBe(200);
    expect(comparable(replayed)).toEqual(comparable(snapshot));
    const matters = replayed.incidents.filter(({ parent }) => parent === null);
    expect(replayed.openTotal).toBe(matters.length);
    const late = matters.filter(({ dueAt }) => dueAt !== null && Date.parse(dueAt) < time.getTime());
    expect(replayed.overdueTotal).toBe(late.length);
    reports = Math.max(reports, replayed.incidents.length - matters.length);
    sizes.add(replayed.openTotal);
  }
  expect(sizes.size).toBeGreaterThan(5);
  expect(reports).toBeGreaterThan(1);
});

test('the statistics of a time are those that were taken at that time', async () => {
  // Beside the incidents of all other tests of a run each takes a second: the first, one in the middle, the last.
  for (const { at: time, stats } of taken.filter((_, i) => i === 0 || i === 5 || i === 9)) {
    const replayed = await statistics(`&${at(time)}`);
    for (const [i, { groups }] of replayed.entries()) {
      // Other tests share the database: a town of ours, its categories, its hours.
      const ours = (list: IncidentStats['groups']) =>
        (DIMENSIONS[i] === 'town' || DIMENSIONS[i] === 'community'
          ? list.filter(({ key }) => key.startsWith('440604910'))
          : []
        ).map(({ key, created, open, closed }) => ({ key, created, open, closed }));
      expect(ours(groups)).toEqual(ours(stats[i]?.groups ?? []));
    }
    expect(replayed[3]?.groups.length).toBe(24);
    expect(openOf(replayed[2])).toBe(openOf(replayed[0]));
  }
});

test('a checkpoint spares reading the log and changes no answer', async () => {
  const before = await snapshotsThen();
  const [row] = await db.sql<[{ n: number }]>`select count(*)::int4 as n from app.replay_checkpoint`;
  expect(row.n).toBeGreaterThan(2);
  await db.sql`delete from app.replay_checkpoint where log_id > (select min(log_id) from app.replay_checkpoint)`;
  expect(await snapshotsThen()).toEqual(before);
  // Nor do the pieces of the log.
  const [pieces] = await db.sql<[{ n: number }]>`select count(*)::int4 as n from app.replay_digest`;
  expect(pieces.n).toBeGreaterThan(2);
  await db.sql`delete from app.replay_digest`;
  expect(await snapshotsThen()).toEqual(before);
});

test('a snapshot played on by the entries of the log becomes every later snapshot', async () => {
  const first = taken[0] as (typeof taken)[number];
  const [, start] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}&${at(first.at)}`);
  const situation = fromSnapshot(start, first.at.getTime());
  let cursor = start.cursor;
  for (const { at: time, snapshot } of taken.slice(1)) {
    for (let isAll = false; !isAll;) {
      const query = `after=${cursor}&until=${encodeURIComponent(time.toISOString())}&limit=7&town=${TOWN}`;
      const [status, page] = await get<ReplayEntries>(`/api/incidents/log?${query}`);
      expect(status).toBe(200);
      for (const event of page.events) expect(applyEvent(situation, event, event.committedAt)).toBe(true);
      ({ cursor, isAll } = page);
    }
    // Within a batch the log has the order of the senders.
    const ids = [...situation.incidents.keys()].toSorted((a, b) => b - a);
    expect(ids).toEqual(snapshot.incidents.map(({ id }) => id));
    expect(situation.openTotal).toBe(snapshot.openTotal);
    expect([situation.createdToday, situation.closedToday]).toEqual([snapshot.createdToday, snapshot.closedToday]);
  }
});

test('however little of the log is looked at for a page, the pages are all there is', async () => {
  const [first, last] = [taken[0], taken.at(-1)] as [(typeof taken)[number], (typeof taken)[number]];
  const query = { until: last.at, town: TOWN, limit: 100 };
  const readAll = async (span: number): Promise<number[]> => {
    let after = first.snapshot.cursor;
    const ids: number[] = [];
    for (;;) {
      const page = await readEntries(db.sql, 'staff', { ...query, after, span });
      ids.push(...page.events.map(({ id }) => id));
      if (page.isAll) return ids;
      expect(page.cursor).not.toBe(after);
      after = page.cursor;
    }
  };
  const whole = await readAll(50_000);
  expect(whole.length).toBeGreaterThan(20);
  for (const span of [1, 2, 7]) expect(await readAll(span)).toEqual(whole);
  const nowhere = await readEntries(db.sql, 'staff', {
    ...query,
    town: '440604999000',
    after: first.snapshot.cursor,
    span: 1,
  });
  expect([nowhere.events, nowhere.isAll]).toEqual([[], false]);
});

test('the public sees then what it sees now', async () => {
  const { at: time, snapshot } = taken.at(-1) as (typeof taken)[number];
  const [, open] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}&${at(time)}`, {});
  const visible = snapshot.incidents.filter(({ category }) => !/^Z0[1-5]/.test(category));
  expect(visible.length).toBeLessThan(snapshot.incidents.length);
  expect(open.incidents).toEqual(visible);
  const query = `after=${taken[0]?.snapshot.cursor}&until=${encodeURIComponent(time.toISOString())}&town=${TOWN}`;
  const [, page] = await get<ReplayEntries>(`/api/incidents/log?${query}`, {});
  expect(page.events.length).toBeGreaterThan(20);
  const seen = page.events.flatMap((event) => ('incident' in event ? event.incident.category : []));
  expect(seen.length).toBe(page.events.length);
  expect(seen.some((category) => /^Z0[1-5]/.test(category))).toBe(false);
});

test('bad questions name the value', async () => {
  const cursor = taken[0]?.snapshot.cursor ?? '';
  const bad: [string, number, string][] = [
    ['/api/incidents?at=yesterday', 400, 'at'],
    ['/api/incidents/log?after=17', 400, 'after'],
    ['/api/incidents/log?after=abc.1', 400, 'after'],
    ['/api/incidents/log', 400, 'after'],
    [`/api/incidents/log?after=${cursor}&until=soon`, 400, 'until'],
    [`/api/incidents/log?after=${cursor}&limit=0`, 400, 'limit'],
    [`/api/incidents/log?after=${cursor}&town=12'%20or%201=1`, 400, 'town'],
  ];
  for (const [path, expected, field] of bad) {
    const [status, { error }] = await get<{ error: { field: string } }>(path);
    expect([path, status, error.field]).toEqual([path, expected, field]);
  }
});

test('times before the beginning of the log are refused, and the first that is left can be played', async () => {
  await db.sql.begin((tx) => makeCheckpoint(tx, { entries: 1, perOpen: 0 }));
  const { at: time } = taken[0] as (typeof taken)[number];
  await pruneLog(db.sql, 0);
  const [status, { error }] = await get<{ error: { code: string; message: string } }>(`/api/incidents?${at(time)}`);
  expect([status, error.code]).toEqual([410, 'REPLAY_TOO_OLD']);
  expect(error.message).toMatch(/begins at \d{4}-/);
  const [gone, body] = await get<{ error: { code: string } }>(`/api/incidents/log?after=${taken[0]?.snapshot.cursor}`);
  expect([gone, body.error.code]).toEqual([410, 'REPLAY_TOO_OLD']);
  const place = { town: TOWN, community: '440604910001', grid: CELLS[0] as string };
  await ingestBatch(db.sql, makeIncidents(3, place));
  await pause(5);
  const now = new Date();
  const [, live] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}`);
  const [, replayed] = await get<IncidentSnapshot>(`/api/incidents?limit=5000&town=${TOWN}&${at(now)}`);
  expect(replayed.incidents).toEqual(live.incidents);
});
