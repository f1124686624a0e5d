import type { Role } from '../../layers/access.ts';
import type { Reporter } from '../contract/incidents.ts';
import type { ReportProgress } from '../contract/reports.ts';
import type { Sql } from '../db/connect.ts';

/** The token of the report of an incident; undefined where it has none. */
export async function findToken(sql: Sql, key: string): Promise<string | undefined> {
  const [row] = await sql<{ token: string | null }[]>`select token from app.incident_report where key = ${key}`;
  return row?.token ?? undefined;
}

type Found = Omit<ReportProgress, 'mayRate' | 'filesLeft'> & { filesOfReporter: number; isExpired: boolean };

/**
 * What became of the report with this token. `isExpired`: it was over so long ago that its token leads nowhere any more.
 */
export async function findProgress(
  sql: Sql,
  token: string,
  days: number,
): Promise<
  { progress: Omit<Found, 'isExpired' | 'filesOfReporter'>; filesOfReporter: number; isExpired: boolean } | undefined
> {
  const [row] = await sql<Found[]>`
    select i.id::float8 as number, i.category,
      json_build_object('zh', i.category_zh, 'en', i.category_en) as "categoryTitle",
      i.state, i.stage, app.iso_time(i.received_at) as "receivedAt",
      app.iso_time(coalesce(i.updated_at, i.closed_at, i.received_at)) as "updatedAt", app.iso_time(i.due_at) as "dueAt",
      app.iso_time(i.closed_at) as "closedAt", i.lon, i.lat,
      coalesce((select json_agg(json_build_object('stage', to_stage, 'at', app.iso_time(at)) order by e.id)
        from app.incident_event e where e.incident_id = i.id and e.to_stage is distinct from e.from_stage), '[]') as stages,
      (select json_build_object('state', p.state, 'stage', p.stage) from app.incident p where p.id = i.parent_id) as merged,
      (select json_build_object('score', score, 'by', rated_by, 'at', app.iso_time(at))
        from app.incident_rating where incident_id = i.id) as rating,
      m.files, m.files_of_reporter as "filesOfReporter",
      coalesce(i.closed_at < now() - make_interval(days => ${days}), false) as "isExpired"
    from app.incident_report r join app.incident i using (key),
      lateral (select
          -- Collectors hand in what it looked like before and after their work.
          count(*) filter (where phase = 'report' or (i.source = 'collector' and post = 'collector'))::int as files,
          count(*) filter (where post = 'reporter')::int as files_of_reporter
        from app.incident_media where incident_id = i.id and removed_at is null) m
    where r.token = ${token}`;
  if (!row) return undefined;
  const { isExpired, filesOfReporter, ...progress } = row;
  return { progress, filesOfReporter, isExpired };
}

/** Who reported an incident; undefined where nobody said so. */
export async function findReporter(sql: Sql, role: Role, id: number): Promise<Reporter | undefined> {
  const [row] = await sql<{ name: string | null; phone: string | null; email: string | null }[]>`
    select name, phone, email from app.incident i join app.incident_reporter r using (key)
    where i.id = ${id} and (not i.restricted or ${role === 'staff'})`;
  if (!row) return undefined;
  return Object.fromEntries(Object.entries(row).filter(([, text]) => text !== null)) as Reporter;
}

export interface ServiceRequestQuery {
  ids?: readonly number[] | undefined;
  codes?: readonly string[] | undefined;
  states?: readonly string[] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  limit: number;
}

export interface ServiceRequest {
  id: number;
  category: string;
  category_zh: string;
  category_en: string;
  state: 'open' | 'closed';
  stage: string;
  department: string | null;
  lon: number;
  lat: number;
  received_at: Date;
  updated_at: Date;
  due_at: Date | null;
  description: string | null;
  address: string | null;
}

/** Incidents as requests for service, newest first, of those the caller may see. */
export async function listServiceRequests(
  sql: Sql,
  role: Role,
  { ids, codes, states, from, to, limit }: ServiceRequestQuery,
): Promise<ServiceRequest[]> {
  return sql<ServiceRequest[]>`
    select i.id::float8, category, category_zh, category_en, state, stage, department, lon, lat, received_at,
      coalesce(updated_at, closed_at, received_at) as updated_at, due_at, r.description, r.address
    from app.incident i left join app.incident_report r using (key)
    where (not restricted or ${role === 'staff'})
      ${ids === undefined ? sql`` : sql`and i.id = any (${[...ids]}::bigint[])`}
      ${codes === undefined ? sql`` : sql`and category = any (${[...codes]}::text[])`}
      ${states === undefined ? sql`` : sql`and state = any (${[...states]}::text[])`}
      ${from === undefined ? sql`` : sql`and received_at >= ${from}`}
      ${to === undefined ? sql`` : sql`and received_at <= ${to}`}
    order by received_at desc, i.id desc limit ${limit}`;
}

/** The incident that a token belongs to. */
export async function findByToken(sql: Sql, token: string): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    select i.id::float8 from app.incident_report r join app.incident i using (key) where r.token = ${token}`;
  return row?.id;
}
