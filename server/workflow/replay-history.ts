import type { IncidentEventRow } from './history.ts';
import { isStage, moveOf, isMove, stageOf, FIRST_STAGE, type StageId } from './machine.ts';

/** What an incident was at a moment, as far as the workflow is concerned. Times are ISO 8601. */
export interface IncidentState {
  stage: StageId;
  state: 'open' | 'closed';
  department: string | null;
  assignee: string | null;
  parent: number | null;
  category: string;
  severity: number;
  dueAt: string | null;
  stageDueAt: string | null;
  closedAt: string | null;
  reports: number;
}

/** What an incident is when it comes in. */
export function receivedState(receipt: {
  category: string;
  severity: number;
  dueAt: string | null;
  stageDueAt: string | null;
}): IncidentState {
  const { category, severity, dueAt, stageDueAt } = receipt;
  return {
    stage: FIRST_STAGE,
    state: 'open',
    department: null,
    assignee: null,
    parent: null,
    category,
    severity,
    dueAt,
    stageDueAt,
    closedAt: null,
    reports: 1,
  };
}

/** The state after an entry of the history. Applied one after the other they lead to the row as it is. Pure. */
export function applyEntry(before: IncidentState, entry: IncidentEventRow): IncidentState {
  const detail = entry.detail ?? {};
  const next = { ...before };
  if (entry.move === 'register' || !isMove(entry.move)) {
    if (typeof detail['severity'] === 'number') next.severity = detail['severity'];
    if (typeof detail['category'] === 'string') next.category = detail['category'];
  }
  if (entry.dueBefore !== null || entry.dueAfter !== null) next.dueAt = entry.dueAfter;
  if (typeof detail['reports'] === 'number') next.reports += detail['reports'];
  if (isMove(entry.move)) {
    const { to, needs } = moveOf(entry.move);
    if (to !== null && entry.to !== null && isStage(entry.to)) enter(next, entry.to, entry);
    if (needs?.includes('department')) {
      next.department = String(detail['department']);
      next.assignee = null;
    }
    if (entry.move === 'return') next.department = next.assignee = null;
    if (entry.move === 'merge') next.parent = Number(detail['parent']);
    if (entry.move === 'unlink') next.parent = null;
  } else {
    // A report ends and is opened again with its parent, from whatever stage.
    if (entry.to !== null && entry.to !== entry.from && isStage(entry.to)) enter(next, entry.to, entry);
    if (entry.move === 'linked') next.parent = Number(detail['parent']);
    if (entry.move === 'unlinked') next.parent = null;
  }
  const { assignee } = detail;
  if (typeof assignee === 'string' || assignee === null) next.assignee = assignee;
  return next;
}

function enter(next: IncidentState, stage: StageId, { at, stageDueAfter }: IncidentEventRow): void {
  const { state } = stageOf(stage);
  next.stage = stage;
  next.stageDueAt = stageDueAfter;
  if (state === next.state) return;
  next.state = state;
  next.closedAt = state === 'closed' ? at : null;
}
