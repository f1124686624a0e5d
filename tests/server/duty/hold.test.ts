import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { holdDuty } from '../../../server/duty/hold.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';

let db: Database;
const name = `test-${Math.random().toString(36).slice(2)}`;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await db.sql`delete from app.duty where name = ${name}`;
});

test('one holds it at a time; another takes over when it lets go, and when it is silent', async () => {
  const holders = new Set<string>();
  const hold = (holder: string) =>
    holdDuty(db.sql, {
      name,
      holder,
      lostMs: 500,
      onHeld: async () => void holders.add(holder),
      onLost: async () => void holders.delete(holder),
      onError: (cause) => expect.unreachable(String(cause)),
    });
  const letGo = hold('a');
  await until('a', () => holders.has('a'));
  const letGoOfB = hold('b');
  await new Promise((done) => setTimeout(done, 700));
  expect([...holders]).toEqual(['a']);
  await letGo();
  await until('b', () => holders.has('b'));
  expect([...holders]).toEqual(['b']);
  await letGoOfB();
  // One that was killed has let go of nothing.
  await db.sql`update app.duty set holder = 'killed', ran_at = clock_timestamp() where name = ${name}`;
  const started = Date.now();
  const letGoOfC = hold('c');
  await until('c', () => holders.has('c'));
  expect(Date.now() - started).toBeGreaterThan(300);
  await letGoOfC();
  expect(holders.size).toBe(0);
});
