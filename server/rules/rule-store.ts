import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Chosen } from './compile-rule.ts';
import { RULE_LIMITS, type Backtest, type Rule, type RuleDetail, type RuleSummary } from './contract.ts';
import { startRule } from './engine.ts';
import { stateRows, writeStates } from './keep-state.ts';
import { findCompiled, lockClock } from './rule-row.ts';

/** Who changes a rule, and why. */
export interface Change {
  actor: string;
  reason: string;
}

function notFound(id: number): ApiError {
  return new ApiError('RULE_NOT_FOUND', `There is no rule ${id}.`, { field: 'id', value: id });
}

/** Columns of a version, as the API tells it. */
function versionColumns(sql: Sql | TransactionSql) {
  return sql`r.version, r.body as rule, app.iso_time(r.made_at) as "madeAt", r.made_by as "madeBy", r.reason,
    r.watched, r.tested`;
}

/** The newest version of each rule that was not removed. */
export async function listRules(sql: Sql | TransactionSql, id: number | null = null): Promise<RuleSummary[]> {
  return sql<RuleSummary[]>`
    select r.rule_id as id, ${versionColumns(sql)},
      case when run.rule_id is not null then json_build_object('version', run.version,
        'since', app.iso_time(to_timestamp(run.started_at / 1000.0)), 'by', run.started_by) end as running,
      (select count(*)::int4 from app.alarm a where a.rule_id = r.rule_id and a.cleared_at is null) as "openAlarms",
      (select app.iso_time(max(a.raised_at)) from app.alarm a where a.rule_id = r.rule_id) as "lastRaisedAt"
    from app.rule r left join app.rule_run run using (rule_id)
    where (${id}::int is null or r.rule_id = ${id})
      and r.version = (select max(v.version) from app.rule v where v.rule_id = r.rule_id)
      and not exists (select from app.rule_event e where e.rule_id = r.rule_id and e.move = 'removed')
    order by r.rule_id`;
}

export async function getRule(sql: Sql | TransactionSql, id: number): Promise<RuleDetail> {
  const [summary] = await listRules(sql, id);
  if (!summary) throw notFound(id);
  const versions = await sql<RuleDetail['versions']>`
    select ${versionColumns(sql)} from app.rule r where r.rule_id = ${id} order by r.version desc`;
  const history = await sql<RuleDetail['history']>`
    select app.iso_time(at) as at, actor as by, move, version, reason from app.rule_event where rule_id = ${id} order by id desc`;
  return { ...summary, versions, history };
}

async function note(
  tx: TransactionSql,
  id: number,
  version: number,
  move: RuleDetail['history'][number]['move'],
  { actor, reason }: Change,
): Promise<void> {
  await tx`insert into app.rule_event (rule_id, version, actor, move, reason)
    values (${id}, ${version}, ${actor}, ${move}, ${reason})`;
}

/** Saves a new rule, or the next version of one; what runs stays what it is. Answers the id. */
export async function saveRule(
  sql: Sql,
  id: number | null,
  rule: Rule,
  chosen: Chosen,
  change: Change,
): Promise<number> {
  return sql.begin(async (tx) => {
    let ruleId: number;
    let version = 1;
    if (id === null) {
      const [count] = await tx<{ count: number }[]>`
        select count(distinct r.rule_id)::int4 as count from app.rule r
        where not exists (select from app.rule_event e where e.rule_id = r.rule_id and e.move = 'removed')`;
      if ((count?.count ?? 0) >= RULE_LIMITS.rules) {
        throw new ApiError('LIMIT_EXCEEDED', `There are ${RULE_LIMITS.rules} rules already: remove some.`);
      }
      const [next] = await tx<{ id: number }[]>`select nextval('app.rule_id')::int4 as id`;
      ruleId = (next as { id: number }).id;
    } else {
      // Two who save at once make two versions.
      await tx`select pg_advisory_xact_lock(440604, ${1000 + (id % 1_000_000)})`;
      const known = await getRule(tx, id);
      ruleId = id;
      version = known.version + 1;
    }
    await tx`insert into app.rule (rule_id, version, body, chosen, made_by, reason)
      values (${ruleId}, ${version}, ${JSON.stringify(rule)}::text::jsonb, ${JSON.stringify(chosen)}::text::jsonb,
        ${change.actor}, ${change.reason})`;
    await note(tx, ruleId, version, 'saved', change);
    return ruleId;
  });
}

/** Notes that a version was back-tested. */
export async function noteTested(sql: Sql, id: number, version: number, { from, to, raised }: Backtest): Promise<void> {
  const tested = { at: new Date().toISOString(), from, to, raised };
  await sql`update app.rule set tested = ${JSON.stringify(tested)}::text::jsonb where (rule_id, version) = (${id}, ${version})`;
}

/**
 * Switches the newest version of a rule on: it knows nothing of what was before. A version that runs is switched off.
 * `at`, ms since 1970, is the time of the database where it is not given.
 */
export async function enableRule(sql: Sql, id: number, change: Change, at?: number): Promise<void> {
  await sql.begin(async (tx) => {
    await lockClock(tx, 'feed');
    await lockClock(tx, 'log');
    const rule = await getRule(tx, id);
    if (rule.running?.version === rule.version) return;
    if (rule.tested === null) {
      const message = `Version ${rule.version} of rule ${id} was not back-tested: do that first.`;
      throw new ApiError('RULE_NOT_TESTED', message, { field: 'id', value: id });
    }
    const compiled = await findCompiled(tx, id, rule.version);
    if (compiled === undefined) throw notFound(id);
    const gone = await stopRule(tx, id, change.actor);
    const [clock] = await tx<{ now: number }[]>`
      select coalesce(${at ?? null}::float8, ceil(extract(epoch from clock_timestamp()) * 1000))::float8 as now`;
    const startedAt = (clock as { now: number }).now;
    await tx`insert into app.rule_run (rule_id, version, started_at, started_by, feed)
      values (${id}, ${rule.version}, ${startedAt}, ${change.actor}, ${compiled.feed.order})`;
    const run = { id, version: rule.version, startedAt, takenTo: 0, compiled };
    await writeStates(tx, stateRows(run, startRule(compiled, startedAt).parts));
    await note(tx, id, rule.version, 'enabled', change);
    await logCleared(tx, gone);
  });
}

/** Switches a rule off; its alarms end with it. */
export async function disableRule(sql: Sql, id: number, change: Change): Promise<void> {
  await sql.begin(async (tx) => {
    await lockClock(tx, 'feed');
    await lockClock(tx, 'log');
    const rule = await getRule(tx, id);
    if (rule.running === null) return;
    const gone = await stopRule(tx, id, change.actor);
    await note(tx, id, rule.running.version, 'disabled', change);
    await logCleared(tx, gone);
  });
}

/** Removes a rule from the list; its versions, history and alarms stay. */
export async function removeRule(sql: Sql, id: number, change: Change): Promise<void> {
  await sql.begin(async (tx) => {
    await lockClock(tx, 'feed');
    await lockClock(tx, 'log');
    const rule = await getRule(tx, id);
    const gone = await stopRule(tx, id, change.actor);
    await note(tx, id, rule.version, 'removed', change);
    await logCleared(tx, gone);
  });
}

/** What it knows goes with its run. Answers the alarms that ended. */
async function stopRule(tx: TransactionSql, id: number, actor: string): Promise<number[]> {
  await tx`delete from app.rule_run where rule_id = ${id}`;
  const rows = await tx<{ id: number }[]>`
    with gone as (
      update app.alarm set cleared_at = greatest(clock_timestamp(), last_at), cleared_by = ${actor}
      where rule_id = ${id} and cleared_at is null returning id, cleared_at
    ), noted as (
      insert into app.alarm_event (alarm_id, move, at, actor) select id, 'cleared', cleared_at, ${actor} from gone
    )
    select id::float8 from gone order by id`;
  return rows.map((row) => row.id);
}

async function logCleared(tx: TransactionSql, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx`select app.log_alarms(array_fill('alarm.cleared'::text, array[${ids.length}::int]), ${[...ids]}::float8[]::bigint[])`;
}
