import type { Sql, TransactionSql } from '../db/connect.ts';

/** Work that one process at a time does, however many there are. */
export interface Duty {
  /** Name in `app.duty`, e.g. `escalation`. */
  name: string;
  /** ms between two runs, over all processes together. */
  everyMs: number;
  /**
   * Does the work inside the transaction that holds the duty: all of it is done, or nothing. What enters the live log
   * goes there last (`app.append_entries`, `app.log_incidents`).
   */
  run(tx: TransactionSql): Promise<void>;
}

/** Part of the interval that must have passed: a timer that fires a little early has not come in vain. */
const SLACK = 0.9;

/**
 * Runs a duty once if it is due and nobody else is at it. True when it was run.
 * @throws what `run` throws; nothing is kept then, and the duty is due again at once
 */
export async function runDuty(sql: Sql, { name, everyMs, run }: Duty): Promise<boolean> {
  return sql.begin(async (tx) => {
    const [held] = await tx`
      select from app.duty where name = ${name} and ran_at <= now() - make_interval(secs => ${(everyMs * SLACK) / 1000})
      for update skip locked`;
    if (!held) return false;
    await tx`update app.duty set ran_at = now() where name = ${name}`;
    await run(tx);
    return true;
  });
}

/** Makes the row that is locked while a duty is done. */
export async function registerDuty(sql: Sql, name: string): Promise<void> {
  await sql`insert into app.duty (name) values (${name}) on conflict do nothing`;
}
