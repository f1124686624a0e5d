import type { TransactionSql } from '../db/connect.ts';
import { dueOf, type Part, type RuleState, type Step } from './engine.ts';
import type { RuleInput } from './event.ts';
import type { Run } from './rule-row.ts';

interface Wanted {
  run: Run;
  parts: ReadonlySet<string>;
}

/** What running rules know of some of their parts. */
export async function readStates(tx: TransactionSql, wanted: readonly Wanted[]): Promise<Map<Run, RuleState>> {
  const rules: number[] = [];
  const parts: string[] = [];
  for (const { run, parts: names } of wanted) {
    for (const name of names) {
      rules.push(run.id);
      parts.push(name);
    }
  }
  const known = new Map<number, Map<string, Part>>();
  if (rules.length > 0) {
    const rows = await tx<{ id: number; part: string; state: Part }[]>`
      select s.rule_id as id, s.part, s.state
      from unnest(${rules}::int[], ${parts}::text[]) u(rule_id, part) join app.rule_state s using (rule_id, part)`;
    for (const { id, part, state } of rows) {
      if (!known.has(id)) known.set(id, new Map());
      known.get(id)?.set(part, state);
    }
  }
  return new Map(wanted.map(({ run }) => [run, { startedAt: run.startedAt, parts: known.get(run.id) ?? new Map() }]));
}

/** What became of a rule in a step, to be kept. */
export interface Stepped {
  run: Run;
  before: RuleState;
  step: Step;
}

interface StateRow {
  rule_id: number;
  part: string;
  state: Part;
  feed: string;
  wake_at: number | null;
}

/** Rows of the parts of a rule. */
export function stateRows(run: Run, parts: Iterable<[string, Part]>): StateRow[] {
  const { order, delay } = run.compiled.feed;
  return Array.from(parts, ([part, state]) => {
    const due = dueOf(run.compiled, state);
    return { rule_id: run.id, part, state, feed: order, wake_at: due === null ? null : due + delay };
  });
}

export async function writeStates(tx: TransactionSql, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into app.rule_state as s (rule_id, part, state, feed, wake_at)
    select * from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as u(rule_id int, part text, state jsonb, feed text, wake_at bigint) order by rule_id, part
    on conflict (rule_id, part) do update set state = excluded.state, wake_at = excluded.wake_at`;
}

/** Keeps what the rules know now, and which inputs came too late for them. */
export async function keepSteps(tx: TransactionSql, steps: readonly Stepped[]): Promise<void> {
  const changed: StateRow[] = [];
  const gone: { rule: number; part: string }[] = [];
  for (const { run, before, step } of steps) {
    const { parts } = step.state;
    changed.push(
      ...stateRows(
        run,
        [...parts].filter(([name, part]) => before.parts.get(name) !== part),
      ),
    );
    for (const name of before.parts.keys()) if (!parts.has(name)) gone.push({ rule: run.id, part: name });
  }
  await writeStates(tx, changed);
  if (gone.length > 0) {
    await tx`
      delete from app.rule_state s
      using unnest(${gone.map(({ rule }) => rule)}::int[], ${gone.map(({ part }) => part)}::text[]) u(rule_id, part)
      where (s.rule_id, s.part) = (u.rule_id, u.part)`;
  }
  await noteLate(
    tx,
    steps.flatMap(({ run, step }) => step.late.map((input) => ({ rule: run.id, input }))),
  );
}

export async function noteLate(tx: TransactionSql, late: readonly { rule: number; input: RuleInput }[]): Promise<void> {
  if (late.length === 0) return;
  const keys = late.map(({ input }) => keyOf(input));
  await tx`
    insert into app.rule_late (rule_id, at, key, what)
    select * from unnest(${late.map(({ rule }) => rule)}::int[], ${late.map(({ input }) => input.at)}::float8[]::bigint[],
      ${keys.map(([key]) => key)}::text[], ${keys.map(([, what]) => what)}::text[])
    on conflict do nothing`;
}

/** Who an input is from and what it is of. */
export function keyOf(input: RuleInput): [key: string, what: string] {
  if (input.kind === 'reading') return [input.sensor, input.metric];
  if (input.kind === 'position') return [input.vehicle, input.layer];
  return ['', input.kind];
}
