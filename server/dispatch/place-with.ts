import type { Post } from '../auth/posts.ts';
import type { TransactionSql } from '../db/connect.ts';
import type { Actor } from '../workflow/history.ts';
import { lockIncidents, type IncidentRow } from '../workflow/incident-row.ts';
import { applyMove, type Moved } from '../workflow/move-incident.ts';
import { applyNote } from '../workflow/note-incident.ts';
import type { Dispatch } from './contract.ts';
import { ruleOf } from './responsibility.ts';

/** Who asks or answers: as the history names them, with the posts they hold. */
export interface Who extends Omit<Actor, 'post'> {
  posts: readonly Post[];
}

export type DispatchNote =
  | 'dispatch_ask'
  | 'dispatch_acknowledge'
  | 'dispatch_decline'
  | 'dispatch_escalate'
  | 'dispatch_withdraw'
  | 'dispatch_exhaust';

interface Step {
  dispatch: Dispatch;
  who: Who;
  reason: string | null;
  at: Date;
}

/**
 * Moves an incident as far as it goes by somebody being asked: a department is dispatched to, or transferred to; one of the
 * grid staff verifies what is not registered, and goes for the lead department after that. Whatever the stage, it is noted
 * who was asked. The one place, with `acknowledgeIn`, where requests touch the workflow.
 */
export async function askIn(tx: TransactionSql, step: Step): Promise<Moved[]> {
  const { dispatch, who, reason, at } = step;
  const noted = [await noteIn(tx, 'dispatch_ask', step)];
  const row = (await lockIncidents(tx, [dispatch.incident])).get(dispatch.incident);
  if (row === undefined) return noted;
  const as = (post: Post) => ({
    incident: row.id,
    actor: who.actor,
    post,
    department: who.department,
    at: at.getTime(),
    detail: { dispatch: dispatch.id },
  });
  const acceptor = (['acceptor', 'shift_lead'] as const).find((post) => who.posts.includes(post));
  const dispatcher = who.posts.includes('dispatcher') ? 'dispatcher' : 'system';
  const moved: Moved[] = [];
  let stage = row.stage;
  if (dispatch.kind === 'department') {
    const department = dispatch.candidate;
    if (stage === 'collected' && acceptor !== undefined) {
      moved.push(await applyMove(tx, { ...as(acceptor), move: 'register' }));
      stage = 'registered';
    }
    if (stage === 'registered') {
      const detail = { department, dispatch: dispatch.id };
      moved.push(await applyMove(tx, { ...as(dispatcher), move: 'dispatch', detail }));
    } else if (['dispatched', 'handling'].includes(stage) && row.department !== department) {
      const detail = { department, dispatch: dispatch.id };
      // The service stands in for the dispatcher when nobody answers.
      moved.push(await applyMove(tx, { ...as('dispatcher'), move: 'transfer', reason: reason ?? 'dispatch', detail }));
    }
  } else if (dispatch.kind === 'staff') {
    const assignee = dispatch.candidate;
    const lead = row.department ?? ruleOf(row.category)?.lead;
    if (stage === 'collected' && acceptor !== undefined) {
      const detail = { assignee, dispatch: dispatch.id };
      moved.push(await applyMove(tx, { ...as(acceptor), move: 'verify', detail }));
    } else if (stage === 'registered' && lead !== undefined) {
      const detail = { department: lead, assignee, dispatch: dispatch.id };
      moved.push(await applyMove(tx, { ...as(dispatcher), move: 'dispatch', detail }));
    }
  }
  return [...noted, ...moved];
}

/** A department that says yes to what it was dispatched accepts it. */
export async function acknowledgeIn(tx: TransactionSql, step: Step): Promise<Moved[]> {
  const { dispatch, who, at } = step;
  const noted = [await noteIn(tx, 'dispatch_acknowledge', step)];
  const row = (await lockIncidents(tx, [dispatch.incident])).get(dispatch.incident);
  const isTheirs = dispatch.kind === 'department' && row?.department === dispatch.candidate;
  if (row?.stage !== 'dispatched' || !isTheirs) return noted;
  const accepted = await applyMove(tx, {
    incident: row.id,
    move: 'accept',
    actor: who.actor,
    post: 'department',
    department: dispatch.candidate,
    detail: { dispatch: dispatch.id },
    at: at.getTime(),
  });
  return [...noted, accepted];
}

/** Writes into the history what became of a request, and who has the incident while they are asked. */
export async function noteIn(tx: TransactionSql, note: DispatchNote, step: Step): Promise<Moved> {
  const { dispatch, who, reason, at } = step;
  const { kind, candidate, title, rank } = dispatch;
  return applyNote(tx, {
    incident: dispatch.incident,
    note,
    actor: who.actor,
    post: postOf(note, dispatch, who),
    department: kind === 'department' && note !== 'dispatch_ask' ? candidate : who.department,
    reason,
    detail: { dispatch: dispatch.id, kind, title, rank },
    changes: note === 'dispatch_ask' ? { assignee: kind === 'staff' ? candidate : null } : undefined,
    at: at.getTime(),
  });
}

function postOf(note: DispatchNote, { kind }: Dispatch, { posts }: Who): Post {
  if (note === 'dispatch_acknowledge' || note === 'dispatch_decline') {
    return kind === 'department' ? 'department' : 'collector';
  }
  return posts.includes('dispatcher') ? 'dispatcher' : 'system';
}

/** Locks an incident, which comes before its requests. */
export async function lockIncident(tx: TransactionSql, id: number): Promise<IncidentRow | null> {
  return (await lockIncidents(tx, [id])).get(id) ?? null;
}
