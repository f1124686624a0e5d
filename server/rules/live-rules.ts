import type { TransactionSql } from '../db/connect.ts';
import type { LiveEvent } from '../contract/live.ts';
import { partOf, step, type Part, type RuleState } from './engine.ts';
import type { ObservedInput, PositionInput, ReadingInput, RuleInput } from './event.ts';
import { toIncidentInputs } from './incident-input.ts';
import { keepAlarms, type AlarmOptions } from './keep-alarms.ts';
import { keepSteps, keyOf, noteLate, readStates, type Stepped } from './keep-state.ts';
import { listRuns, lockClock, type CompiledVersions, type Run } from './rule-row.ts';

/** The time of the database, ms since 1970. */
const NOW = 'floor(extract(epoch from clock_timestamp()) * 1000)::float8';

/** What somebody sent, before it is known in which cell it is. */
export type Position = Omit<PositionInput, 'kind' | 'grid'>;
export type Reading = Omit<ReadingInput, 'kind'>;

export interface LiveRulesOptions extends AlarmOptions {
  /** Name of the duty that gives them the log. */
  follower: string;
}

/**
 * Lets the rules that are on take what happens, live. Every call works inside the transaction that also notes what it was
 * called with as dealt with, and keeps nothing in memory but compiled versions, which never change: a process that dies
 * takes nothing with it.
 */
export class LiveRules {
  readonly #options: LiveRulesOptions;
  readonly #versions: CompiledVersions = new Map();

  constructor(options: LiveRulesOptions) {
    this.#options = options;
  }

  /** Entries of the live log, in its order. */
  async takeLog(tx: TransactionSql, events: readonly LiveEvent[]): Promise<void> {
    const clock = await lockClock(tx, 'log');
    const inputs = toIncidentInputs(events, clock.at);
    const at = Math.max(clock.at, inputs.at(-1)?.at ?? 0);
    await tx`update app.rule_clock set at = ${at} where feed = 'log'`;
    if (inputs.length === 0) return;
    const runs = await listRuns(tx, this.#versions, ['log']);
    await this.#take(
      tx,
      runs.map((run) => ({ run, inputs })),
    );
    // Nobody who clears an alarm at this moment overtakes what was due before.
    if (await isLogDue(tx, at)) await this.#passLog(tx, runs, at);
  }

  /** Readings, in any order. */
  async takeReadings(tx: TransactionSql, readings: readonly Reading[]): Promise<void> {
    await this.#takeFeed(
      tx,
      'readings',
      readings.map((reading): ReadingInput => ({ kind: 'reading', ...reading, at: Math.round(reading.at) })),
    );
  }

  /** Positions, in any order. */
  async takePositions(tx: TransactionSql, positions: readonly Position[]): Promise<void> {
    const mesh = this.#options.grids();
    const inputs = positions.map((position): PositionInput => {
      const grid = mesh?.codes[mesh.locate(position.lon, position.lat)] ?? null;
      return { kind: 'position', ...position, at: Math.round(position.at), grid };
    });
    await this.#takeFeed(tx, 'positions', inputs);
  }

  async #takeFeed(
    tx: TransactionSql,
    stream: 'readings' | 'positions',
    inputs: readonly (ReadingInput | PositionInput)[],
  ): Promise<void> {
    if (inputs.length === 0) return;
    await lockClock(tx, 'feed');
    const runs = (await listRuns(tx, this.#versions, ['direct', 'buffered'])).filter(
      ({ compiled }) => compiled.feed.stream === stream,
    );
    const direct: { run: Run; inputs: RuleInput[] }[] = [];
    for (const run of runs) {
      const own = inputs.filter((input) => input.at >= run.startedAt && partOf(run.compiled, input) !== null);
      if (own.length === 0) continue;
      if (run.compiled.feed.order === 'direct') direct.push({ run, inputs: own.toSorted(byTime) });
      else await this.#buffer(tx, run, own);
    }
    await this.#take(tx, direct);
  }

  async #buffer(tx: TransactionSql, run: Run, inputs: readonly (ReadingInput | PositionInput)[]): Promise<void> {
    const late = inputs.filter(({ at }) => at <= run.takenTo);
    await noteLate(
      tx,
      late.map((input) => ({ rule: run.id, input })),
    );
    const rows = inputs
      .filter(({ at }) => at > run.takenTo)
      .map((input) => {
        const [key, what] = keyOf(input);
        const [a, b] = input.kind === 'reading' ? [input.value, null] : [input.lon, input.lat];
        return { at: input.at, key, what, a, b };
      });
    if (rows.length === 0) return;
    await tx`
      insert into app.rule_pending (rule_id, at, key, what, a, b)
      select ${run.id}, * from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as u(at bigint, key text, what text, a float8, b float8)
      on conflict do nothing`;
  }

  /** Lets the rules take inputs, those of a part in the order of time, and keeps what follows. */
  async #take(tx: TransactionSql, work: readonly { run: Run; inputs: readonly RuleInput[] }[]): Promise<void> {
    const wanted = work.map(({ run, inputs }) => {
      const parts = new Set<string>();
      for (const input of inputs) {
        const part = partOf(run.compiled, input);
        if (part !== null) parts.add(part);
      }
      return { run, inputs, parts };
    });
    const touched = wanted.filter(({ parts }) => parts.size > 0);
    const states = await readStates(tx, touched);
    await this.#keep(
      tx,
      touched.map(({ run, inputs }) => ({ run, inputs, state: states.get(run) as RuleState })),
    );
  }

  async #keep(
    tx: TransactionSql,
    work: readonly { run: Run; inputs: readonly RuleInput[]; state: RuleState }[],
  ): Promise<void> {
    const steps = work.map(({ run, inputs, state }): Stepped => ({
      run,
      before: state,
      step: step(run.compiled, state, inputs),
    }));
    await keepSteps(tx, steps);
    await keepAlarms(
      tx,
      steps.map(({ run, step }) => ({ run, transitions: step.transitions })),
      this.#options,
    );
  }

  /**
   * Lets time pass for rules that take the log. `now`, ms since 1970, is the time of the database; it is asked for where it is
   * not given. To be called every second: nothing is written while nothing falls due. In a transaction of its own, since
   * what else that wrote to the log would have to be taken first.
   */
  async tickLog(tx: TransactionSql, now?: number): Promise<void> {
    if (await isLogDue(tx, now)) await this.#tickLog(tx, now);
  }

  /** The same for rules that take readings and positions. */
  async tickFeeds(tx: TransactionSql, now?: number): Promise<void> {
    const [due] = await tx<{ now: number; is: boolean }[]>`
      select t.now, exists (select from app.rule_state where feed <> 'log' and wake_at <= t.now)
        or exists (select from app.rule_pending) as is
      from (select coalesce(${now ?? null}::float8, ${tx.unsafe(NOW)}) as now) t`;
    if (due?.is) await this.#tickFeeds(tx, due.now);
  }

  async #tickFeeds(tx: TransactionSql, now: number): Promise<void> {
    await lockClock(tx, 'feed');
    const runs = await listRuns(tx, this.#versions, ['direct', 'buffered']);
    const work = [];
    for (const run of runs) {
      const at = now - run.compiled.feed.delay;
      if (at < run.startedAt) continue;
      const due = await readDue(tx, run, now);
      const isBuffered = run.compiled.feed.order === 'buffered';
      const inputs = isBuffered ? await this.#takePending(tx, run, at) : [];
      if (due.size === 0 && inputs.length === 0) continue;
      // Also where nothing waited: what falls due now must not be overtaken.
      if (isBuffered) await tx`update app.rule_run set taken_to = ${at} where rule_id = ${run.id}`;
      const parts = new Set(inputs.map((input) => partOf(run.compiled, input)).filter((part) => part !== null));
      const states = await readStates(tx, [{ run, parts }]);
      const known = new Map([...due, ...(states.get(run)?.parts ?? [])]);
      const state = { startedAt: run.startedAt, parts: known };
      work.push({ run, inputs: [...inputs, { kind: 'tick' as const, at }], state });
    }
    await this.#keep(tx, work);
  }

  /** What nothing earlier can come before any more; from then on what is as old is late. */
  async #takePending(tx: TransactionSql, run: Run, at: number): Promise<ObservedInput[]> {
    if (at <= run.takenTo) return [];
    const rows = await tx<{ at: number; key: string; what: string; a: number; b: number | null }[]>`
      delete from app.rule_pending where rule_id = ${run.id} and at <= ${at} returning at::float8, key, what, a, b`;
    return rows.map((row) => this.#pendingInput(row)).toSorted(byTime);
  }

  #pendingInput(row: { at: number; key: string; what: string; a: number; b: number | null }): ObservedInput {
    const { at, key, what, a, b } = row;
    if (b === null) return { kind: 'reading', at, sensor: key, metric: what, value: a };
    const mesh = this.#options.grids();
    const grid = mesh?.codes[mesh.locate(a, b)] ?? null;
    return { kind: 'position', at, layer: what, vehicle: key, lon: a, lat: b, grid };
  }

  async #tickLog(tx: TransactionSql, given: number | undefined): Promise<void> {
    await lockClock(tx, 'log');
    // Whoever appends to the log holds this: nothing is on its way while we look how late it is.
    await tx`select pg_advisory_xact_lock(440604, 1)`;
    const [log] = await tx<{ head: number; taken: number | null; now: number }[]>`
      select greatest(pruned_to, (select max(id) from app.live_log))::float8 as head,
        (select log_id::float8 from app.duty where name = ${this.#options.follower}) as taken,
        ${tx.unsafe(NOW)} as now
      from app.live_state`;
    // What was not taken yet may be before what falls due; it will move the clock itself, or the next tick does.
    if (log === undefined || log.taken === null || log.head > log.taken) return;
    const now = given ?? log.now;
    await tx`update app.rule_clock set at = greatest(at, ${now}) where feed = 'log'`;
    await this.#passLog(tx, await listRuns(tx, this.#versions, ['log']), now);
  }

  /** Deals with what falls due up to a moment, ms since 1970, before which nothing comes any more. */
  async #passLog(tx: TransactionSql, runs: readonly Run[], at: number): Promise<void> {
    const work = [];
    for (const run of runs) {
      const parts = await readDue(tx, run, at);
      if (parts.size === 0) continue;
      work.push({ run, inputs: [{ kind: 'tick' as const, at }], state: { startedAt: run.startedAt, parts } });
    }
    await this.#keep(tx, work);
  }
}

/** By time; of the same moment in one order, so that it does not matter how they came. */
export function byTime(a: ReadingInput | PositionInput | ObservedInput, b: typeof a): number {
  if (a.at !== b.at) return a.at - b.at;
  const [x, y] = [keyOf(a).join('\n'), keyOf(b).join('\n')];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whether something of the rules that take the log falls due up to `at`, ms since 1970; up to now where it is not given. */
async function isLogDue(tx: TransactionSql, at: number | undefined): Promise<boolean> {
  const [due] = await tx`
    select from app.rule_state where feed = 'log' and wake_at <= coalesce(${at ?? null}::float8, ${tx.unsafe(NOW)}) limit 1`;
  return due !== undefined;
}

async function readDue(tx: TransactionSql, run: Run, now: number): Promise<Map<string, Part>> {
  const rows = await tx<{ part: string; state: Part }[]>`
    select part, state from app.rule_state where rule_id = ${run.id} and wake_at <= ${now} order by wake_at`;
  return new Map(rows.map(({ part, state }) => [part, state]));
}
