import type { Database, TransactionSql } from '../db/connect.ts';
import { ANALYSIS_LIMITS } from './limits.ts';

/**
 * Runs statements in a transaction with the time limit of an analysis. A transaction also because errors of GEOS are
 * silent on the embedded engine outside of one; the limit itself is one of a server, the embedded engine has none.
 */
export async function bounded<T>(db: Database, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await db.sql.begin(async (tx) => {
    // On its way together with the first statement of the work.
    const limit = tx`select set_config('statement_timeout', ${String(ANALYSIS_LIMITS.statementMs)}, true)`;
    const [value] = await Promise.all([work(tx), limit]);
    return { value };
  });
  return (result as { value: T }).value;
}
