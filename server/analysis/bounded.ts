import type { Database, TransactionSql } from '../db/connect.ts';
import { ANALYSIS_LIMITS } from './limits.ts';

/**
 * Runs statements in a transaction with the time limit of an analysis. A transaction also because errors of GEOS are
 * silent on the embedded engine outside of one; the limit itself is one of a server, the embedded engine has none.
 */
export async function bounded<T>(db: Database, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await db.sql.begin(async (tx) => {
    await tx`select set_config('statement_timeout', ${String(ANALYSIS_LIMITS.statementMs)}, true)`;
    return { value: await work(tx) };
  });
  return (result as { value: T }).value;
}
