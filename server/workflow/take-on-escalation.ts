import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { SUPERVISE_AT } from './escalation.ts';
import { stageIds, stageOf } from './machine.ts';
import { applyMove, logMoves, type Moved, type MoveRequest } from './move-incident.ts';

const EVERY_MS = 10_000;
/** Moves of one kind in one run: after an outage they catch up, without holding anybody up for long. */
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
  // Whoever has a row at the moment moves it; it comes next time.
  const late = await tx<{ id: number; supervision: number }[]>`
    select id, supervision from app.incident
    where state = 'open' and supervise_at <= ${at} and stage = any (${openStages}::text[])
    order by supervise_at limit ${AT_ONCE} for update skip locked`;
  const stuck = await tx<{ id: number }[]>`
    select id from app.incident
    where state = 'open' and escalate_at <= ${at} and escalation < 4 and stage = any (${openStages}::text[])
    order by escalate_at limit ${AT_ONCE} for update skip locked`;
  const over = await tx<{ id: number }[]>`
    select id from app.incident where stage = 'closed' and stage_due_at <= ${at}
    order by stage_due_at limit ${AT_ONCE} for update skip locked`;
  const requests: Omit<MoveRequest, 'actor' | 'post'>[] = [
    ...late.map(({ id, supervision }) => ({
      incident: id,
      move: 'supervise' as const,
      detail: { percent: SUPERVISE_AT[supervision] },
    })),
    ...stuck.map(({ id }) => ({ incident: id, move: 'escalate' as const })),
    ...over.map(({ id }) => ({ incident: id, move: 'evaluate' as const })),
  ];
  const moved: Moved[] = [];
  for (const request of requests) moved.push(await applyMove(tx, { ...SERVICE, ...request, at: now }));
  await logMoves(tx, moved);
}
