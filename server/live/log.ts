import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Cursor } from './cursor.ts';

/** Entries of the whole district have this in place of a town. */
export const DISTRICT = '440604000000';

/** One row of the live log. `json` is the `LiveEvent` of the contract, ready to be sent. */
export interface LogEntry {
  id: number;
  town: string;
  /** Not for the public. */
  restricted: boolean;
  json: string;
}

/** Rows of the log with what must be known to trust them, read in one statement. */
export interface LogPage {
  epoch: string;
  /** Entries up to this id are no longer in the log: a cursor below it cannot be served. */
  prunedTo: number;
  entries: LogEntry[];
}

export interface LogRange {
  /** Ids above this one. */
  after: number;
  /** Ids up to this one; everything when left out. */
  upTo?: number;
  /** 12-digit town code; every town when left out. */
  town?: string;
  withRestricted: boolean;
  limit: number;
}

/** Reads a page of the log in id order, which is commit order. */
export async function readLog(sql: Sql, range: LogRange): Promise<LogPage> {
  const { after, upTo, town, withRestricted, limit } = range;
  const rows = await sql<
    { epoch: string; prunedTo: number; id: number | null; town: string; restricted: boolean; json: string }[]
  >`
    with state as materialized (
      -- Else the epoch would be told anew for every row, which costs more than the row.
      select app.live_epoch() as epoch, pruned_to::float8 from app.live_state
    )
    select state.epoch, state.pruned_to as "prunedTo", log.*
    from state
    left join lateral (
      select id::float8, town, restricted, body::text as json from app.live_log
      where id > ${after}
        ${upTo === undefined ? sql`` : sql`and id <= ${upTo}`}
        ${town === undefined ? sql`` : sql`and town in (${town}, ${DISTRICT})`}
        ${withRestricted ? sql`` : sql`and not restricted`}
      order by id limit ${limit}
    ) log on true
    order by log.id`;
  const [first] = rows;
  if (!first) throw new Error('app.live_state has no row');
  return {
    epoch: first.epoch,
    prunedTo: first.prunedTo,
    entries:
      first.id === null
        ? []
        : rows.map(({ id, town, restricted, json }) => ({ id: id as number, town, restricted, json })),
  };
}

/** The end of the log. Inside a repeatable-read transaction it belongs to the same moment as everything read there. */
export async function readHead(sql: Sql | TransactionSql): Promise<Cursor> {
  const [row] = await sql<Cursor[]>`
    select app.live_epoch() as epoch, greatest(pruned_to, (select max(id) from app.live_log))::float8 as id
    from app.live_state`;
  if (!row) throw new Error('app.live_state has no row');
  return row;
}
