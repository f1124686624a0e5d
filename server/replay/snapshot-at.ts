import type { Role } from '../../layers/access.ts';
import type { Incident, IncidentSnapshot } from '../contract/incidents.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { formatCursor } from '../live/cursor.ts';

/** Where a time lies in the live log: the last entry up to it, 0 before the first. */
export interface LogPlace {
  epoch: string;
  id: number;
}

/**
 * Finds a time in the live log.
 * @throws ApiError `REPLAY_TOO_OLD` when the log no longer reaches back to it
 */
export async function placeInLog(sql: Sql | TransactionSql, at: Date): Promise<LogPlace> {
  const [row] = await sql<
    { epoch: string; id: number | null; prunedTo: number; isKnown: boolean; begin: Date | null }[]
  >`
    select app.live_epoch() as epoch, found.id::float8 as id, pruned_to::float8 as "prunedTo",
      app.replay_base(found.id) is not null as "isKnown",
      (select greatest(
        (select min(at) from app.replay_checkpoint where epoch = app.live_epoch() and log_id >= pruned_to),
        (select committed_at from app.live_log order by id limit 1))) as begin
    from app.live_state, (select app.log_id_at(${at}) as id) found`;
  if (!row) throw new Error('app.live_state has no row');
  const { epoch, prunedTo, isKnown, begin } = row;
  const id = row.id ?? (prunedTo === 0 ? 0 : null);
  if (id !== null && (prunedTo === 0 || isKnown)) return { epoch, id };
  throw new ApiError(
    'REPLAY_TOO_OLD',
    `The live log begins at ${begin?.toISOString() ?? 'nothing'}; ${at.toISOString()} is before that.`,
    { field: 'at', value: at.toISOString() },
  );
}

/**
 * What a screen showed at a time: the snapshot of then. Followed by the entries of the log after its cursor, it becomes what
 * the screen showed later. Counts are made of columns; only what is listed is read whole.
 * @param limit incidents listed at most, newest first; the counts cover all of them
 * @param town 12-digit code, or null for the district
 * @throws ApiError `REPLAY_TOO_OLD`
 */
export function readSnapshotAt(
  sql: Sql,
  role: Role,
  { at, town, limit }: { at: Date; town: string | null; limit: number },
): Promise<IncidentSnapshot> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const place = await placeInLog(tx, at);
    const isVisible = tx`(not restricted or ${role === 'staff'}) and (${town}::text is null or town = ${town})`;
    const [open] = await tx<[{ cells: { code: string; open: number; overdue: number }[]; incidents: Incident[] }]>`
      with open as materialized (
        select * from app.open_incidents_at(${place.id}) where ${isVisible}
      ), listed as materialized (
        select incident_id, entry, chunk from open order by incident_id desc limit ${limit}
      )
      select coalesce((
        select json_agg(c order by c.code) from (
          select grid as code, count(*) as open, count(*) filter (where due < ${at}) as overdue
          from open where not report group by grid
        ) c), '[]') as cells,
        coalesce((
          select json_agg(t.body order by t.incident_id desc)
          from app.told_incidents_at(${place.id}, (select array_agg(entry) from listed),
            (select array_agg(distinct chunk) from listed),
            (select array_agg(incident_id) from listed where chunk is not null)) t), '[]') as incidents`;
    const [day] = await tx<[{ created: number; closed: number }]>`
      select created, closed from app.log_counts(${place.id},
        date_trunc('day', ${at}::timestamptz at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai',
        ${role === 'staff'}, ${town})`;
    const { cells, incidents } = open;
    return {
      cursor: formatCursor(place),
      incidents,
      openTotal: cells.reduce((sum, cell) => sum + cell.open, 0),
      overdueTotal: cells.reduce((sum, cell) => sum + cell.overdue, 0),
      createdToday: day.created,
      closedToday: day.closed,
      cells: {
        codes: cells.map(({ code }) => code),
        open: cells.map((cell) => cell.open),
        overdue: cells.map((cell) => cell.overdue),
      },
    };
  }) as Promise<IncidentSnapshot>;
}
