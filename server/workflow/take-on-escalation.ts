import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { SUPERVISE_AT } from './escalation.ts';
import { stageIds, stageOf } from './machine.ts';
import { applyMove, logMoves, type Moved, type MoveRequest } from './move-incident.ts';

const EVERY_MS = 10_000;
/** Incidents whose clock has come in one run: after an outage they catch up, without holding anybody up for long. */
const AT_ONCE = 100;

const SERVICE = { actor: 'system', post: 'system' } as const;
const openStages = stageIds.filter((id) => stageOf(id).state === 'open');

/** What takes too long climbs by itself, and what is over is evaluated when nobody may reopen it any more. */
export async function takeOnEscalation(duties: Duties): Promise<void> {
  await duties.every({ name: 'escalation', everyMs: EVERY_MS, run: (tx) => escalateOnce(tx, Date.now()) });
}

/** One round of it, as of `now` (ms since 1970). */
export async function escalateOnce(tx: TransactionSql, now: number): Promise<void> {
  const at = new Date(now);
  // Whoever has a row at the moment moves it; it comes next time. One index has all that is open by what comes first of the two.
  const due = await tx<{ id: number; supervision: number; isLate: boolean; isStuck: boolean }[]>`
    select id, supervision, coalesce(supervise_at <= ${at}, false) as "isLate",
      coalesce(escalate_at <= ${at} and escalation < 4, false) as "isStuck"
    from app.incident
    where state = 'open' and least(supervise_at, escalate_at) <= ${at} and stage = any (${openStages}::text[])
      and (supervise_at <= ${at} or (escalate_at <= ${at} and escalation < 4))
    order by least(supervise_at, escalate_at) limit ${AT_ONCE} for update skip locked`;
  const over = await tx<{ id: number }[]>`
    select id from app.incident where stage = 'closed' and stage_due_at <= ${at}
    order by stage_due_at limit ${AT_ONCE} for update skip locked`;
  const requests: Omit<MoveRequest, 'actor' | 'post'>[] = [
    ...due
      .filter(({ isLate }) => isLate)
      .map(({ id, supervision }) => ({
        incident: id,
        move: 'supervise' as const,
        detail: { percent: SUPERVISE_AT[supervision] },
      })),
    ...due.filter(({ isStuck }) => isStuck).map(({ id }) => ({ incident: id, move: 'escalate' as const })),
    ...over.map(({ id }) => ({ incident: id, move: 'evaluate' as const })),
  ];
  const moved: Moved[] = [];
  for (const request of requests) moved.push(await applyMove(tx, { ...SERVICE, ...request, at: now }));
  await logMoves(tx, moved);
}
