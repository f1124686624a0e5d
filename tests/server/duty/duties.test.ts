import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LiveEvent } from '../../../server/contract/live.ts';
import type { Database } from '../../../server/db/connect.ts';
import { Duties, type DutiesOptions } from '../../../server/duty/duties.ts';
import { registerDuty, runDuty } from '../../../server/duty/duty.ts';
import { followOnce } from '../../../server/duty/log-follower.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { makeIncidents } from '../../support/incidents.ts';

let db: Database;
let name: string;
const opened: Duties[] = [];

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(() => {
  name = `test-${Math.random().toString(36).slice(2)}`;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((duties) => duties.close()));
  await db.sql`delete from app.duty where starts_with(name, ${name})`;
});

function keysOf(events: readonly LiveEvent[]): string[] {
  return events.flatMap((event) => ('incident' in event ? [event.incident.key] : []));
}

function open(
  onError: (name: string, cause: unknown) => void = (_, cause) => expect.unreachable(String(cause)),
  options: Partial<DutiesOptions> = {},
): Duties {
  const duties = new Duties({ sql: db.sql, onError, pollMs: 50, ...options });
  opened.push(duties);
  return duties;
}

test('a duty runs once in its interval, whoever offers', async () => {
  await registerDuty(db.sql, name);
  let runs = 0;
  const duty = { name, everyMs: 60_000, run: async () => void (runs += 1) };
  const taken = [await runDuty(db.sql, duty), await runDuty(db.sql, duty), await runDuty(db.sql, duty)];
  expect(taken).toEqual([true, false, false]);
  expect(runs).toBe(1);
});

test('a duty that failed keeps nothing and is due again', async () => {
  await registerDuty(db.sql, name);
  const failing = { name, everyMs: 60_000, run: async () => Promise.reject(new Error('no luck')) };
  await expect(runDuty(db.sql, failing)).rejects.toThrow('no luck');
  expect(await runDuty(db.sql, { ...failing, run: async () => undefined })).toBe(true);
});

test('several followers of one name deal with every entry exactly once, in order', async () => {
  const seen: string[] = [];
  const follower = {
    name,
    handle: async (_: unknown, events: readonly LiveEvent[]) => void seen.push(...keysOf(events)),
  };
  await Promise.all([open().follow(follower), open().follow(follower)]);
  await until(
    'the cursor',
    async () => (await db.sql`select from app.duty where name = ${name} and log_id is not null`).length > 0,
  );
  const batches = Array.from({ length: 12 }, () => makeIncidents(7));
  for (const batch of batches) await ingestBatch(db.sql, batch);
  const keys = batches.flat().map(({ key }) => key);
  await until('all of them', () => seen.length >= keys.length, 20_000);
  expect(seen).toEqual(keys);
});

test('what a handler did is undone when it fails, and the entries come again', async () => {
  await registerDuty(db.sql, name);
  const idle = { name, handle: async () => undefined };
  await followOnce(db.sql, idle);
  const incidents = makeIncidents(3);
  await ingestBatch(db.sql, incidents);
  await expect(followOnce(db.sql, { name, handle: async () => Promise.reject(new Error('half way')) })).rejects.toThrow(
    'half way',
  );
  const seen: string[] = [];
  await followOnce(db.sql, {
    name,
    handle: async (_, events) => void seen.push(...keysOf(events)),
  });
  expect(seen).toEqual(incidents.map(({ key }) => key));
});

test('a follower whose entries were pruned is told so', async () => {
  await registerDuty(db.sql, name);
  await db.sql`update app.duty set epoch = 'another log', log_id = 1 where name = ${name}`;
  let gaps = 0;
  await followOnce(db.sql, { name, handle: async () => undefined, onGap: async () => void (gaps += 1) });
  expect(gaps).toBe(1);
});

test('in a flood followers share one rest, and what can wait is put off until it is over', async () => {
  let isFlooded = true;
  let ran = 0;
  const busy: { who: string; from: number; to: number }[] = [];
  const duties = open(undefined, { isFlooded: () => isFlooded });
  const names = ['a', 'b', 'c'].map((part) => `${name}-${part}`);
  for (const who of names) {
    await duties.take({
      name: who,
      everyMs: 10_000,
      async turn() {
        const from = performance.now();
        await new Promise((done) => setTimeout(done, 20));
        busy.push({ who, from, to: performance.now() });
        return isFlooded;
      },
    });
  }
  await duties.every({ name: `${name}-late`, everyMs: 50, canWait: true, run: async () => void (ran += 1) });
  await until('some turns of each', () => names.every((who) => busy.filter((turn) => turn.who === who).length > 2));
  // After their first turns, which they all begin at once, each waits for the rests of all.
  const later = busy.slice(names.length);
  const worked = later.reduce((sum, { from, to }) => sum + to - from, 0);
  const passed = Math.max(...later.map(({ to }) => to)) - Math.min(...later.map(({ from }) => from));
  expect(worked / passed).toBeLessThan(0.4);
  expect(ran).toBe(0);
  isFlooded = false;
  await until('what was put off', () => ran > 0);
});
