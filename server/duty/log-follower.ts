import type { Sql, TransactionSql } from '../db/connect.ts';
import type { LiveEvent } from '../contract/live.ts';
import { followSource, type SourceEnds } from './follow-source.ts';

const PAGE = 500;

/** Deals with every entry of the live log exactly once, whichever process gets to it. */
export interface LogFollower {
  /** Name in `app.duty`, e.g. `duplicates`. */
  name: string;
  /**
   * Deals with entries in order, inside the transaction that also notes them as dealt with. May append to the log
   * itself, as its last statement; it is then given those entries, too.
   */
  handle(tx: TransactionSql, events: readonly LiveEvent[]): Promise<void>;
  /** Told when entries were lost to the follower: the log is another one, or was pruned beyond it. */
  onGap?(tx: TransactionSql): Promise<void>;
  /** Told once, at the very beginning: what was there before is in no entry that it will see. */
  onFirst?(tx: TransactionSql): Promise<void>;
  /** Entries handed over at a time. Default 500. */
  page?: number;
}

/**
 * Gives a follower the next entries, if nobody else is at it. Ids are visible in order, so none is skipped; the first
 * run starts after the present end of the log. True when there may be more.
 * @throws what `handle` throws; the same entries come again then
 */
export async function followOnce(sql: Sql, follower: LogFollower): Promise<boolean> {
  return sql.begin((tx) => followIn(tx, follower));
}

/** The same inside a transaction of the caller's. */
export async function followIn(tx: TransactionSql, follower: LogFollower): Promise<boolean> {
  const { page = PAGE } = follower;
  return followSource(tx, follower, {
    async ends() {
      const [log] = await tx<SourceEnds[]>`
        select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo",
          greatest(pruned_to, (select max(id) from app.live_log))::float8 as head
        from app.live_state`;
      if (!log) throw new Error('app.live_state has no row');
      return log;
    },
    async read(_, after) {
      const rows = await tx<{ id: number; event: LiveEvent }[]>`
        select id::float8, body as event from app.live_log l where l.id > ${after} order by l.id limit ${page}`;
      return { items: rows.map(({ event }) => event), last: rows.at(-1)?.id ?? null, hasMore: rows.length === page };
    },
  });
}
