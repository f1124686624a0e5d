import type { Sql } from '../db/connect.ts';

/** A row of `app.reject`, unmasked. */
export interface RejectRow {
  id: number;
  line: number | null;
  code: string;
  field: string | null;
  value: string | null;
  message: string;
  raw: Record<string, unknown> | null;
  lon: number | null;
  lat: number | null;
}

/** Rows of a load that were set aside, in the order they were found, after the row `after`. */
export async function listRejects(
  sql: Sql,
  load: number,
  code: string | null,
  after: number,
  limit: number,
): Promise<RejectRow[]> {
  return await sql<RejectRow[]>`
    select reject_id as id, line, code, field, value, message, raw, lon, lat from app.reject
    where load_id = ${load}::int4 and reject_id > ${after}::int8 and (${code}::text is null or code = ${code}::text)
    order by reject_id limit ${limit}::int4`;
}

/** Reasons and how often, most frequent first; `placed` of them have a place. */
export async function countRejects(sql: Sql, load: number): Promise<{ code: string; count: number; placed: number }[]> {
  return await sql<{ code: string; count: number; placed: number }[]>`
    select code, count(*)::int4 as count, count(lon)::int4 as placed from app.reject
    where load_id = ${load}::int4 group by code order by count desc, code`;
}

/** Repairs and how often, most frequent first. */
export async function countRepairs(sql: Sql, load: number): Promise<{ code: string; count: number }[]> {
  return await sql<{ code: string; count: number }[]>`
    select code, count(*)::int4 as count from app.repair
    where load_id = ${load}::int4 group by code order by count desc, code`;
}

export interface RejectPlace {
  id: number;
  load: number;
  code: string;
  lon: number;
  lat: number;
}

/** `[minLon, minLat, maxLon, maxLat]` */
export type Extent = readonly [number, number, number, number];

/** True for a row that lies outside the extent; false for all where there is none. */
function isOutside(sql: Sql, extent: Extent | null) {
  return extent === null
    ? // A bare constant is no key to order by.
      sql`(select false)`
    : sql`(lon < ${extent[0]}::float8 or lat < ${extent[1]}::float8 or lon > ${extent[2]}::float8 or lat > ${extent[3]}::float8)`;
}

/** Where the rows lie that these loads set aside: at most `limit`, those outside the extent first, then oldest first. */
export async function listRejectPlaces(
  sql: Sql,
  loads: readonly number[],
  code: string | null,
  extent: Extent | null,
  limit: number,
): Promise<RejectPlace[]> {
  return await sql<RejectPlace[]>`
    select reject_id as id, load_id as load, code, lon, lat from app.reject
    where load_id = any(${loads as number[]}::int4[]) and lon is not null and lat is not null
      and (${code}::text is null or code = ${code}::text)
    order by ${isOutside(sql, extent)} desc, reject_id limit ${limit}::int4`;
}

export async function countRejectPlaces(
  sql: Sql,
  loads: readonly number[],
  code: string | null,
  extent: Extent | null,
): Promise<{ total: number; placed: number; outside: number }> {
  const [row] = await sql<{ total: number; placed: number; outside: number }[]>`
    select count(*)::int4 as total, count(lon)::int4 as placed,
      count(*) filter (where ${isOutside(sql, extent)})::int4 as outside
    from app.reject
    where load_id = any(${loads as number[]}::int4[]) and (${code}::text is null or code = ${code}::text)`;
  return row ?? { total: 0, placed: 0, outside: 0 };
}
