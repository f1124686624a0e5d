import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { followSource, type FollowedSource } from '../duty/follow-source.ts';
import type { Position } from './live-rules.ts';

/** Batches dealt with at once. */
const PAGE = 20;
const KEPT = '6 hours';

/** Deals with every position that was stored exactly once, whichever process gets to it. */
export interface PositionFollower {
  name: string;
  /** Inside the transaction that also notes them as dealt with, in the order of their commits. */
  handle(tx: TransactionSql, positions: readonly Position[]): Promise<void>;
  /** Told when positions were lost to the follower: it was away longer than batches are kept. */
  onGap(): void;
}

export async function followPositions(duties: Duties, follower: PositionFollower): Promise<void> {
  await duties.take({
    name: follower.name,
    everyMs: 1000,
    channel: 'positions',
    turn: (sql) => followPositionsOnce(sql, follower),
  });
  await duties.every({
    name: `${follower.name}.prune`,
    everyMs: 3_600_000,
    run: async (tx) =>
      void (await tx`delete from app.position_batch where committed_at < clock_timestamp() - ${KEPT}::text::interval`),
  });
}

/** Gives a follower the next positions, if nobody else is at it; the first turn starts after the present end. */
export async function followPositionsOnce(sql: Sql, follower: PositionFollower): Promise<boolean> {
  return sql.begin((tx) => followSource(tx, follower, POSITIONS));
}

const POSITIONS: FollowedSource<Position> = {
  async ends(tx, after) {
    const [log] = await tx<{ epoch: string; first: number | null; head: number }[]>`
      select app.live_epoch() as epoch, (select min(id)::float8 from app.position_batch) as first,
        coalesce((select max(id) from app.position_batch), ${after}::float8::bigint)::float8 as head`;
    if (!log) throw new Error('the ends of app.position_batch were not answered');
    // Nothing was dealt with yet: nothing of it can be lost.
    return { ...log, prunedTo: log.first === null || after === 0 ? 0 : log.first - 1 };
  },
  async read(tx, after) {
    const batches = await tx<
      { id: number; layer: string[]; vehicle: string[]; at: number[]; lon: number[]; lat: number[] }[]
    >`
      select id::float8, kind as layer, vehicle, lon, lat, array(
        select (extract(epoch from u.at) * 1000)::float8 from unnest(b.at) with ordinality u(at, ord) order by ord) as at
      from app.position_batch b where b.id > ${after} order by b.id limit ${PAGE}`;
    const items = batches.flatMap(({ layer, vehicle, at, lon, lat }) =>
      vehicle.map((each, i): Position => ({
        layer: layer[i] as string,
        vehicle: each,
        at: at[i] as number,
        lon: lon[i] as number,
        lat: lat[i] as number,
      })),
    );
    return { items, last: batches.at(-1)?.id ?? null, hasMore: batches.length === PAGE };
  },
};
