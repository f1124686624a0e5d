import type { Role } from '../../layers/access.ts';
import type { ReplayEntries } from '../contract/live.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { formatCursor, parseCursor } from '../live/cursor.ts';

export interface EntriesQuery {
  /** Where the reader stands: `epoch.id`. */
  after: string;
  /** Entries up to this time. */
  until: Date;
  /** 12-digit code, or null for the district. */
  town: string | null;
  limit: number;
  /** Entries looked at for one page at most; default 50 000. */
  span?: number;
}

/** A page of a town in which little happens is not found by reading the log of a month at once. */
const SPAN = 50_000;

/**
 * Entries of the live log after a cursor, in their order, up to a time. `isAll` is true when that is all of them; the next
 * page starts after `cursor`. A page may be empty and not the last.
 * @throws ApiError `PARAMETER_INVALID` for a cursor that is none or of another log, `REPLAY_TOO_OLD` when entries after it are gone
 */
export async function readEntries(
  sql: Sql,
  role: Role,
  { after, until, town, limit, span = SPAN }: EntriesQuery,
): Promise<ReplayEntries> {
  const cursor = parseCursor(after);
  if (!cursor) {
    throw new ApiError('PARAMETER_INVALID', `after: "${after}" is not a cursor like 0f3a.17`, {
      field: 'after',
      value: after,
    });
  }
  const [log] = await sql<{ epoch: string; prunedTo: number; upTo: number | null }[]>`
    select app.live_epoch() as epoch, pruned_to::float8 as "prunedTo", app.log_id_at(${until})::float8 as "upTo"
    from app.live_state`;
  if (!log) throw new Error('app.live_state has no row');
  if (cursor.epoch !== log.epoch) {
    throw new ApiError('PARAMETER_INVALID', `after: "${after}" belongs to another log than ${log.epoch}`, {
      field: 'after',
      value: after,
    });
  }
  if (cursor.id < log.prunedTo) {
    throw new ApiError('REPLAY_TOO_OLD', `Entries after ${after} are no longer in the log.`, {
      field: 'after',
      value: after,
    });
  }
  const upTo = log.upTo ?? 0;
  const end = Math.min(upTo, cursor.id + span);
  const rows = await sql<{ id: number; event: ReplayEntries['events'][number] }[]>`
    select id::float8, body as event from app.live_log l
    where l.id > ${cursor.id} and l.id <= ${end}
      and (not restricted or ${role === 'staff'}) and (${town}::text is null or town = ${town})
    order by l.id limit ${limit}`;
  const last = rows.length < limit ? undefined : rows.at(-1)?.id;
  const id = last ?? Math.max(cursor.id, end);
  return {
    cursor: formatCursor({ epoch: log.epoch, id }),
    isAll: last === undefined && end === upTo,
    events: rows.map(({ event }) => event),
  };
}
