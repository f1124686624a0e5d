import type { Sql, TransactionSql } from '../db/connect.ts';
import { kindOf } from './kinds.ts';
import type { GroupedReport, Report } from './likeness.ts';

/** An incident that may be a report of something known. */
export interface Fresh extends Report {
  /** Open reports of near kinds near it lately, each with the oldest of its group. */
  others: GroupedReport[];
  /** Incidents that somebody said are something else. */
  apart: number[];
}

/** Reports looked at for each incident, the nearest ones. */
const NEAREST = 60;
const METRES_PER_DEGREE = 111_195;

/** The open ones of these incidents, in the order of their ids, with what each may be a report of. */
export async function readCandidates(sql: Sql | TransactionSql, ids: readonly number[]): Promise<Fresh[]> {
  const reports = await sql<(Report & { apart: number[] })[]>`
    select i.id, i.category, i.title, i.lon, i.lat, extract(epoch from i.occurred_at)::float8 * 1000 as "occurredAt",
      array(select case when p.a = i.id then p.b else p.a end from app.incident_apart p where i.id in (p.a, p.b)) as apart
    from app.incident i where i.id = any (${[...ids]}::bigint[]) and i.state = 'open' order by i.id`;
  if (reports.length === 0) return [];
  const asked = reports.map(({ id, category, lat }) => {
    const { codes, metres, hours } = kindOf(category);
    const high = metres / METRES_PER_DEGREE;
    return { id, codes, wide: high / Math.cos((lat * Math.PI) / 180), high, hours };
  });
  const others = await sql<(GroupedReport & { of: number })[]>`
    select n.id as of, m.* from json_to_recordset(${JSON.stringify(asked)}::text::json)
      as a(id bigint, codes text[], wide float8, high float8, hours float8)
    join app.incident n on n.id = a.id
    join lateral (
      select i.id, coalesce(i.parent_id, i.id) as root, i.category, i.title, i.lon, i.lat,
        extract(epoch from i.occurred_at)::float8 * 1000 as "occurredAt"
      from app.incident i
      where i.geom && st_makeenvelope(n.lon - a.wide, n.lat - a.high, n.lon + a.wide, n.lat + a.high, 4326)
        and i.id <> n.id and i.state = 'open' and i.restricted = n.restricted and i.category = any (a.codes)
        and i.occurred_at between n.occurred_at - make_interval(secs => a.hours * 3600)
          and n.occurred_at + make_interval(secs => a.hours * 3600)
      order by i.geom <-> n.geom, i.id limit ${NEAREST}
    ) m on true
    order by n.id, m.id`;
  const byReport = new Map<number, GroupedReport[]>(reports.map(({ id }) => [id, []]));
  for (const { of, ...other } of others) byReport.get(of)?.push(other);
  return reports.map((report) => ({ ...report, others: byReport.get(report.id) ?? [] }));
}
