import type { Sql, TransactionSql } from '../db/connect.ts';

/** Work that one process at a time does, however many there are. */
export interface Duty {
  /** Name in `app.duty`, e.g. `escalation`. */
  name: string;
  /** ms between two runs, over all processes together. */
  everyMs: number;
  /** May come late for a minute or two while incidents come in a flood: nobody is waiting for what it does. */
  canWait?: boolean;
  /**
   * Does the work inside the transaction that holds the duty: all of it is done, or nothing. What enters the live log
   * goes there last (`app.append_entries`, `app.log_incidents`). What it returns is called after the commit, by this
   * process: work that must not hold a transaction open, such as calls to other machines. The process may die before.
   */
  run(tx: TransactionSql): Promise<void | AfterCommit>;
}

export type AfterCommit = () => Promise<void>;

/** Part of the interval that must have passed: a timer that fires a little early has not come in vain. */
const SLACK = 0.9;

/**
 * Runs a duty once if it is due and nobody else is at it. True when it was run.
 * @throws what `run` throws; nothing is kept then, and the duty is due again at once. What is done after the commit may
 *   throw, too; that it was run is kept
 */
export async function runDuty(sql: Sql, { name, everyMs, run }: Duty): Promise<boolean> {
  let after: AfterCommit | undefined;
  const wasRun = (await sql.begin(async (tx) => {
    const [held] = await tx`
      select from app.duty where name = ${name} and ran_at <= now() - make_interval(secs => ${(everyMs * SLACK) / 1000})
      for update skip locked`;
    if (!held) return false;
    await tx`update app.duty set ran_at = now() where name = ${name}`;
    after = (await run(tx)) ?? undefined;
    return true;
  })) as boolean;
  await after?.();
  return wasRun;
}

/** Makes the row that is locked while a duty is done. */
export async function registerDuty(sql: Sql, name: string): Promise<void> {
  await sql`insert into app.duty (name) values (${name}) on conflict do nothing`;
}
