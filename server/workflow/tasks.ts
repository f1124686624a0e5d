import { departments } from '../../layers/departments.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Actor } from './history.ts';
import { lockIncidents } from './incident-row.ts';
import type { StageId } from './machine.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { logMoves } from './move-incident.ts';
import { applyNote } from './note-incident.ts';

/** One department's part of a matter, as the API tells it. */
export interface Task {
  id: number;
  department: string;
  instruction: string | null;
  result: string | null;
  state: 'open' | 'acknowledged' | 'arrived' | 'done' | 'cancelled';
  createdAt: string;
  createdBy: string;
  dueAt: string | null;
  acknowledgedAt: string | null;
  arrivedAt: string | null;
  doneAt: string | null;
  cancelledAt: string | null;
}

/** Where a matter is still to be worked on. */
const AT_WORK: readonly StageId[] = ['registered', 'dispatched', 'handling', 'extending', 'suspended'];

/** The steps of a task: from which states, to which, who may do it, and what the history calls it. */
export const taskSteps = {
  acknowledge: {
    from: ['open'],
    to: 'acknowledged',
    column: 'acknowledged_at',
    posts: ['department'],
    note: 'task_acknowledge',
  },
  arrive: {
    from: ['open', 'acknowledged'],
    to: 'arrived',
    column: 'arrived_at',
    posts: ['department'],
    note: 'task_arrive',
  },
  finish: {
    from: ['open', 'acknowledged', 'arrived'],
    to: 'done',
    column: 'done_at',
    posts: ['department'],
    note: 'task_finish',
  },
  cancel: {
    from: ['open', 'acknowledged', 'arrived'],
    to: 'cancelled',
    column: 'cancelled_at',
    posts: ['dispatcher'],
    note: 'task_cancel',
  },
} as const;
export type TaskStep = keyof typeof taskSteps;

export async function listTasks(sql: Sql | TransactionSql, incident: number): Promise<Task[]> {
  return sql<Task[]>`
    select id::float8, department, instruction, result, state, app.iso_time(created_at) as "createdAt",
      created_by as "createdBy", app.iso_time(due_at) as "dueAt", app.iso_time(acknowledged_at) as "acknowledgedAt",
      app.iso_time(arrived_at) as "arrivedAt", app.iso_time(done_at) as "doneAt",
      app.iso_time(cancelled_at) as "cancelledAt"
    from app.incident_task where incident_id = ${incident} order by id`;
}

/** Gives a further department its part of a matter. */
export async function addTask(
  sql: Sql,
  incident: number,
  { department, instruction }: { department: string; instruction?: string | undefined },
  who: Actor,
): Promise<Incident> {
  if (!Object.hasOwn(departments, department)) {
    const message = `department: there is no department ${department}`;
    throw new ApiError('BODY_INVALID', message, { field: 'department', value: department });
  }
  return sql.begin(async (tx) => {
    const row = (await lockIncidents(tx, [incident])).get(incident);
    if (!row) throw incidentNotFound(incident);
    if (!AT_WORK.includes(row.stage)) {
      const message = `Sub-tasks are given while a matter is worked on (${AT_WORK.join(', ')}); incident ${incident} is in stage ${row.stage}.`;
      throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'stage', value: row.stage });
    }
    const [added] = await tx<{ id: number }[]>`
      insert into app.incident_task (incident_id, department, instruction, created_at, created_by, due_at)
      values (${incident}, ${department}, ${instruction ?? null}, ${new Date()}, ${who.actor}, ${row.due_at})
      on conflict do nothing returning id`;
    if (!added) {
      const message = `${department} has a part of incident ${incident} already.`;
      throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'department', value: department });
    }
    const detail = { task: added.id, department };
    const noted = await applyNote(tx, { ...who, incident, note: 'task_add', reason: instruction, detail });
    await logMoves(tx, [noted]);
    return noted.incident;
  });
}

/** Takes a task one step further. */
export async function stepTask(
  sql: Sql,
  incident: number,
  task: number,
  step: TaskStep,
  result: string | undefined,
  who: Actor,
): Promise<Incident> {
  const { from, to, column, note } = taskSteps[step];
  return sql.begin(async (tx) => {
    const row = (await lockIncidents(tx, [incident])).get(incident);
    const [found] = await tx<{ department: string; state: Task['state'] }[]>`
      select department, state from app.incident_task where id = ${task} and incident_id = ${incident}`;
    if (!row) throw incidentNotFound(incident);
    if (!found) {
      const message = `Incident ${incident} has no sub-task ${task}.`;
      throw new ApiError('TASK_NOT_FOUND', message, { field: 'task', value: task });
    }
    if (who.post === 'department' && who.department && who.department !== found.department) {
      const message = `Sub-task ${task} is that of ${found.department}, not of ${who.department}.`;
      throw new ApiError('FORBIDDEN', message, { field: 'department', value: who.department });
    }
    if (!(from as readonly string[]).includes(found.state)) {
      const message = `Sub-task ${task} is ${found.state}: ${step} is possible when it is ${from.join(' or ')}.`;
      throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'step', value: step });
    }
    await tx`update app.incident_task set state = ${to}, ${tx(column)} = ${new Date()},
      result = coalesce(${result ?? null}, result) where id = ${task}`;
    const detail = { task, department: found.department };
    const noted = await applyNote(tx, { ...who, incident, note, reason: result, detail });
    await logMoves(tx, [noted]);
    return noted.incident;
  });
}
