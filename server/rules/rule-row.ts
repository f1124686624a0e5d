import type { Sql, TransactionSql } from '../db/connect.ts';
import { compileRule, type Chosen, type CompiledRule } from './compile-rule.ts';
import type { Rule } from './contract.ts';

/** A version of a rule that is on. */
export interface Run {
  id: number;
  version: number;
  /** ms since 1970. */
  startedAt: number;
  /** Of a buffered rule: up to where it has taken its inputs, ms. */
  takenTo: number;
  compiled: CompiledRule;
}

type RunRow = Omit<Run, 'compiled'>;

/** Compiled versions by `id.version`; a version never changes. */
export type CompiledVersions = Map<string, CompiledRule>;

/** The rules that are on, of the feeds asked for; each version is read once. */
export async function listRuns(
  tx: TransactionSql,
  versions: CompiledVersions,
  feeds: readonly ('log' | 'direct' | 'buffered')[],
): Promise<Run[]> {
  const rows = await tx<RunRow[]>`
    select rule_id as id, version, started_at::float8 as "startedAt", taken_to::float8 as "takenTo"
    from app.rule_run where feed = any(${feeds as string[]}::text[]) order by rule_id`;
  const runs: Run[] = [];
  for (const row of rows) {
    const key = `${row.id}.${row.version}`;
    let compiled = versions.get(key);
    if (compiled === undefined) {
      compiled = await findCompiled(tx, row.id, row.version);
      if (compiled === undefined) throw new Error(`rule ${key} runs, but is not there`);
      versions.set(key, compiled);
    }
    runs.push({ ...row, compiled });
  }
  return runs;
}

/** A saved version, ready for the engine; undefined when there is none. */
export async function findCompiled(
  sql: Sql | TransactionSql,
  id: number,
  version: number,
): Promise<CompiledRule | undefined> {
  const [row] = await sql<{ body: Rule; chosen: Chosen }[]>`
    select body, chosen from app.rule where (rule_id, version) = (${id}, ${version})`;
  return row && compileRule(row.body, row.chosen);
}

/** Waits until nobody else lets rules of a kind of feed take a step. */
export async function lockClock(tx: TransactionSql, feed: 'log' | 'feed'): Promise<{ at: number }> {
  const [clock] = await tx<{ at: number }[]>`
    select at::float8 from app.rule_clock where feed = ${feed} for update`;
  if (!clock) throw new Error(`app.rule_clock has no row ${feed}`);
  return clock;
}
