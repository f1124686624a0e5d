import type { TransactionSql } from '../db/connect.ts';
import { limitMs, type TimeUnit } from '../incidents/deadline.ts';
import type { StageId } from './machine.ts';
import { matterLimit } from './limits.ts';

/** What the workflow reads and writes of an incident. */
export interface IncidentRow {
  id: number;
  category: string;
  severity: number;
  state: 'open' | 'closed';
  stage: StageId;
  version: number;
  department: string | null;
  assignee: string | null;
  parent_id: number | null;
  report_count: number;
  received_at: Date;
  closed_at: Date | null;
  dispatched_at: Date | null;
  stage_since: Date | null;
  warn_at: Date | null;
  due_at: Date | null;
  stage_warn_at: Date | null;
  stage_due_at: Date | null;
  limit_amount: number | null;
  limit_unit: TimeUnit | null;
  limit_added: number;
  clock_left: number | null;
  extensions: number;
  extension_asked: number | null;
  reworks: number;
  supervision: number;
  supervise_at: Date | null;
  escalation: number;
  escalate_at: Date | null;
}

/** Reads incidents and keeps others from changing them until the transaction ends. In order of their ids: no circles. */
export async function lockIncidents(tx: TransactionSql, ids: readonly number[]): Promise<Map<number, IncidentRow>> {
  const rows = await tx<IncidentRow[]>`
    select id, category, severity, state, stage, version, department, assignee, parent_id, report_count, received_at,
      closed_at, dispatched_at, stage_since, warn_at, due_at, stage_warn_at, stage_due_at, limit_amount, limit_unit,
      limit_added, clock_left, extensions, extension_asked,
      reworks, supervision, supervise_at, escalation, escalate_at
    from app.incident where id = any (${ids as number[]}::bigint[]) order by id for update`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** The limit that the clock of the matter runs on: its parts, and how long that is, ms of its unit. */
export function limitOf(row: IncidentRow): { amount: number; unit: TimeUnit; total: number } {
  // Rows from before the workflow have none of their own.
  const { amount, unit } =
    row.limit_amount === null || row.limit_unit === null
      ? matterLimit(row)
      : { amount: row.limit_amount, unit: row.limit_unit };
  return { amount, unit, total: limitMs({ amount: amount + row.limit_added, unit }) };
}
