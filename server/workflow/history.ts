import type { Post } from '../auth/posts.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';

/** Who does something: name of the person or of the part of the service, in which post, of which department. */
export interface Actor {
  actor: string;
  post: Post;
  department?: string | null | undefined;
}

export interface HistoryEntry {
  incident: number;
  /** ms since 1970. */
  at: number;
  /** A move, or a note that leaves the stage as it is. */
  move: string;
  from: string;
  to: string;
  actor: string;
  post: Post;
  department: string | null;
  reason?: string | null;
  /** The limit of the matter before and after: kept where they differ. */
  dueBefore?: Date | null;
  dueAfter?: Date | null;
  stageDueAfter?: Date | null;
  detail?: Readonly<Record<string, unknown>>;
}

/** Appends to the history of an incident. The row itself is changed by the caller, in the same transaction. */
export async function addToHistory(tx: TransactionSql, entry: HistoryEntry): Promise<void> {
  const { dueBefore = null, dueAfter = null } = entry;
  const hasNewLimit = dueBefore?.getTime() !== dueAfter?.getTime();
  const detail = Object.fromEntries(Object.entries(entry.detail ?? {}).filter(([, value]) => value !== undefined));
  await tx`
    insert into app.incident_event (incident_id, at, move, from_stage, to_stage, actor, post, department, reason,
      due_before, due_after, stage_due_after, detail)
    values (${entry.incident}, ${new Date(entry.at)}, ${entry.move}, ${entry.from}, ${entry.to}, ${entry.actor},
      ${entry.post}, ${entry.department}, ${entry.reason ?? null}, ${hasNewLimit ? dueBefore : null},
      ${hasNewLimit ? dueAfter : null}, ${entry.stageDueAfter ?? null},
      ${Object.keys(detail).length === 0 ? null : JSON.stringify(detail)}::text::jsonb)`;
}

/** One entry of the history as the API tells it. */
export interface IncidentEventRow {
  id: number;
  at: string;
  move: string;
  from: string | null;
  to: string | null;
  actor: string;
  post: string | null;
  department: string | null;
  reason: string | null;
  dueBefore: string | null;
  dueAfter: string | null;
  stageDueAfter: string | null;
  detail: Record<string, unknown> | null;
}

/** The history of an incident, the oldest entry first. */
export async function readHistory(sql: Sql | TransactionSql, incident: number): Promise<IncidentEventRow[]> {
  return sql<IncidentEventRow[]>`
    select id::float8, app.iso_time(at) as at, move, from_stage as "from", to_stage as "to", actor, post, department,
      reason, app.iso_time(due_before) as "dueBefore", app.iso_time(due_after) as "dueAfter",
      app.iso_time(stage_due_after) as "stageDueAfter", detail
    from app.incident_event where incident_id = ${incident} order by id`;
}
