import type { Role } from '../../layers/access.ts';
import type { Incident, IncidentSnapshot } from '../contract.ts';
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
    { epoch: string; id: number | null; prunedTo: number; first: number | null; begin: Date | null }[]
  >`
    select app.live_epoch() as epoch, app.log_id_at(${at})::float8 as id, pruned_to::float8 as "prunedTo",
      (select min(log_id)::float8 from app.replay_checkpoint where epoch = app.live_epoch()) as first,
      (select greatest(
        (select min(at) from app.replay_checkpoint where epoch = app.live_epoch()),
        (select committed_at from app.live_log order by id limit 1))) as begin
    from app.live_state`;
  if (!row) throw new Error('app.live_state has no row');
  const { epoch, prunedTo, first, begin } = row;
  const id = row.id ?? (prunedTo === 0 ? 0 : null);
  if (id !== null && (prunedTo === 0 || (first !== null && first <= id))) return { epoch, id };
  throw new ApiError(
    'REPLAY_TOO_OLD',
    `The live log begins at ${begin?.toISOString() ?? 'nothing'}; ${at.toISOString()} is before that.`,
    { field: 'at', value: at.toISOString() },
  );
}

/**
 * What a screen showed at a time: the snapshot of then. Followed by the entries of the log after its cursor, it becomes what
 * the screen showed later.
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
    const rows = await tx<{ incident: Incident }[]>`
      select incident from app.open_incidents_at(${place.id})
      where (not restricted or ${role === 'staff'}) and (${town}::text is null or town = ${town})
      order by incident_id desc`;
    const [day] = await tx<{ created: number; closed: number }[]>`
      select (count(*) filter (where type = 'incident.created'))::int4 as created,
        (count(*) filter (where type = 'incident.closed'))::int4 as closed
      from (
        select body->>'type' as type from app.live_log
        where id <= ${place.id}
          and committed_at >= date_trunc('day', ${at}::timestamptz at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
          and (not restricted or ${role === 'staff'}) and (${town}::text is null or town = ${town})
      ) entry`;
    const cells = new Map<string, { open: number; overdue: number }>();
    for (const { incident } of rows) {
      const cell = cells.get(incident.grid) ?? { open: 0, overdue: 0 };
      cell.open += 1;
      if (incident.dueAt !== null && Date.parse(incident.dueAt) < at.getTime()) cell.overdue += 1;
      cells.set(incident.grid, cell);
    }
    const codes = [...cells.keys()].toSorted();
    const column = (name: 'open' | 'overdue') => codes.map((code) => cells.get(code)?.[name] ?? 0);
    const overdue = column('overdue');
    return {
      cursor: formatCursor(place),
      incidents: rows.slice(0, limit).map(({ incident }) => incident),
      openTotal: rows.length,
      overdueTotal: overdue.reduce((sum, count) => sum + count, 0),
      createdToday: day?.created ?? 0,
      closedToday: day?.closed ?? 0,
      cells: { codes, open: column('open'), overdue },
    };
  }) as Promise<IncidentSnapshot>;
}
