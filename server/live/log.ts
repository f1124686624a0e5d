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

/** Cuts the entries of a page: a control character, which no JSON holds as it is. */
const CUT = '\u001F';

/** A page as the database answers it: the columns of its entries as texts, null where there are none. */
interface PageRow {
  epoch: string;
  prunedTo: number;
  ids: string | null;
  towns: string | null;
  restricted: string | null;
  bodies: string | null;
}

/**
 * Reads a page of the log in id order, which is commit order. One row of texts: a row for each entry costs both sides
 * several times as much.
 */
export async function readLog(sql: Sql, range: LogRange): Promise<LogPage> {
  const { after, upTo, town, withRestricted, limit } = range;
  const [row] = await sql<PageRow[]>`
    select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo", page.*
    from app.live_state
    cross join lateral (
      select string_agg(id::text, ',') as ids, string_agg(town, ',') as towns,
        string_agg(case when restricted then '1' else '0' end, '') as restricted, string_agg(body::text, ${CUT}) as bodies
      from (
        select id, town, restricted, body from app.live_log
        where id > ${after}
          ${upTo === undefined ? sql`` : sql`and id <= ${upTo}`}
          ${town === undefined ? sql`` : sql`and town in (${town}, ${DISTRICT})`}
          ${withRestricted ? sql`` : sql`and not restricted`}
        order by id limit ${limit}
      ) entry
    ) page`;
  if (!row) throw new Error('app.live_state has no row');
  return { epoch: row.epoch, prunedTo: row.prunedTo, entries: entriesOf(row) };
}

function entriesOf({ ids, towns, restricted, bodies }: PageRow): LogEntry[] {
  if (ids === null || towns === null || restricted === null || bodies === null) return [];
  const [allTowns, allBodies] = [towns.split(','), bodies.split(CUT)];
  return ids.split(',').map((id, index) => ({
    id: Number(id),
    town: allTowns[index] as string,
    restricted: restricted[index] === '1',
    json: allBodies[index] as string,
  }));
}

/** The end of the log. Inside a repeatable-read transaction it belongs to the same moment as everything read there. */
export async function readHead(sql: Sql | TransactionSql): Promise<Cursor> {
  const [row] = await sql<Cursor[]>`
    select app.live_epoch() as epoch, greatest(pruned_to, (select max(id) from app.live_log))::float8 as id
    from app.live_state`;
  if (!row) throw new Error('app.live_state has no row');
  return row;
}
