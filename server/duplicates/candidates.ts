import type { Sql, TransactionSql } from '../db/connect.ts';
import { kindOf } from './kinds.ts';
import type { GroupedReport, Report } from './likeness.ts';

/** A report that others may be reports of. */
export interface Candidate extends GroupedReport {
  /** In no group with others, and received within the minute before the report or after it: its turn may be still to come. */
  isNew: boolean;
}

/** An incident that may be a report of something known. */
export interface Fresh extends Report {
  /** Open reports of near kinds near it lately, each with the oldest of its group. */
  others: Candidate[];
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
  const others = await sql<(Candidate & { of: number })[]>`
    select n.id as of, m.* from json_to_recordset(${JSON.stringify(asked)}::text::json)
      as a(id bigint, codes text[], wide float8, high float8, hours float8)
    join app.incident n on n.id = a.id
    join lateral (
      select i.id, coalesce(i.parent_id, i.id) as root, i.category,
        i.parent_id is null and i.report_count = 1 and i.received_at > n.received_at - interval '1 minute' as "isNew",
        i.title, i.lon, i.lat,
        extract(epoch from i.occurred_at)::float8 * 1000 as "occurredAt"
      from app.incident i
      where i.geom && st_makeenvelope(n.lon - a.wide, n.lat - a.high, n.lon + a.wide, n.lat + a.high, 4326)
        and i.id <> n.id and i.state = 'open' and i.restricted = n.restricted and i.category = any (a.codes)
        and i.occurred_at between n.occurred_at - make_interval(secs => a.hours * 3600)
          and n.occurred_at + make_interval(secs => a.hours * 3600)
      order by i.geom <-> n.geom, i.id limit ${NEAREST}
    ) m on true
    order by n.id, m.id`;
  const byReport = new Map<number, Candidate[]>(reports.map(({ id }) => [id, []]));
  for (const { of, ...other } of others) byReport.get(of)?.push(other);
  return reports.map((report) => ({ ...report, others: byReport.get(report.id) ?? [] }));
}

/**
 * Like {@link readCandidates}, with those near them that are new and alone. Either their turn is still to come, since an incident
 * is stored before the log tells of it, or it came before that of one which was stored later. Looked at in the order
 * of ids they find each other, whatever the log has told by now; else some would be joined to one of them, some to another.
 */
export async function readFresh(sql: Sql | TransactionSql, ids: readonly number[]): Promise<Fresh[]> {
  const asked = await readCandidates(sql, ids);
  const late = new Set(asked.flatMap(({ others }) => others.filter(({ isNew }) => isNew).map(({ id }) => id)));
  for (const { id } of asked) late.delete(id);
  if (late.size === 0) return asked;
  return [...asked, ...(await readCandidates(sql, [...late]))].toSorted((a, b) => a.id - b.id);
}
