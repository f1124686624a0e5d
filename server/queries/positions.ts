import type { Sql } from '../db/connect.ts';

export interface PositionQuery {
  kinds: readonly string[];
  /** Only vehicles that were heard of after this cursor; 0: all. */
  since: number;
  bbox: readonly [number, number, number, number] | null;
  /** Only those heard of in this many seconds. */
  maxAgeSeconds: number;
}

export interface VehicleRow {
  /** Tells vehicles apart without naming them. */
  id: string;
  kind: string;
  vehicle: string;
  label: string | null;
  /** ms since 1970. */
  at: number;
  lon: number;
  lat: number;
  speed: number | null;
  bearing: number | null;
}

/** Everything after a cursor that was answered is new: numbers are drawn in the order of commits. */
export async function positionCursor(sql: Sql): Promise<number> {
  const [row] = await sql<
    { cursor: number }[]
  >`select coalesce(max(seq), 0)::float8 as cursor from app.position_latest`;
  return row?.cursor ?? 0;
}

/** Ids as everybody may know them: not even a masked number can be found by trying. */
const ID = `left(md5((select seed from app.live_state) || kind || ' ' || vehicle), 12)`;

/** Where vehicles were last, and the cursor of this moment. */
export async function listVehicles(sql: Sql, query: PositionQuery): Promise<{ cursor: number; rows: VehicleRow[] }> {
  const { kinds, since, bbox, maxAgeSeconds } = query;
  const [minLon, minLat, maxLon, maxLat] = bbox ?? [0, 0, 0, 0];
  const rows = await sql<(VehicleRow & { cursor: number })[]>`
    select head.cursor, v.* from (select coalesce(max(seq), 0)::float8 as cursor from app.position_latest) head
    left join lateral (
      select ${sql.unsafe(ID)} as id, kind, vehicle, label, floor(extract(epoch from at) * 1000)::float8 as at, lon, lat,
        speed::float8, bearing::float8
      from app.position_latest
      where kind = any(${kinds as string[]}::text[]) and seq > ${since}
        and at > clock_timestamp() - make_interval(secs => ${maxAgeSeconds})
        and (${bbox === null} or (lon between ${minLon}::float8 and ${maxLon}::float8
          and lat between ${minLat}::float8 and ${maxLat}::float8))
    ) v on true
    order by v.kind, v.id`;
  return { cursor: rows[0]?.cursor ?? 0, rows: rows.filter(({ id }) => id !== null) };
}

export interface Trail {
  id: string;
  at: number[];
  lon: number[];
  lat: number[];
}

/** Where some vehicles have been lately, oldest first. */
export async function listTrails(
  sql: Sql,
  vehicles: readonly Pick<VehicleRow, 'kind' | 'vehicle'>[],
  seconds: number,
): Promise<Trail[]> {
  return await sql<Trail[]>`
    select ${sql.unsafe(ID)} as id, array_agg(floor(extract(epoch from at) * 1000)::float8 order by at) as at,
      array_agg(lon order by at) as lon, array_agg(lat order by at) as lat
    from app.position
    join unnest(${vehicles.map(({ kind }) => kind)}::text[], ${vehicles.map(({ vehicle }) => vehicle)}::text[])
      asked(kind, vehicle) using (kind, vehicle)
    where at > clock_timestamp() - make_interval(secs => ${seconds})
    group by kind, vehicle`;
}
