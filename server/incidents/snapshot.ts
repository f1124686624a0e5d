import type { Sql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { Incident, IncidentSnapshot } from '../contract/incidents.ts';
import { formatCursor } from '../live/cursor.ts';
import { readHead } from '../live/log.ts';
import { COUNTS_AS_CLOSED, COUNTS_AS_OPEN } from './counts-as-open.ts';

/** Start of the local day in Chancheng as SQL: counts of "today" begin there. */
const TODAY = "date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'";

/**
 * What a screen starts from. Cursor and rows are read in one database snapshot, and log ids are visible in order:
 * the state shown here plus every log entry after `cursor` is the truth, with nothing missing and nothing twice.
 *
 * @param limit incidents listed at most, newest first, every report among them; the counts cover all of them
 * @param town 12-digit code, or null for the district
 */
export function readSnapshot(sql: Sql, role: Role, town: string | null, limit: number): Promise<IncidentSnapshot> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const head = await readHead(tx);
    const visible = tx`(not restricted or ${role === 'staff'}) and (${town}::text is null or town_code = ${town})`;
    const [day] = await tx<{ created: number; closed: number }[]>`
      select
        (select count(*)::int4 from app.incident where received_at >= ${tx.unsafe(TODAY)} and ${visible}) as created,
        (select count(*)::int4 from app.incident where closed_at >= ${tx.unsafe(TODAY)} and ${tx.unsafe(COUNTS_AS_CLOSED)} and ${visible}) as closed`;
    const cells = await tx<{ code: string; open: number; overdue: number }[]>`
      select grid_code as code, count(*)::int4 as open, (count(*) filter (where due_at < now()))::int4 as overdue
      from app.incident where ${tx.unsafe(COUNTS_AS_OPEN)} and ${visible} group by grid_code order by grid_code`;
    const incidents = await tx<{ incident: Incident }[]>`
      select app.incident_json(i) as incident from app.incident i
      where state = 'open' and ${visible} order by id desc limit ${limit}`;
    return {
      cursor: formatCursor(head),
      incidents: incidents.map((row) => row.incident),
      openTotal: cells.reduce((sum, cell) => sum + cell.open, 0),
      overdueTotal: cells.reduce((sum, cell) => sum + cell.overdue, 0),
      createdToday: day?.created ?? 0,
      closedToday: day?.closed ?? 0,
      cells: {
        codes: cells.map((cell) => cell.code),
        open: cells.map((cell) => cell.open),
        overdue: cells.map((cell) => cell.overdue),
      },
    };
  }) as Promise<IncidentSnapshot>;
}
