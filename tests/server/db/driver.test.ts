/** What patches/postgres+3.4.9.patch repairs in the driver. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connectDatabase } from '../../../server/db/connect.ts';
import { testDatabase, testTarget } from '../../support/database.ts';

test('after an error in the middle of a result the next result on the connection is whole', async () => {
  const db = await connectDatabase({ ...testTarget(), max: 1 });
  try {
    for (let i = 0; i < 3; i++) {
      await expect(
        db.sql`select 1 / (5000 - n) as q, repeat('x', 100) as t from generate_series(1, 6000) n`,
      ).rejects.toThrow('division by zero');
      const rows = await db.sql`select 1 as one`;
      expect(rows.length).toBe(1);
      expect([...rows]).toEqual([{ one: 1 }]);
    }
  } finally {
    await db.close();
  }
});

test('a connection that breaks inside a transaction rejects the transaction, not the process', async () => {
  const db = await testDatabase();
  const victim = await connectDatabase({ ...testTarget(), max: 1, applicationName: 'onemap-victim' });
  try {
    const broken = victim.sql.begin(async (tx) => {
      const [row] = await tx`select pg_backend_pid() as pid`;
      if (db.engine === 'server') await db.sql`select pg_terminate_backend(${row!.pid}::int)`;
      // The one backend of the embedded engine cannot be ended; the driver destroys its own connection in the same way.
      else await Promise.all([victim.sql.end({ timeout: 0 }), sleep(1)]);
      await sleep(100);
      await tx`select 1`;
    });
    await expect(broken).rejects.toMatchObject({
      code: expect.stringMatching(/CONNECTION_|57P01|ECONNRESET/) as string,
    });
    if (db.engine === 'server') expect([...(await victim.sql`select 1 as one`)]).toEqual([{ one: 1 }]);
    expect([...(await db.sql`select 1 as one`)]).toEqual([{ one: 1 }]);
  } finally {
    await victim.close();
  }
});
