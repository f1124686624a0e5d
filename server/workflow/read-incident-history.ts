import type { Caller } from '../auth/caller.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Sql } from '../db/connect.ts';
import { dueAt, type TimeUnit } from '../incidents/deadline.ts';
import { isMet, type ConditionFacts } from './check-condition.ts';
import { lightAt, type Light } from './clock.ts';
import type { HistoryEvent, IncidentHistory } from './contract.ts';
import { readHistory, type IncidentEventRow } from './history.ts';
import { limitOf, rowOf, type IncidentRow } from './incident-row.ts';
import { milestones } from './limits.ts';
import { conditions, isMove, moveOf, movesFrom, type MoveId } from './machine.ts';
import { listMedia } from './media.ts';
import { findRating, ratingToken } from './rating.ts';
import { listTasks } from './tasks.ts';
import { tellEvent, titleOf } from './tell-event.ts';

/** How an incident came to where it is, and what the caller may do with it now. The public sees the stages only. */
export async function readIncidentHistory(
  sql: Sql,
  incident: Incident,
  caller: Caller,
  now: number,
): Promise<IncidentHistory> {
  const isStaff = caller.role === 'staff';
  const [row, history, tasks, media, rating] = await Promise.all([
    rowOf(sql, incident.id),
    readHistory(sql, incident.id),
    listTasks(sql, incident.id),
    listMedia(sql, incident.id),
    findRating(sql, incident.id),
  ]);
  const { amount, unit } = limitOf(row);
  const facts: ConditionFacts = {
    stageDueAt: row.stage_due_at?.getTime() ?? null,
    closedAt: row.closed_at?.getTime() ?? null,
    extensions: row.extensions,
    openTasks: tasks.filter(({ state }) => state !== 'done' && state !== 'cancelled').length,
  };
  return {
    incident,
    clock: {
      limit: { amount, unit },
      added: row.limit_added,
      leftMs: row.clock_left,
      light: lightOf(row.warn_at, row.due_at, now),
      stageLight: lightOf(row.stage_warn_at, row.stage_due_at, now),
      stageSince: row.stage_since?.toISOString() ?? null,
      extensions: row.extensions,
      reworks: row.reworks,
    },
    supervision: row.supervision,
    escalation: { level: row.escalation, nextAt: row.escalate_at?.toISOString() ?? null },
    milestones: milestonesOf(row, history),
    moves: movesOf(row, caller, facts, now),
    caller: { posts: [...caller.posts], department: caller.department },
    events: history.filter(({ move }) => isStaff || isMove(move)).map((entry) => eventOf(entry, isStaff, unit)),
    tasks: isStaff ? tasks : [],
    media: isStaff ? media : [],
    rating: isStaff ? rating : null,
    ratingToken: isStaff && row.state === 'closed' ? await ratingToken(sql, incident.id) : null,
  };
}

function lightOf(warnAt: Date | null, due: Date | null, now: number): Light {
  return due === null ? 'green' : lightAt(now, { warnAt: (warnAt ?? due).getTime(), dueAt: due.getTime() });
}

function milestonesOf(row: IncidentRow, history: readonly IncidentEventRow[]): IncidentHistory['milestones'] {
  const from = row.dispatched_at?.getTime();
  return (milestones[row.category] ?? []).map(({ id, title, limit }) => ({
    id,
    title,
    dueAt: from === undefined ? null : new Date(dueAt(from, limit)).toISOString(),
    reachedAt: history.find((entry) => entry.move === 'milestone' && entry.detail?.['milestone'] === id)?.at ?? null,
  }));
}

function movesOf(row: IncidentRow, caller: Caller, facts: ConditionFacts, now: number): IncidentHistory['moves'] {
  return movesFrom(row.stage).flatMap((id: MoveId) => {
    const { posts, condition } = moveOf(id);
    const post = posts.find(
      (each) =>
        caller.posts.includes(each) &&
        (each !== 'department' || caller.department === null || caller.department === row.department),
    );
    if (post === undefined) return [];
    const isBlocked = condition !== undefined && !isMet(condition, facts, now);
    return [{ id, post, blocked: isBlocked ? conditions[condition] : null }];
  });
}

function eventOf(entry: IncidentEventRow, isStaff: boolean, unit: TimeUnit): HistoryEvent {
  const told = { ...entry, title: titleOf(entry.move), sentence: tellEvent(entry, isStaff, unit) };
  return isStaff ? told : { ...told, actor: null, post: null, department: null, reason: null, detail: null };
}
