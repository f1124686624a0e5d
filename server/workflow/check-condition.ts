import type { TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { conditions, type ConditionId, type MoveDefinition } from './machine.ts';
import type { IncidentRow } from './incident-row.ts';

const WEEK = 7 * 24 * 3_600_000;

/** What decides whether a condition holds, as plain values: the same rule for a move and for what a screen offers. */
export interface ConditionFacts {
  stageDueAt: number | null;
  closedAt: number | null;
  extensions: number;
  openTasks: number;
}

const holds: Record<ConditionId, (facts: ConditionFacts, now: number) => boolean> = {
  return_window: ({ stageDueAt }, now) => stageDueAt === null || now <= stageDueAt,
  first_extension: ({ extensions }) => extensions === 0,
  tasks_done: ({ openTasks }) => openTasks === 0,
  within_7_days: ({ closedAt }, now) => closedAt !== null && now - closedAt <= WEEK,
};

export function isMet(condition: ConditionId, facts: ConditionFacts, now: number): boolean {
  return holds[condition](facts, now);
}

/** @throws ApiError MOVE_NOT_ALLOWED that says which condition is not met */
export async function checkCondition(
  tx: TransactionSql,
  row: IncidentRow,
  { condition, title }: MoveDefinition,
  now: number,
): Promise<void> {
  if (condition === undefined) return;
  const [tasks] = await tx<{ open: number }[]>`
    select count(*)::int as open from app.incident_task
    where incident_id = ${row.id} and state not in ('done', 'cancelled')`;
  const facts: ConditionFacts = {
    stageDueAt: row.stage_due_at?.getTime() ?? null,
    closedAt: row.closed_at?.getTime() ?? null,
    extensions: row.extensions,
    openTasks: tasks?.open ?? 0,
  };
  if (isMet(condition, facts, now)) return;
  const message = `${title.en} (${title.zh}) is possible only ${conditions[condition].en} (${conditions[condition].zh}).`;
  throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'move', value: condition });
}
