import { departments } from '../../layers/departments.ts';
import { posts } from '../auth/posts.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { findCategory } from '../incidents/categories.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { changesOf, type MoveDetail } from './changes-of.ts';
import { checkCondition } from './check-condition.ts';
import { readEvaluation } from './evaluation.ts';
import { lockIncidents, type IncidentRow } from './incident-row.ts';
import { isStage, moveOf, movesFrom, type MoveDefinition, type MoveId, type StageId } from './machine.ts';
import { addToHistory, type Actor } from './history.ts';

export interface MoveRequest extends Actor {
  incident: number;
  move: MoveId;
  reason?: string | null | undefined;
  detail?: MoveDetail | undefined;
  /** What the mover saw: refused when the incident is elsewhere, or has changed, meanwhile. */
  expectedStage?: StageId | undefined;
  expectedVersion?: number | undefined;
  /** When it happens, ms since 1970; now when left out. */
  at?: number | undefined;
}

/** What a move or a note did: the incident, and what has to be told to the screens as the last thing in its transaction. */
export interface Moved {
  incident: Incident;
  entries: readonly LogEntry[];
}

interface LogEntry {
  type: 'incident.updated' | 'incident.closed' | 'incident.reopened';
  id: number;
}

/**
 * Moves an incident from one stage to the next, in one transaction: checks that the machine allows it, changes the row,
 * writes the history and tells the screens. Of moves at the same time one wins; the others are judged by what it left.
 * Inside a transaction of the caller's (`tx`) it must be the last thing done there.
 *
 * @throws ApiError INCIDENT_NOT_FOUND, MOVE_NOT_ALLOWED (not from this stage, or not now), FORBIDDEN (not in this post),
 *   INCIDENT_CHANGED (not what was expected), BODY_INVALID (reason or detail missing or wrong)
 */
export async function moveIncident(db: Sql | TransactionSql, request: MoveRequest): Promise<Incident> {
  const run = async (tx: TransactionSql): Promise<Incident> => {
    const moved = await applyMove(tx, request);
    await logMoves(tx, [moved]);
    return moved.incident;
  };
  return 'savepoint' in db ? run(db) : db.begin(run);
}

/** A move without its entry in the live log, for who does more in the transaction and then calls {@link logMoves}. */
export async function applyMove(tx: TransactionSql, request: MoveRequest): Promise<Moved> {
  const { detail = {}, move: id } = request;
  const move = moveOf(id);
  const parentId = id === 'merge' ? detail.parent : undefined;
  const rows = await lockIncidents(tx, parentId === undefined ? [request.incident] : [request.incident, parentId]);
  const row = rows.get(request.incident);
  if (!row) throw incidentNotFound(request.incident);
  checkExpected(row, request);
  checkAllowed(row, request, move);
  if (parentId !== undefined) {
    checkParent(row, parentId, rows.get(parentId));
    await checkNoCircle(tx, row.id, parentId);
  }
  const now = request.at ?? Date.now();
  await checkCondition(tx, row, move, now);
  const changes = changesOf(row, id, detail, now);
  if (changes.category !== row.category) {
    const title = findCategory(changes.category)?.title;
    await tx`update app.incident set category_zh = ${title?.zh ?? ''}, category_en = ${title?.en ?? ''} where id = ${row.id}`;
  }
  const incident = await writeRow(tx, changes);
  await addToHistory(tx, {
    incident: row.id,
    at: now,
    move: id,
    from: row.stage,
    to: changes.stage,
    actor: request.actor,
    post: request.post,
    department: request.department ?? null,
    reason: request.reason?.trim() || null,
    dueBefore: row.due_at,
    dueAfter: changes.due_at,
    stageDueAfter: changes.stage_due_at,
    detail: {
      ...detail,
      ...(id === 'escalate' ? { level: changes.escalation } : {}),
      ...(id === 'evaluate' ? { evaluation: await readEvaluation(tx, row) } : {}),
    },
  });
  if (row.state === 'open' && changes.state === 'closed') await cancelTasks(tx, row.id, now);
  const entries: LogEntry[] = [{ type: entryType(row, changes), id: row.id }];
  if (id === 'merge' || id === 'unlink') {
    const parent = id === 'merge' ? parentId : row.parent_id;
    if (parent !== undefined && parent !== null) {
      await countReports(tx, parent, id === 'merge' ? row.report_count : -row.report_count, request, now);
      entries.push({ type: 'incident.updated', id: parent });
    }
  }
  return { incident, entries };
}

/** Tells the screens of moves and notes: the LAST statements before the commit. */
export async function logMoves(tx: TransactionSql, moved: readonly Moved[]): Promise<void> {
  const idsOf = new Map<LogEntry['type'], Set<number>>();
  for (const { type, id } of moved.flatMap(({ entries }) => entries)) {
    idsOf.set(type, (idsOf.get(type) ?? new Set()).add(id));
  }
  for (const [type, ids] of idsOf) await tx`select app.log_incidents(${type}, ${[...ids]}::bigint[])`;
}

/** Refuses what was decided on an incident that looks otherwise by now. */
export function checkExpected(
  row: IncidentRow,
  { expectedStage, expectedVersion }: Pick<MoveRequest, 'expectedStage' | 'expectedVersion'>,
): void {
  if (expectedVersion !== undefined && expectedVersion !== row.version) {
    const message = `Incident ${row.id} has version ${row.version} and is in stage ${row.stage}, not version ${expectedVersion}: somebody changed it. Look again.`;
    throw new ApiError('INCIDENT_CHANGED', message, { field: 'If-Match', value: expectedVersion });
  }
  if (expectedStage !== undefined && expectedStage !== row.stage) {
    const message = `Incident ${row.id} is in stage ${row.stage}, not ${expectedStage}: somebody moved it. Look again.`;
    throw new ApiError('INCIDENT_CHANGED', message, { field: 'expectedStage', value: expectedStage });
  }
}

function checkAllowed(row: IncidentRow, request: MoveRequest, move: MoveDefinition): void {
  if (!isStage(row.stage)) throw new Error(`incident ${row.id} is in a stage that is none: ${String(row.stage)}`);
  if (!move.from.includes(row.stage)) {
    const allowed = movesFrom(row.stage).join(', ') || 'none';
    const message = `Move ${request.move} is not possible in stage ${row.stage} of incident ${row.id}; possible there: ${allowed}.`;
    throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'move', value: request.move });
  }
  if (!move.posts.includes(request.post)) {
    const message = `Move ${request.move} is not for post ${request.post} (${posts[request.post].zh}); it is for ${move.posts.join(', ')}.`;
    throw new ApiError('FORBIDDEN', message, { field: 'post', value: request.post });
  }
  if (request.post === 'department' && request.department && request.department !== row.department) {
    const message = `Incident ${row.id} is with ${row.department ?? 'no department'}, not with ${request.department}.`;
    throw new ApiError('FORBIDDEN', message, { field: 'department', value: request.department });
  }
  // The service says why in the detail.
  if (move.needsReason && request.post !== 'system' && !request.reason?.trim()) {
    throw new ApiError('BODY_INVALID', `reason: move ${request.move} needs one`, { field: 'reason' });
  }
  checkDetail(row, request.detail ?? {}, move);
}

function checkDetail(row: IncidentRow, detail: MoveDetail, move: MoveDefinition): void {
  for (const need of move.needs ?? []) {
    if (detail[need] === undefined) {
      throw new ApiError('BODY_INVALID', `detail.${need}: missing`, { field: `detail.${need}` });
    }
  }
  const { department, category, severity } = detail;
  if (department !== undefined && !Object.hasOwn(departments, department)) {
    const message = `detail.department: there is no department ${department}`;
    throw new ApiError('BODY_INVALID', message, { field: 'detail.department', value: department });
  }
  if (category !== undefined && !findCategory(category)) {
    const message = `detail.category: there is no category ${category}`;
    throw new ApiError('BODY_INVALID', message, { field: 'detail.category', value: category });
  }
  if (category !== undefined && isRestricted(category) !== isRestricted(row.category)) {
    // Screens of the public would keep what they may no longer see.
    const message = `detail.category: ${category} is shown to others than ${row.category}; reject this one and report it anew`;
    throw new ApiError('BODY_INVALID', message, { field: 'detail.category', value: category });
  }
  if (severity !== undefined && ![0, 1, 2, 3, 4].includes(severity)) {
    throw new ApiError('BODY_INVALID', 'detail.severity: must be 0 to 4', {
      field: 'detail.severity',
      value: severity,
    });
  }
}

/** As `app.incident.restricted`. */
function isRestricted(category: string): boolean {
  return /^Z0[1-5]/.test(category);
}

function checkParent(row: IncidentRow, id: number, parent: IncidentRow | undefined): void {
  const problem = !parent
    ? `there is no incident ${id}`
    : id === row.id
      ? 'an incident is no report of itself'
      : parent.state !== 'open'
        ? `incident ${id} is over (${parent.stage}): nothing can be merged into it`
        : null;
  if (problem !== null) {
    throw new ApiError('BODY_INVALID', `detail.parent: ${problem}`, { field: 'detail.parent', value: id });
  }
}

/** What is opened again after a merger stays a report: nothing can be merged into its own reports, or theirs. */
async function checkNoCircle(tx: TransactionSql, id: number, parent: number): Promise<void> {
  const [circle] = await tx`
    with recursive above as (
      select id, parent_id from app.incident where id = ${parent}
      union select i.id, i.parent_id from app.incident i join above on i.id = above.parent_id
    )
    select from above where id = ${id}`;
  if (circle !== undefined) {
    const message = `detail.parent: incident ${parent} is itself a report of incident ${id}`;
    throw new ApiError('BODY_INVALID', message, { field: 'detail.parent', value: parent });
  }
}

function entryType(before: IncidentRow, after: IncidentRow): LogEntry['type'] {
  if (before.state === after.state) return 'incident.updated';
  return after.state === 'closed' ? 'incident.closed' : 'incident.reopened';
}

async function writeRow(tx: TransactionSql, row: IncidentRow): Promise<Incident> {
  const [written] = await tx<{ incident: Incident }[]>`
    update app.incident i set
      reported_category = coalesce(reported_category, nullif(category, ${row.category})), category = ${row.category},
      reported_severity = coalesce(reported_severity, nullif(severity, ${row.severity}::int2)), severity = ${row.severity}, state = ${row.state},
      stage = ${row.stage}, version = ${row.version}, department = ${row.department}, assignee = ${row.assignee},
      parent_id = ${row.parent_id}, closed_at = ${row.closed_at}, dispatched_at = ${row.dispatched_at},
      stage_since = ${row.stage_since}, warn_at = ${row.warn_at}, due_at = ${row.due_at},
      stage_warn_at = ${row.stage_warn_at}, stage_due_at = ${row.stage_due_at}, limit_amount = ${row.limit_amount},
      limit_unit = ${row.limit_unit}, limit_added = ${row.limit_added}, clock_left = ${row.clock_left},
      extensions = ${row.extensions}, extension_asked = ${row.extension_asked}, reworks = ${row.reworks}, supervision = ${row.supervision},
      supervise_at = ${row.supervise_at}, escalation = ${row.escalation}, escalate_at = ${row.escalate_at},
      updated_at = now()
    where id = ${row.id} returning app.incident_json(i) as incident`;
  if (!written) throw incidentNotFound(row.id);
  return written.incident;
}

/** A matter that is over leaves nobody at work on it. */
async function cancelTasks(tx: TransactionSql, incident: number, now: number): Promise<void> {
  await tx`update app.incident_task set state = 'cancelled', cancelled_at = ${new Date(now)}
    where incident_id = ${incident} and state not in ('done', 'cancelled')`;
}

/** The matter that is kept counts the reports merged into it, and says in its history that one came or went. */
async function countReports(
  tx: TransactionSql,
  id: number,
  by: number,
  { incident, actor, post, department }: MoveRequest,
  now: number,
): Promise<void> {
  const [parent] = await tx<{ stage: string }[]>`
    update app.incident set report_count = report_count + ${by}, version = version + 1, updated_at = now()
    where id = ${id} returning stage`;
  if (!parent) throw incidentNotFound(id);
  await addToHistory(tx, {
    incident: id,
    at: now,
    move: by > 0 ? 'report_linked' : 'report_unlinked',
    from: parent.stage,
    to: parent.stage,
    actor,
    post,
    department: department ?? null,
    detail: { incident, reports: by },
  });
}
