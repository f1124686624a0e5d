import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { cutLog } from './cut-log.ts';

/** Entries of the log that a replay may have to fold, and hours, before there is another checkpoint. */
const MOST_ENTRIES = 5000;
const MOST_HOURS = 6;
/** Entries that must have passed for each incident that was open at the last checkpoint, since it costs as much as there are. */
const ENTRIES_PER_OPEN = 0.25;
/** Incidents in a chunk. */
const CHUNK = 500;

/**
 * Notes the open incidents after the last entry of the log, when many entries or hours have passed since the last time.
 * Drops the checkpoints of other logs, and those from which the log can no longer be followed.
 * @param entries of the log after which one is due, at least `perOpen` for each incident that was open at the last one
 */
export async function makeCheckpoint(
  tx: TransactionSql,
  {
    entries = MOST_ENTRIES,
    hours = MOST_HOURS,
    perOpen = ENTRIES_PER_OPEN,
  }: { entries?: number; hours?: number; perOpen?: number } = {},
): Promise<boolean> {
  const [log] = await tx<{ epoch: string; prunedTo: number; head: number | null; at: Date | null }[]>`
    select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo", head.id::float8 as head, head.committed_at as at
    from app.live_state left join lateral (select id, committed_at from app.live_log order by id desc limit 1) head on true`;
  if (!log) throw new Error('app.live_state has no row');
  const { epoch, prunedTo, head, at } = log;
  // Entries that were dropped are missing to every checkpoint before them.
  await tx`delete from app.replay_checkpoint where epoch <> ${epoch} or log_id < ${prunedTo}`;
  const [last] = await tx<{ id: number; at: Date; open: number }[]>`
    select log_id::float8 as id, at, open from app.replay_checkpoint where epoch = ${epoch} order by log_id desc limit 1`;
  if (!last && prunedTo > 0) {
    await tx`select app.keep_first_checkpoint(${CHUNK})`;
    return true;
  }
  if (head === null || at === null) return false;
  const passed = head - (last?.id ?? prunedTo);
  const isDue =
    passed >= Math.max(entries, (last?.open ?? 0) * perOpen) ||
    (passed > 0 && (!last || at.getTime() - last.at.getTime() >= hours * 3_600_000));
  if (isDue) await tx`select app.keep_checkpoint(${head}, ${at}, ${CHUNK})`;
  return isDue;
}

/** Takes part in keeping what a replay starts from. */
export async function takeOnCheckpoints(duties: Duties): Promise<void> {
  await duties.every({ name: 'replay-log', everyMs: 10_000, canWait: true, run: (tx) => cutLog(tx) });
  await duties.every({
    name: 'replay-checkpoint',
    everyMs: 60_000,
    canWait: true,
    run: async (tx) => void (await makeCheckpoint(tx)),
  });
}
