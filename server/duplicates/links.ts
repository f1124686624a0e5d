import type { TransactionSql } from '../db/connect.ts';
import type { Actor } from '../workflow/history.ts';
import { addNotes, type Note } from './add-notes.ts';
import { severityWith } from './severity-by-reports.ts';

/** The part of the service that links by itself. */
export const MACHINE: Actor = { actor: 'duplicates', post: 'system' };

/** Two incidents that are to be one, and why. */
export interface Pair {
  a: number;
  b: number;
  reason?: string;
  detail?: Record<string, number | boolean | string>;
}

/** Why two incidents cannot be linked, or one not be unlinked. */
export type Refusal = 'same' | 'missing' | 'closed' | 'restricted' | 'unlinked';

export interface LinkResult {
  /** Incidents that became reports of another one, with that one. */
  links: { child: number; parent: number }[];
  refused: { pair: Pair; why: Refusal }[];
  /** Everything that is different now, to be logged as 'incident.updated'. */
  changed: Set<number>;
}

interface Row {
  id: number;
  parent: number | null;
  state: 'open' | 'closed';
  restricted: boolean;
}

/**
 * Makes everybody who changes links wait for the others, until the end of the transaction. Taken before any row is
 * locked; the lock of the live log comes after.
 */
export async function holdLinks(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(440604, 14)`;
}

/** The incidents and all that belong to the same groups, locked, in the order of their ids. */
async function lockGroups(tx: TransactionSql, ids: readonly number[]): Promise<Row[]> {
  return tx<Row[]>`
    with roots as (
      select coalesce(parent_id, id) as id from app.incident where id = any (${[...ids]}::bigint[])
    )
    select i.id, i.parent_id as parent, i.state, i.restricted from app.incident i
    where i.id in (select id from roots) or i.parent_id in (select id from roots)
    order by i.id for update`;
}

/**
 * Links pairs of open incidents, in order. The oldest open one of both groups stands for all of them: nothing is ever a
 * report of a report. Call inside a transaction that holds the links ({@link holdLinks}); log `changed` at its end.
 */
export async function linkPairs(tx: TransactionSql, pairs: readonly Pair[], actor: Actor): Promise<LinkResult> {
  const result: LinkResult = { links: [], refused: [], changed: new Set() };
  const rows = new Map(
    (
      await lockGroups(
        tx,
        pairs.flatMap(({ a, b }) => [a, b]),
      )
    ).map((row) => [row.id, row]),
  );
  const rootOf = new Map([...rows.values()].map(({ id, parent }) => [id, parent ?? id]));
  const reasons = new Map<number, Pair>();
  for (const pair of pairs) {
    const why = refusalOf(pair, rows);
    if (why) {
      result.refused.push({ pair, why });
      continue;
    }
    const [left, right] = [rootOf.get(pair.a) as number, rootOf.get(pair.b) as number];
    if (left === right) continue;
    const members = [...rootOf].filter(([, root]) => root === left || root === right).map(([id]) => id);
    const root = Math.min(...members.filter((id) => rows.get(id)?.state === 'open'));
    for (const id of members) {
      if (rootOf.get(id) === root) continue;
      rootOf.set(id, root);
      if (!reasons.has(id)) reasons.set(id, pair);
    }
    rootOf.set(root, root);
  }
  const moved = [...rows.values()].filter(({ id, parent }) => (parent ?? id) !== rootOf.get(id));
  if (moved.length === 0) return result;
  const parents = moved.map(({ id }) => (rootOf.get(id) === id ? null : (rootOf.get(id) as number)));
  await tx`
    update app.incident i set parent_id = m.parent, updated_at = now()
    from unnest(${moved.map(({ id }) => id)}::bigint[], ${parents}::bigint[]) m(id, parent) where i.id = m.id`;
  const notes: Note[] = [];
  moved.forEach(({ id, parent: before }, index) => {
    result.changed.add(id);
    const parent = parents[index] ?? null;
    const { reason = null, detail = {} } = reasons.get(id) ?? {};
    if (before !== null) {
      notes.push({ incident: before, note: 'report_unlinked', reason, detail: { incident: id, reports: -1 } });
      result.changed.add(before);
      if (parent === null) notes.push({ incident: id, note: 'unlinked', reason, detail: { parent: before } });
    }
    if (parent === null) return;
    notes.push({ incident: id, note: 'linked', reason, detail: { ...detail, parent } });
    notes.push({ incident: parent, note: 'report_linked', reason, detail: { incident: id, reports: 1 } });
    result.changed.add(parent);
    result.links.push({ child: id, parent });
  });
  await addNotes(tx, notes, actor);
  await recount(tx, result.changed, actor, notes);
  return result;
}

function refusalOf({ a, b }: Pair, rows: ReadonlyMap<number, Row>): Refusal | undefined {
  const [left, right] = [rows.get(a), rows.get(b)];
  if (a === b) return 'same';
  if (!left || !right) return 'missing';
  if (left.restricted !== right.restricted) return 'restricted';
  // A report whose parent has ended alone is on its way out of the group (`follow-ends.ts`).
  const roots = [left, right].map(({ id, parent }) => rows.get(parent ?? id));
  return [left, right, ...roots].some((row) => row?.state !== 'open') ? 'closed' : undefined;
}

/**
 * Makes a report an incident of its own again, and remembers that the two are not the same. Call like
 * {@link linkPairs}.
 * @returns what is different now, or why nothing is
 */
export async function unlink(
  tx: TransactionSql,
  id: number,
  actor: Actor,
  { reason, remember = true }: { reason?: string; remember?: boolean } = {},
): Promise<{ refused: Refusal } | { parent: number; changed: Set<number> }> {
  const rows = await lockGroups(tx, [id]);
  const parent = rows.find((row) => row.id === id)?.parent;
  if (parent === undefined) return { refused: 'missing' };
  if (parent === null) return { refused: 'unlinked' };
  await tx`update app.incident set parent_id = null, updated_at = now() where id = ${id}`;
  if (remember) {
    await tx`insert into app.incident_apart (a, b) values (${Math.min(id, parent)}, ${Math.max(id, parent)})
      on conflict do nothing`;
  }
  const notes: Note[] = [
    { incident: id, note: 'unlinked', reason: reason ?? null, detail: { parent } },
    { incident: parent, note: 'report_unlinked', reason: reason ?? null, detail: { incident: id, reports: -1 } },
  ];
  await addNotes(tx, notes, actor);
  const changed = new Set([id, parent]);
  await recount(tx, changed, actor, notes);
  return { parent, changed };
}

/** People said that these two are one: what was remembered against it is forgotten. */
export async function forgetApart(tx: TransactionSql, a: number, b: number): Promise<void> {
  await tx`
    with groups as (
      select i.id, coalesce(i.parent_id, i.id) as root from app.incident i
      where coalesce(i.parent_id, i.id) in (
        select coalesce(parent_id, id) from app.incident where id in (${a}, ${b}))
    )
    delete from app.incident_apart where a in (select id from groups) and b in (select id from groups)`;
}

interface Counted {
  id: number;
  severity: number;
  /** Before its reports made it graver, where they did. */
  own: number | null;
  raisedTo: number | null;
  /** As counted before. */
  before: number;
  reports: number;
  reported: number[];
}

/**
 * Counts reports anew and lets the severity follow: of reports first, for that of their parents rests on it. The history
 * tells the counts by what `told` of it says already (incident -> reports more or less) and by a note on the difference.
 */
export async function recount(
  tx: TransactionSql,
  changed: ReadonlySet<number>,
  actor: Actor,
  told: readonly Note[] = [],
): Promise<void> {
  await recountSome(tx, changed, true, actor, told);
  await recountSome(tx, changed, false, actor, told);
}

async function recountSome(
  tx: TransactionSql,
  changed: ReadonlySet<number>,
  areReports: boolean,
  actor: Actor,
  told: readonly Note[],
): Promise<void> {
  const rows = await tx<Counted[]>`
    select i.id, i.severity, (raised.detail -> 'own')::int as own,
      (raised.detail -> 'severity')::int as "raisedTo", i.report_count as before, 1 + count(c.id)::int as reports,
      coalesce(array_agg(c.severity) filter (where c.state = 'open'), '{}') as reported
    from app.incident i
    left join app.incident c on c.parent_id = i.id
    left join lateral (
      select detail from app.incident_event e
      where e.incident_id = i.id and e.move in ('severity_raised', 'severity_lowered') order by e.id desc limit 1
    ) raised on true
    where i.id = any (${[...changed]}::bigint[]) and (i.parent_id is not null) = ${areReports}
    group by i.id, raised.detail order by i.id`;
  const notes: Note[] = [];
  const by = new Map<number, number>();
  for (const { incident, detail } of told) {
    if (typeof detail['reports'] === 'number') by.set(incident, (by.get(incident) ?? 0) + detail['reports']);
  }
  const severities = rows.map((row) => {
    const missing = row.reports - row.before - (by.get(row.id) ?? 0);
    if (missing !== 0) {
      const note = missing > 0 ? 'report_linked' : 'report_unlinked';
      notes.push({ incident: row.id, note, reason: null, detail: { reports: missing } });
    }
    // What somebody else has set since counts as the incident's own.
    const own = row.own !== null && row.raisedTo === row.severity ? row.own : row.severity;
    const next = severityWith(own, row.reported, row.reports);
    if (next !== row.severity) {
      const note = severityWith(next, [row.severity], 1) === next ? 'severity_raised' : 'severity_lowered';
      // `severity` is what the history is read by; what it was before its reports is needed to go back to it.
      notes.push({ incident: row.id, note, reason: null, detail: { own, severity: next, counted: row.reports } });
    }
    return next;
  });
  await tx`
    update app.incident i set report_count = c.reports, severity = c.severity,
      reported_severity = coalesce(i.reported_severity, nullif(i.severity, c.severity))
    from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ reports }) => reports)}::int[],
      ${severities}::int2[]) c(id, reports, severity)
    where i.id = c.id and (i.report_count, i.severity) is distinct from (c.reports, c.severity)`;
  await addNotes(tx, notes, actor);
}
