import type { Sql } from '../db/connect.ts';
import type { GridMesh } from '../db/mesh.ts';
import type { LiveEvent } from '../contract/live.ts';
import type { CompiledRule } from './compile-rule.ts';
import { RULE_LIMITS } from './contract.ts';
import { Coverage } from './coverage.ts';
import { startRule, step } from './engine.ts';
import type { ObservedInput, RuleInput, Transition } from './event.ts';
import { toIncidentInputs } from './incident-input.ts';
import { byTime } from './live-rules.ts';
import { ApiError } from '../errors.ts';

/** What is read of the log at once. */
const PAGE = 5000;
/** Readings or positions of one statement, about. */
const SLICE = 50_000;

export interface ReplayRange {
  /** ms since 1970; the rule is switched on at `from`. */
  from: number;
  to: number;
  /** The saved rule it is, whose late inputs and whose alarms that somebody cleared are taken into account. */
  ruleId: number | null;
}

export interface Replayed {
  inputs: number;
  /** Since when the stored log is known, ms; null: nothing is stored. */
  knownFrom: number | null;
  coverage: Coverage;
}

interface HandClear {
  at: number;
  logId: number | null;
  originator: string;
}

const ms = (column: string) => `round(extract(epoch from ${column}) * 1000)::float8`;

async function listHandClears(sql: Sql, { from, to, ruleId }: ReplayRange): Promise<HandClear[]> {
  if (ruleId === null) return [];
  return sql<HandClear[]>`
    select e.engine_at::float8 as at, e.log_id::float8 as "logId", a.originator
    from app.alarm_event e join app.alarm a on a.id = e.alarm_id
    where a.rule_id = ${ruleId} and e.move = 'cleared' and e.engine_at between ${from} and ${to}
    order by e.engine_at, e.id`;
}

/** The inputs of a rule from the stored log, in portions, in the order in which it takes them live. */
async function* readLogInputs(sql: Sql, range: ReplayRange, note: Replayed): AsyncGenerator<RuleInput[]> {
  const [from, to] = [new Date(range.from), new Date(range.to)];
  const [bounds] = await sql<{ first: number | null; last: number | null; knownFrom: number | null }[]>`
    select (select min(id) from app.live_log where committed_at >= ${from})::float8 as first,
      (select max(id) from app.live_log where committed_at <= ${to})::float8 as last,
      (select ${sql.unsafe(ms('committed_at'))} from app.live_log order by id limit 1) as "knownFrom"`;
  note.knownFrom = bounds?.knownFrom ?? null;
  const clears = await listHandClears(sql, range);
  let after = (bounds?.first ?? 0) - 1;
  let now = 0;
  const end = bounds?.first ? (bounds.last ?? 0) : 0;
  while (after < end) {
    const rows = await sql<{ id: number; event: LiveEvent }[]>`
      select id::float8, body as event from app.live_log l
      where l.id > ${after} and l.id <= ${end} order by l.id limit ${PAGE}`;
    const last = rows.at(-1);
    if (last === undefined) break;
    const inputs: RuleInput[] = [];
    for (const { id, event } of rows) {
      takeClears(clears, inputs, (clear) => clear.logId !== null && clear.logId < id);
      const [input] = toIncidentInputs([event], now);
      if (input === undefined || input.at > range.to) continue;
      now = input.at;
      inputs.push(input);
    }
    after = last.id;
    note.inputs += rows.length;
    requireFew(note.inputs);
    yield inputs;
  }
  yield clears.map(toCleared);
}

function toCleared({ at, originator }: HandClear): RuleInput {
  return { kind: 'cleared', at, originator };
}

function takeClears(clears: HandClear[], inputs: RuleInput[], isNext: (clear: HandClear) => boolean): void {
  for (let clear = clears[0]; clear !== undefined && isNext(clear); clear = clears[0]) {
    inputs.push(toCleared(clear));
    clears.shift();
  }
}

function requireFew(inputs: number): void {
  if (inputs <= RULE_LIMITS.testInputs) return;
  throw new ApiError(
    'LIMIT_EXCEEDED',
    `from: more than ${RULE_LIMITS.testInputs} readings, positions or log entries lie between the times. Take a shorter time.`,
    { field: 'from' },
  );
}

async function* readFeedInputs(
  sql: Sql,
  { feed }: CompiledRule,
  range: ReplayRange,
  mesh: GridMesh | undefined,
  note: Replayed,
): AsyncGenerator<RuleInput[]> {
  const { ruleId } = range;
  const late = (key: string, what: string) =>
    ruleId === null
      ? sql``
      : sql`and not exists (select from app.rule_late l where l.rule_id = ${ruleId} and l.at = ${sql.unsafe(ms('r.at'))}::bigint
          and l.key = ${sql.unsafe(key)} and l.what = ${sql.unsafe(what)})`;
  const sensors = [...(feed.sensors ?? [])];
  const rowsBetween = (from: number, to: number) =>
    feed.stream === 'readings'
      ? sql`app.reading r where r.sensor = any(${sensors}::text[]) and r.metric = ${feed.metric}
          and r.at >= ${new Date(from)} and r.at <= ${new Date(to)} ${late('r.sensor', 'r.metric')}`
      : sql`app.position r where r.kind = ${feed.layer}
          and r.at >= ${new Date(from)} and r.at <= ${new Date(to)} ${late('r.vehicle', 'r.kind')}`;
  const [total] = await sql<
    { count: number }[]
  >`select count(*)::int4 as count from ${rowsBetween(range.from, range.to)}`;
  note.inputs = total?.count ?? 0;
  requireFew(note.inputs);
  const [known] =
    feed.stream === 'readings'
      ? await sql<{ at: number | null }[]>`
          select ${sql.unsafe(ms('min(first.at)'))} as at from unnest(${sensors}::text[]) u(sensor) cross join lateral (
            select r.at from app.reading r where r.sensor = u.sensor and r.metric = ${feed.metric} order by r.at limit 1) first`
      : await sql<{ at: number | null }[]>`
          select ${sql.unsafe(ms('min(at)'))} as at from app.position where kind = ${feed.layer}`;
  note.knownFrom = known?.at ?? null;
  const clears = await listHandClears(sql, range);
  const slices = Math.max(1, Math.ceil(note.inputs / SLICE));
  const length = Math.ceil((range.to - range.from + 1) / slices);
  for (let from = range.from; from <= range.to && note.inputs > 0; from += length) {
    const to = Math.min(range.to, from + length - 1);
    const rows =
      feed.stream === 'readings'
        ? await sql<{ at: number; sensor: string; metric: string; value: number }[]>`
            select ${sql.unsafe(ms('r.at'))} as at, r.sensor, r.metric, r.value from ${rowsBetween(from, to)}`.then(
            (found) => found.map((row): ObservedInput => ({ kind: 'reading', ...row })),
          )
        : await sql<{ at: number; vehicle: string; layer: string; lon: number; lat: number }[]>`
            select ${sql.unsafe(ms('r.at'))} as at, r.vehicle, r.kind as layer, r.lon, r.lat from ${rowsBetween(from, to)}`.then(
            (found) =>
              found.map((row): ObservedInput => ({
                kind: 'position',
                ...row,
                grid: mesh?.codes[mesh.locate(row.lon, row.lat)] ?? null,
              })),
          );
    const inputs: RuleInput[] = [];
    for (const row of rows.toSorted(byTime)) {
      takeClears(clears, inputs, ({ at }) => at < row.at);
      inputs.push(row);
    }
    yield inputs;
  }
  yield clears.map(toCleared);
}

/**
 * Runs a rule over what is stored, with the engine that runs live: as if it had been switched on at `from`. What it says is
 * given on portion by portion; of one originator in the order of time.
 */
export async function replayRule(
  sql: Sql,
  rule: CompiledRule,
  range: ReplayRange,
  mesh: GridMesh | undefined,
  take: (transitions: readonly Transition[]) => void,
): Promise<Replayed> {
  const note: Replayed = { inputs: 0, knownFrom: null, coverage: new Coverage(rule.feed.sensors) };
  const portions =
    rule.feed.stream === 'log' ? readLogInputs(sql, range, note) : readFeedInputs(sql, rule, range, mesh, note);
  let state = startRule(rule, range.from);
  for await (const inputs of portions) {
    note.coverage.add(inputs);
    const result = step(rule, state, inputs);
    state = result.state;
    take(result.transitions);
  }
  take(step(rule, state, [{ kind: 'tick', at: range.to }]).transitions);
  return note;
}
