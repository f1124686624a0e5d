import { ApiError } from '../errors.ts';
import { limitMs, type TimeLimit, type TimeUnit } from '../incidents/deadline.ts';
import { clockFrom, leftOf, startClock } from './clock.ts';
import { escalatesAt, escalationLevels, supervisesAt } from './escalation.ts';
import { limitOf, type IncidentRow } from './incident-row.ts';
import { matterLimit, stageLimit } from './limits.ts';
import { moveOf, stageOf, type MoveId, type StageId } from './machine.ts';

/** What a move is told. Whatever else is in it is kept in the history as it is. */
export interface MoveDetail {
  /** `dispatch`, `transfer`: id of the lead department. */
  department?: string | undefined;
  /** `source_id` of the grid staff who has it. */
  assignee?: string | null | undefined;
  /** `merge`: the incident that this one is another report of. */
  parent?: number | undefined;
  /** `request_extension`: by how much, in the unit of the limit; at most the limit itself. `grant_extension`: as asked when left out. */
  amount?: number | undefined;
  /** `register`: what it turned out to be. */
  category?: string | undefined;
  severity?: number | undefined;
  [other: string]: unknown;
}

/** The row after a move that is allowed: stage, clocks and who has it. Pure. */
export function changesOf(row: IncidentRow, id: MoveId, detail: MoveDetail, now: number): IncidentRow {
  const move = moveOf(id);
  const next: IncidentRow = { ...row, version: row.version + 1 };
  if (id === 'register') {
    next.category = detail.category ?? row.category;
    next.severity = detail.severity ?? row.severity;
  }
  if (detail.department !== undefined && move.needs?.includes('department')) {
    next.department = detail.department;
    next.assignee = null;
    next.dispatched_at = new Date(now);
  }
  if (id === 'return') next.department = next.assignee = null;
  if (detail.assignee !== undefined) next.assignee = detail.assignee;
  if (id === 'merge') next.parent_id = detail.parent ?? null;
  if (id === 'unlink') next.parent_id = null;
  if (id === 'rework') next.reworks += 1;
  if (id === 'request_extension') {
    next.extensions += 1;
    next.extension_asked = checkAmount(detail.amount, limitOf(row), limitOf(row).amount);
  }
  if (id === 'escalate') escalate(next, now);
  setMatterClock(next, id, detail, now);
  if (move.to !== null) enter(next, move.to, row, now);
  return next;
}

function enter(next: IncidentRow, stage: StageId, before: IncidentRow, now: number): void {
  const { state } = stageOf(stage);
  next.stage = stage;
  next.stage_since = new Date(now);
  if (state !== before.state) {
    next.state = state;
    next.closed_at = state === 'closed' ? new Date(now) : null;
    next.clock_left = next.extension_asked = null;
    if (state === 'open') next.escalate_at = dateOf(escalatesAt(now, next.escalation, next.category));
  }
  const limit = stageLimit(stage, next);
  if (limit === 'matter') [next.stage_warn_at, next.stage_due_at] = [next.warn_at, next.due_at];
  else if (limit === null) next.stage_warn_at = next.stage_due_at = null;
  else setStageClock(next, limit, now);
}

function setStageClock(next: IncidentRow, limit: TimeLimit, now: number): void {
  const { warnAt, dueAt } = startClock(now, limit);
  next.stage_warn_at = new Date(warnAt);
  next.stage_due_at = new Date(dueAt);
}

function setMatterClock(next: IncidentRow, id: MoveId, detail: MoveDetail, now: number): void {
  const { clock = 'keep' } = moveOf(id);
  if (clock === 'start') {
    const limit = matterLimit(next);
    next.limit_amount = limit.amount;
    next.limit_unit = limit.unit;
    next.limit_added = 0;
    next.clock_left = null;
    next.supervision = 0;
    run(next, limitMs(limit), now);
  } else if (clock === 'stop') {
    const { unit } = limitOf(next);
    next.clock_left = next.due_at === null ? 0 : leftOf(next.due_at.getTime(), now, unit);
    next.warn_at = next.due_at = next.supervise_at = next.escalate_at = null;
  } else if (clock === 'resume') {
    const limit = limitOf(next);
    const { unit } = limit;
    const asked = next.extension_asked ?? 0;
    const added = id === 'grant_extension' ? checkAmount(detail.amount ?? asked, limit, asked) : 0;
    next.extension_asked = null;
    const left = (next.clock_left ?? 0) + limitMs({ amount: added, unit });
    next.limit_added += added;
    next.clock_left = null;
    next.escalate_at = dateOf(escalatesAt(now, next.escalation, next.category));
    run(next, left, now);
  }
}

/** Lets the clock of the matter go on with what is left of its limit. */
function run(next: IncidentRow, left: number, now: number): void {
  const { unit, total } = limitOf(next);
  const { warnAt, dueAt } = clockFrom(now, left, total, unit);
  next.warn_at = new Date(warnAt);
  next.due_at = new Date(dueAt);
  next.supervise_at = dateOf(supervisesAt(dueAt, next.supervision, total, unit));
}

function escalate(next: IncidentRow, now: number): void {
  if (next.escalation >= escalationLevels.length - 1) {
    const message = `Incident ${next.id} is at the highest level already.`;
    throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'move', value: 'escalate' });
  }
  next.escalation += 1;
  next.escalate_at = dateOf(escalatesAt(now, next.escalation, next.category));
}

/** An extension is at most as long as the limit itself, and granted at most as asked. */
function checkAmount(amount: unknown, { unit }: { unit: TimeUnit }, most: number): number {
  if (typeof amount === 'number' && amount > 0 && amount <= most) return amount;
  const message = `detail.amount: must be more than 0 and at most ${most} (${unit})`;
  throw new ApiError('BODY_INVALID', message, { field: 'detail.amount', value: amount });
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
