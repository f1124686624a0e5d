import { beforeAll, expect, test } from 'vitest';
import { NoAnswer } from '../../../server/db/answer-within.ts';
import type { Database } from '../../../server/db/connect.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { readLog, type LogEntry } from '../../../server/live/log.ts';
import { Tail } from '../../../server/live/tail.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { makeIncidents } from '../../support/incidents.ts';

let db: Database;
beforeAll(async () => {
  db = await testDatabase();
});

test('a look at the log that is never answered is repeated, and nothing is lost or doubled', async () => {
  const seen: LogEntry[] = [];
  const tail = new Tail(db.sql, {
    pollMs: 50,
    deadlineMs: 200,
    onEntries: (entries) => seen.push(...entries),
    onNewEpoch: () => expect.unreachable('the epoch is the same'),
  });
  const head = await tail.start();
  try {
    await db.sql.begin(async (tx) => {
      // Readers of the log wait for this lock; the embedded engine serves nobody else at all meanwhile.
      await tx`lock table app.live_log in access exclusive mode`;
      await until('the deadline', () => tail.error instanceof NoAnswer, 5000);
    });
    await ingestBatch(db.sql, makeIncidents(20));
    await until('all entries', () => seen.length >= 20, 10_000);
    const { entries } = await readLog(db.sql, { after: head.id, withRestricted: true, limit: 1000 });
    expect(seen.map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
  } finally {
    await tail.close();
  }
});
