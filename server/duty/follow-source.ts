import type { TransactionSql } from '../db/connect.ts';

/** How far a source of numbered entries reaches, in which database. */
export interface SourceEnds {
  /** Names the database that the numbers belong to, `app.live_epoch()`. */
  epoch: string;
  /** Entries up to here can no longer be read. */
  prunedTo: number;
  /** The last entry. */
  head: number;
}

/** Entries after those that were dealt with. */
export interface SourcePage<T> {
  items: readonly T[];
  /** Number of the last one; null: there was none. */
  last: number | null;
  hasMore: boolean;
}

/** Where the entries of a follower come from. Their numbers become visible in their order. */
export interface FollowedSource<T> {
  /** @param after what was dealt with so far; 0 for a new follower */
  ends(tx: TransactionSql, after: number): Promise<SourceEnds>;
  read(tx: TransactionSql, after: number): Promise<SourcePage<T>>;
}

export interface SourceFollower<T> {
  /** Name in `app.duty`. */
  name: string;
  handle(tx: TransactionSql, items: readonly T[]): Promise<void>;
  /** Told when entries were lost: the database is another one, or they were pruned. */
  onGap?(tx: TransactionSql): Promise<void> | void;
  /** Told once, at the very beginning. */
  onFirst?(tx: TransactionSql): Promise<void>;
}

/**
 * Gives a follower the next entries of a source exactly once, if nobody else is at it, in the transaction that also notes
 * them as dealt with. The first turn starts after the present end. True when there may be more.
 * @throws what `handle` throws; the same entries come again then
 */
export async function followSource<T>(
  tx: TransactionSql,
  { name, handle, onGap, onFirst }: SourceFollower<T>,
  source: FollowedSource<T>,
): Promise<boolean> {
  const [held] = await tx<{ epoch: string | null; logId: number | null }[]>`
    select epoch, log_id::float8 as "logId" from app.duty where name = ${name} for update skip locked`;
  if (!held) return false;
  const isNew = held.logId === null;
  const after = held.logId ?? 0;
  const { epoch, prunedTo, head } = await source.ends(tx, after);
  const hasGap = !isNew && (held.epoch !== epoch || after < prunedTo);
  if (isNew || hasGap) {
    await tx`update app.duty set ran_at = now(), epoch = ${epoch}, log_id = ${head} where name = ${name}`;
    if (hasGap) await onGap?.(tx);
    else await onFirst?.(tx);
    return false;
  }
  if (head <= after) return false;
  const { items, last, hasMore } = await source.read(tx, after);
  if (last === null) return false;
  await tx`update app.duty set ran_at = now(), log_id = ${last} where name = ${name}`;
  await handle(tx, items);
  return hasMore;
}
