import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { startFollowers } from '../../../server/duty/follower-thread.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { followFromHere } from '../../support/follow-from-here.ts';
import { makeIncident } from '../../support/incidents.ts';

let db: Database;
beforeAll(async () => {
  db = await testDatabase();
  await followFromHere(db.sql);
});

const logged: string[] = [];
const settings = {
  isPressed: () => false,
  isFlooded: () => false,
  demo: false,
  notify: { hosts: [] },
  publicUrl: undefined,
  log: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }),
};

/** Two reports of one thing at a place of their own; ids. */
async function reportTwice(lon: number): Promise<number[]> {
  const report = { title: '暴露垃圾', severity: 0, lon, lat: 19.5 };
  return (await ingestBatch(db.sql, [makeIncident(report), makeIncident(report)])).map(({ id }) => id);
}

async function parentsOf(ids: readonly number[]): Promise<(number | null)[]> {
  const rows = await db.sql<{ parent: number | null }[]>`
    select parent_id as parent from app.incident where id = any (${[...ids]}::bigint[]) order by id`;
  return rows.map(({ parent }) => parent);
}

test('what is reported from `ready` on is followed in the thread, and nothing after `close`', async () => {
  const followers = startFollowers({ ...settings, address: db.address });
  await followers.ready;
  const first = await reportTwice(108.1);
  await until('the link', async () => (await parentsOf(first))[1] === first[0], 60_000);
  await followers.close();
  const taken = await db.sql<{ name: string }[]>`select name from app.duty`;
  const names = ['duplicates', 'rules', 'notify', 'indicators', 'escalation', 'dispatch-silence', 'replay-checkpoint'];
  expect(taken.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  const second = await reportTwice(108.2);
  await new Promise((done) => setTimeout(done, 1500));
  expect(await parentsOf(second)).toEqual([null, null]);
});

test('a thread that cannot start says so, is started again, and can be closed meanwhile', async () => {
  const followers = startFollowers({ ...settings, address: { url: 'postgres://127.0.0.1:1/none' } });
  await until('two failures', () => logged.filter((line) => line.includes('ECONNREFUSED')).length > 1, 60_000);
  await followers.close();
});
