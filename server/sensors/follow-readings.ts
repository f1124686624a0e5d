import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { followSource, type FollowedSource, type SourceEnds } from '../duty/follow-source.ts';
import type { Reading } from './reading.ts';

/** Batches dealt with at once; the largest holds 5000 readings. */
const PAGE = 20;

/** Deals with every reading that a sensor sent exactly once, whichever process gets to it. */
export interface ReadingFollower {
  /** Name in `app.duty`, e.g. `rules.readings`. */
  name: string;
  /**
   * Deals with readings in the order of their commits, inside the transaction that also notes them as dealt with. What enters
   * the live log goes there last, as in every duty. It waits for nothing but `tx`.
   */
  handle(tx: TransactionSql, readings: readonly Reading[]): Promise<void>;
  /** Told when readings were lost to the follower: it was away longer than batches are kept, or the database is another one. */
  onGap?(tx: TransactionSql): Promise<void>;
}

/** Takes part in following the readings, from those that are committed from now on when the follower is new. */
export async function followReadings(duties: Duties, follower: ReadingFollower, everyMs = 1000): Promise<void> {
  await duties.take({
    name: follower.name,
    everyMs,
    channel: 'readings',
    turn: (sql) => followReadingsOnce(sql, follower),
  });
}

/**
 * Gives a follower the next readings, if nobody else is at it. Ids of batches are visible in order, so none is skipped;
 * the first turn starts after the present end. True when there may be more.
 * @throws what `handle` throws; the same readings come again then
 */
export async function followReadingsOnce(sql: Sql, follower: ReadingFollower): Promise<boolean> {
  return sql.begin((tx) => followSource(tx, follower, READINGS));
}

const READINGS: FollowedSource<Reading> = {
  async ends(tx) {
    const [log] = await tx<SourceEnds[]>`
      select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo",
        greatest(pruned_to, (select max(id) from app.reading_batch))::float8 as head
      from app.reading_state`;
    if (!log) throw new Error('app.reading_state has no row');
    return log;
  },
  async read(tx, after) {
    const batches = await tx<{ id: number; sensor: string[]; metric: string[]; at: number[]; value: number[] }[]>`
      select id::float8, sensor, metric, value,
        array(select (extract(epoch from u.at) * 1000)::float8 from unnest(b.at) with ordinality u(at, ord) order by ord) as at
      from app.reading_batch b where b.id > ${after} order by b.id limit ${PAGE}`;
    const items = batches.flatMap(({ sensor, metric, at, value }) =>
      sensor.map((each, i): Reading => ({
        sensor: each,
        metric: metric[i] as string,
        at: at[i] as number,
        value: value[i] as number,
      })),
    );
    return { items, last: batches.at(-1)?.id ?? null, hasMore: batches.length === PAGE };
  },
};
