import { workedBetween } from '../incidents/deadline.ts';
import { doneAndDue } from '../workflow/evaluation.ts';
import type { IncidentEventRow } from '../workflow/history.ts';
import { applyEntry, receivedState, type IncidentState } from '../workflow/replay-history.ts';
import { type Act, type ActId, PUBLIC_SOURCES } from './acts.ts';

/** An incident as it was received, and what the history does not hold. Times are ISO 8601. */
export interface ActSource {
  category: string;
  severity: number;
  source: string;
  receivedAt: string;
  /** Limits of the matter and of the first stage, from the receipt on. */
  dueAt: string | null;
  stageDueAt: string | null;
  /** Another of its kind near it shortly before. */
  isRepeat: boolean;
  rating: { score: number; at: string } | null;
}

interface Point {
  at: string;
  department: string | null;
  person: string;
  inTime: boolean | null;
}

/**
 * The acts of an incident, from its receipt and its history alone: one definition for what is stored, for what is counted
 * anew to check it, and for the log that is played again. Pure.
 */
export function actsOf(source: ActSource, history: readonly IncidentEventRow[]): Act[] {
  const acts: Act[] = [];
  const add = (act: ActId, at: string, facts: Partial<Act> = {}) =>
    acts.push({ act, at, inTime: null, ok: null, flag: null, minutes: null, department: null, person: null, ...facts });

  let state: IncidentState = receivedState(source);
  let isAccepted = false;
  let dispatchedAt: string | null = null;
  let done: Point | null = null;
  let closed: Point | null = null;
  let reworks = 0;
  for (const entry of history) {
    const before = state;
    state = applyEntry(before, entry);
    const who = { department: state.department ?? before.department, person: entry.actor };
    const isInTime = before.stageDueAt === null ? null : entry.at <= before.stageDueAt;
    const { move, at } = entry;
    if (before.stage === 'collected' && !isAccepted && ['verify', 'register', 'reject'].includes(move)) {
      isAccepted = true;
      add('accept', at, { ...who, inTime: isInTime, minutes: minutesBetween(source.receivedAt, at) });
    }
    if (move === 'confirm' || (move === 'reject' && before.stage === 'verifying'))
      add('verify', at, { ...who, inTime: isInTime });
    if (move === 'register') {
      add('register', at, { ...who, inTime: isInTime, flag: PUBLIC_SOURCES.has(source.source) });
    }
    if (move === 'dispatch' || move === 'transfer') {
      dispatchedAt = at;
      add('dispatch', at, { ...who, inTime: move === 'dispatch' ? isInTime : null });
    }
    if (move === 'return') add('return', at, who);
    if (move === 'request_extension') add('extension', at, who);
    if (move === 'suspend') add('suspend', at, who);
    if ((move === 'pass' || move === 'rework') && before.stage === 'checking')
      add('check', at, { ...who, inTime: isInTime });
    if (move === 'report_done' || (move === 'close_now' && done === null)) {
      done = { at, ...who, inTime: before.dueAt === null ? null : at <= before.dueAt };
    }
    if (move === 'rework' || move === 'send_back' || move === 'reopen') done = null;
    if (move === 'rework') reworks += 1;
    if (move === 'close' || move === 'close_now') closed = { at, ...who, inTime: isInTime };
    if (move === 'reopen') closed = null;
  }

  const isMerged = state.parent !== null;
  acts.unshift({
    act: 'report',
    at: source.receivedAt,
    inTime: null,
    ok: !isMerged,
    flag: source.isRepeat,
    minutes: null,
    department: state.department,
    person: null,
  });
  if (done) {
    const { at, department, person, inTime } = done;
    add('dispose', at, { department, person, inTime, minutes: minutesBetween(dispatchedAt ?? source.receivedAt, at) });
  }
  if (closed) {
    const { at, department, person } = closed;
    add('archive', at, { department, person, inTime: isArchivedInTime(done, closed) });
  }
  // Rejected, merged and solved on the spot: nobody owes anything.
  const isOwed = !isMerged && (dispatchedAt !== null || closed !== null);
  // A clock that stands has no moment at which it would run out.
  const dueAt = done ? doneAndDue(history, source.dueAt).due : state.dueAt;
  if (isOwed && dueAt !== null) {
    const department = done?.department ?? state.department;
    add('due', dueAt, { department, ok: done !== null, inTime: done?.inTime === true, flag: reworks > 0 });
    const inTime = closed !== null && isArchivedInTime(done, closed) === true;
    add('archive_due', dueAt, { department, ok: closed !== null, inTime });
  }
  if (source.rating) {
    add('rate', source.rating.at, { department: state.department, ok: source.rating.score >= 3 });
  }
  return acts;
}

/** Closed before the limits of its last stage ran out, on work that was done in time. */
function isArchivedInTime(done: Point | null, closed: Point): boolean | null {
  if (done === null) return closed.inTime;
  if (done.inTime === null && closed.inTime === null) return null;
  return done.inTime !== false && closed.inTime !== false;
}

function minutesBetween(from: string, to: string): number {
  return workedBetween(Date.parse(from), Date.parse(to), 'workminute') / 60_000;
}
