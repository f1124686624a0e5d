import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';

/** Entries of the log that a replay may have to fold, and hours, before there is another checkpoint. */
const MOST_ENTRIES = 20_000;
const MOST_HOURS = 6;

/**
 * Notes the open incidents after the last entry of the log, when many entries or hours have passed since the last time.
 * Drops the checkpoints of other logs, and those from which the log can no longer be followed.
 */
export async function makeCheckpoint(
  tx: TransactionSql,
  { entries = MOST_ENTRIES, hours = MOST_HOURS }: { entries?: number; hours?: number } = {},
): Promise<boolean> {
  const [log] = await tx<{ epoch: string; prunedTo: number; head: number | null; at: Date | null }[]>`
    select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo", head.id::float8 as head, head.committed_at as at
    from app.live_state left join lateral (select id, committed_at from app.live_log order by id desc limit 1) head on true`;
  if (!log) throw new Error('app.live_state has no row');
  const { epoch, prunedTo, head, at } = log;
  const [last] = await tx<{ id: number; at: Date }[]>`
    select log_id::float8 as id, at from app.replay_checkpoint where epoch = ${epoch} order by log_id desc limit 1`;
  if (!last && prunedTo > 0) return makeFirstCheckpoint(tx, epoch);
  if (head === null || at === null) return false;
  const passed = head - (last?.id ?? prunedTo);
  const isDue = passed >= entries || (passed > 0 && (!last || at.getTime() - last.at.getTime() >= hours * 3_600_000));
  if (isDue) {
    await tx`
      insert into app.replay_checkpoint (epoch, log_id, at, open)
      select ${epoch}, ${head}, ${at}, coalesce(json_agg(json_build_object(
        'town', town, 'restricted', restricted, 'incident', incident) order by incident_id), '[]')
      from app.open_incidents_at(${head})
      on conflict do nothing`;
  }
  // The last one before the beginning of the log is where a replay of its first entries starts.
  await tx`
    delete from app.replay_checkpoint c where epoch <> ${epoch} or log_id < (
      select max(log_id) from app.replay_checkpoint where epoch = ${epoch} and log_id <= ${prunedTo})`;
  return isDue;
}

/**
 * The log has lost its beginning before there was any checkpoint: what is open is taken from the incidents themselves. One
 * statement sees log and incidents at one moment.
 */
async function makeFirstCheckpoint(tx: TransactionSql, epoch: string): Promise<boolean> {
  await tx`
    insert into app.replay_checkpoint (epoch, log_id, at, open)
    select ${epoch}, greatest(s.pruned_to, (select max(id) from app.live_log)),
      coalesce((select committed_at from app.live_log order by id desc limit 1), clock_timestamp()),
      coalesce((
        select json_agg(json_build_object('town', town_code, 'restricted', restricted,
          'incident', app.incident_json(i)) order by id)
        from app.incident i where state = 'open'), '[]')
    from app.live_state s`;
  return true;
}

/** Takes part in the duty of keeping checkpoints. */
export async function takeOnCheckpoints(duties: Duties): Promise<void> {
  await duties.every({
    name: 'replay-checkpoint',
    everyMs: 60_000,
    run: async (tx) => void (await makeCheckpoint(tx)),
  });
}
