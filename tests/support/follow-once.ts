import type { Database } from '../../server/db/connect.ts';
import { registerDuty } from '../../server/duty/duty.ts';
import { followOnce, type LogFollower } from '../../server/duty/log-follower.ts';

/** A follower of the live log that a test turns by hand, under a name of its own. */
export interface HandFollower {
  name: string;
  /** Deals with everything that is in the log by now. */
  catchUp(): Promise<void>;
  forget(): Promise<void>;
}

/** Starts after the present end of the log. */
export async function followByHand(db: Database, handle: LogFollower['handle']): Promise<HandFollower> {
  const name = `test-${Math.random().toString(36).slice(2)}`;
  const follower = { name, handle };
  await registerDuty(db.sql, name);
  await followOnce(db.sql, follower);
  return {
    name,
    async catchUp() {
      const [head] = await db.sql<{ id: number }[]>`select coalesce(max(id), 0) as id from app.live_log`;
      for (;;) {
        const more = await followOnce(db.sql, follower);
        const [row] = await db.sql<{ id: number }[]>`select log_id as id from app.duty where name = ${name}`;
        if (!more && (row?.id ?? 0) >= (head?.id ?? 0)) return;
      }
    },
    forget: async () => void (await db.sql`delete from app.duty where name = ${name}`),
  };
}
