import type { TransactionSql } from '../db/connect.ts';

/** Entries of the log in a piece, and minutes after which fewer make one. */
const PIECE = 2000;
const MOST_MINUTES = 10;
/** Pieces at a time: what is not cut yet is read from the log. */
const MOST_PIECES = 25;

/**
 * Keeps columns of the log beside it, piece by piece, from its beginning on: a replay then reads no JSON to count. Drops the pieces of
 * other logs and those that have left it.
 * @param least entries that make a piece before its time
 */
export async function cutLog(tx: TransactionSql, { least = PIECE }: { least?: number } = {}): Promise<void> {
  const [log] = await tx<{ epoch: string; prunedTo: number; end: number | null }[]>`
    select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo",
      (select max(to_id) from app.replay_digest where epoch = app.live_epoch())::float8 as end
    from app.live_state`;
  if (!log) throw new Error('app.live_state has no row');
  const { epoch, prunedTo } = log;
  await tx`delete from app.replay_digest where epoch <> ${epoch} or to_id <= ${prunedTo}`;
  let end = Math.max(prunedTo, log.end ?? 0);
  for (let pieces = 0; pieces < MOST_PIECES; pieces += 1) {
    const [next] = await tx<{ to: number | null; entries: number; isOld: boolean }[]>`
      select max(id)::float8 as to, count(*)::int4 as entries,
        coalesce(min(committed_at) < now() - make_interval(mins => ${MOST_MINUTES}), false) as "isOld"
      from (select id, committed_at from app.live_log where id > ${end} order by id limit ${PIECE}) piece`;
    if (!next || next.to === null || (next.entries < least && !next.isOld)) return;
    await tx`select app.cut_log(${end}, ${next.to})`;
    end = next.to;
  }
}
