import { hostname } from 'node:os';
import type { Database } from '../../server/db/connect.ts';
import { currentOwner, isAlive, type Owner } from '../../server/db/embedded/lock.ts';

/** After so long without a word a worker of another machine counts as dead, seconds. */
const SILENCE_S = 60;

interface Process {
  host: string;
  owner: Owner;
}

/**
 * The right to work off the queue, which one process has at a time, so that whoever gets it knows: jobs that are still
 * locked belong to somebody who died. A dead process of the same machine is seen at once, one of another machine by its
 * silence. An advisory lock would not do: on the embedded database all connections are one session.
 */
export class Lease {
  private readonly db: Database;
  private readonly me: Process = { host: hostname(), owner: currentOwner('') };
  private readonly holder = `${hostname()}:${process.pid}:${Math.random().toString(36).slice(2)}`;

  constructor(db: Database) {
    this.db = db;
  }

  /** Takes the lease if nobody living has it. */
  async take(): Promise<boolean> {
    return this.db.sql.begin(async (tx) => {
      await tx`lock table app.schedule_lease in exclusive mode`;
      const [row] = await tx<{ process: Process; silent: boolean }[]>`
        select process, seen_at < now() - make_interval(secs => ${SILENCE_S}) as silent from app.schedule_lease`;
      if (row && !row.silent && this.lives(row.process)) return false;
      await tx`insert into app.schedule_lease (holder, process, seen_at)
        values (${this.holder}, ${JSON.stringify(this.me)}::text::jsonb, now())
        on conflict (only_row) do update set holder = excluded.holder, process = excluded.process, seen_at = now()`;
      return true;
    });
  }

  /** Says that this process is alive. False when the lease has gone to another: stop working. */
  async renew(): Promise<boolean> {
    const rows = await this.db.sql`
      update app.schedule_lease set seen_at = now() where holder = ${this.holder} returning holder`;
    return rows.length > 0;
  }

  async give(): Promise<void> {
    await this.db.sql`delete from app.schedule_lease where holder = ${this.holder}`;
  }

  private lives({ host, owner }: Process): boolean {
    return host !== this.me.host || isAlive(owner);
  }
}
