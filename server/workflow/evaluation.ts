import type { TransactionSql } from '../db/connect.ts';
import { readHistory, type IncidentEventRow } from './history.ts';
import type { IncidentRow } from './incident-row.ts';

/** What a matter is judged by when it is over. */
export interface Evaluation {
  /** 0 to 100: 40 for the limit, 30 for work done once, 30 for a content reporter; what does not apply is left out. */
  score: number;
  /** Dealt with before its limit; null where it had none. */
  inTime: boolean | null;
  reworks: number;
  /** 4 very satisfied … 1 very dissatisfied; null: not rated. */
  rating: number | null;
}

const WEIGHTS = { inTime: 40, once: 30, rating: 30 } as const;

/** When the work was done, and when it was due then. Of several times the last one counts. Pure. */
export function doneAndDue(
  history: readonly IncidentEventRow[],
  dueAt: string | null,
): { done: string | null; due: string | null } {
  const firstChange = history.find(({ dueBefore, dueAfter }) => dueBefore !== null || dueAfter !== null);
  let due = firstChange ? firstChange.dueBefore : dueAt;
  let result: { done: string | null; due: string | null } = { done: null, due };
  let isReported = false;
  for (const entry of history) {
    if (entry.move === 'report_done' || (entry.move === 'close_now' && !isReported)) {
      isReported = true;
      result = { done: entry.at, due };
    }
    // Reopened or to be reworked: what was done before no longer counts.
    if (entry.move === 'rework' || entry.move === 'reopen' || entry.move === 'send_back') isReported = false;
    if (entry.dueBefore !== null || entry.dueAfter !== null) due = entry.dueAfter;
  }
  return result;
}

export function evaluate(facts: Omit<Evaluation, 'score'>): Evaluation {
  const { inTime, reworks, rating } = facts;
  const parts: [weight: number, share: number][] = [[WEIGHTS.once, reworks === 0 ? 1 : 0]];
  if (inTime !== null) parts.push([WEIGHTS.inTime, inTime ? 1 : 0]);
  if (rating !== null) parts.push([WEIGHTS.rating, (rating - 1) / 3]);
  const weight = parts.reduce((sum, [each]) => sum + each, 0);
  const points = parts.reduce((sum, [each, share]) => sum + each * share, 0);
  return { score: Math.round((100 * points) / weight), ...facts };
}

/** Judges a matter by its history. */
export async function readEvaluation(tx: TransactionSql, row: IncidentRow): Promise<Evaluation> {
  const history = await readHistory(tx, row.id);
  const [rated] = await tx<{ score: number }[]>`select score from app.incident_rating where incident_id = ${row.id}`;
  const { done, due } = doneAndDue(history, row.due_at?.toISOString() ?? null);
  return evaluate({
    inTime: done === null || due === null ? null : Date.parse(done) <= Date.parse(due),
    reworks: row.reworks,
    rating: rated?.score ?? null,
  });
}
