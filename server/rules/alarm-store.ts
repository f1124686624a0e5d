import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { formatCursor } from '../live/cursor.ts';
import { readHead } from '../live/log.ts';
import type { Alarm, AlarmList } from './contract.ts';
import { partOf, step } from './engine.ts';
import { keepSteps, readStates } from './keep-state.ts';
import { findCompiled, lockClock, type Run } from './rule-row.ts';

export interface AlarmQuery {
  state: 'open' | 'cleared' | 'all';
  rule: number | null;
  /** Ids below this one. */
  before: number | null;
  limit: number;
  /** `urgent`: what nobody has acknowledged first, of that the most severe, of that the newest; it has one page. */
  order?: 'newest' | 'urgent';
}

/** Alarms, in the order asked for, with the cursor of the live log from which on they change. */
export function listAlarms(sql: Sql, { state, rule, before, limit, order = 'newest' }: AlarmQuery): Promise<AlarmList> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const head = await readHead(tx);
    const rows = await tx<{ alarm: Alarm }[]>`
      select app.alarm_json(a) as alarm from app.alarm a
      where (${state} = 'all' or (a.cleared_at is null) = (${state} = 'open'))
        and (${rule}::int is null or a.rule_id = ${rule}) and (${before}::float8 is null or a.id < ${before}::float8::bigint)
      order by case when ${order} = 'urgent' then (a.acknowledged_at is not null)::int4 end,
        case when ${order} = 'urgent' then a.severity end, a.id desc limit ${limit}`;
    const [count] = await tx<{ open: number; unacknowledged: number }[]>`
      select count(*)::int4 as open, count(*) filter (where acknowledged_at is null)::int4 as unacknowledged
      from app.alarm a where cleared_at is null and (${rule}::int is null or a.rule_id = ${rule})`;
    const alarms = rows.map((row) => row.alarm);
    const last = alarms.at(-1);
    const next = order === 'newest' && alarms.length === limit && last !== undefined ? String(last.id) : null;
    const { open = 0, unacknowledged = 0 } = count ?? {};
    return { alarms, open, unacknowledged, next, cursor: formatCursor(head) };
  }) as Promise<AlarmList>;
}

function notFound(id: number): ApiError {
  return new ApiError('ALARM_NOT_FOUND', `There is no alarm ${id}.`, { field: 'id', value: id });
}

async function tell(tx: Sql | TransactionSql, id: number): Promise<Alarm> {
  const [row] = await tx<{ alarm: Alarm }[]>`select app.alarm_json(a) as alarm from app.alarm a where id = ${id}`;
  if (!row) throw notFound(id);
  return row.alarm;
}

/** Notes that somebody has seen an alarm; the first one counts. */
export async function acknowledgeAlarm(sql: Sql, id: number, actor: string): Promise<Alarm> {
  return sql.begin(async (tx) => {
    const [changed] = await tx`
      update app.alarm set acknowledged_at = clock_timestamp(), acknowledged_by = ${actor}
      where id = ${id} and acknowledged_at is null returning id`;
    const alarm = await tell(tx, id);
    if (!changed) return alarm;
    await tx`insert into app.alarm_event (alarm_id, move, at, actor) values (${id}, 'acknowledged', clock_timestamp(), ${actor})`;
    await tx`select app.log_alarms(array['alarm.acknowledged'], array[${id}::float8]::bigint[])`;
    return alarm;
  }) as Promise<Alarm>;
}

/**
 * Clears an alarm by hand; one that is cleared stays as it is. The rule takes note at the moment up to which it has seen the
 * world: the alarm comes again only when its condition is met anew.
 */
export async function clearAlarm(sql: Sql, id: number, actor: string, follower: string): Promise<Alarm> {
  return sql.begin(async (tx) => {
    const [found] = await tx<{ rule: number; originator: string }[]>`
      select rule_id as rule, originator from app.alarm where id = ${id}`;
    if (!found) throw notFound(id);
    await lockClock(tx, 'feed');
    const clock = await lockClock(tx, 'log');
    const [open] = await tx`select from app.alarm where id = ${id} and cleared_at is null`;
    if (!open) return await tell(tx, id);
    const engine = await tellEngine(tx, found.rule, found.originator, clock.at);
    await tx`
      with gone as (
        update app.alarm set cleared_at = greatest(clock_timestamp(), last_at), cleared_by = ${actor} where id = ${id}
        returning id, cleared_at
      )
      insert into app.alarm_event (alarm_id, move, at, actor, engine_at, log_id)
      select id, 'cleared', cleared_at, ${actor}, ${engine}, (select log_id from app.duty where name = ${follower}) from gone`;
    const alarm = await tell(tx, id);
    await tx`select app.log_alarms(array['alarm.cleared'], array[${id}::float8]::bigint[])`;
    return alarm;
  }) as Promise<Alarm>;
}

/** Tells a running rule. Answers its time at which it took note; null where it does not run. */
async function tellEngine(tx: TransactionSql, id: number, originator: string, clock: number): Promise<number | null> {
  const [row] = await tx<Omit<Run, 'compiled'>[]>`
    select rule_id as id, version, started_at::float8 as "startedAt", taken_to::float8 as "takenTo"
    from app.rule_run where rule_id = ${id}`;
  const compiled = row && (await findCompiled(tx, row.id, row.version));
  if (row === undefined || compiled === undefined) return null;
  const run: Run = { ...row, compiled };
  const part = partOf(compiled, { kind: 'cleared', at: 0, originator });
  if (part === null) return null;
  const before = (await readStates(tx, [{ run, parts: new Set([part]) }])).get(run);
  const known = before?.parts.get(part);
  if (before === undefined || known === undefined) return null;
  const { order } = compiled.feed;
  const at = Math.max(known.now, order === 'log' ? clock : order === 'buffered' ? run.takenTo : 0);
  await keepSteps(tx, [{ run, before, step: step(compiled, before, [{ kind: 'cleared', at, originator }]) }]);
  return at;
}
