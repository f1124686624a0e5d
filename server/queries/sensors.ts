import type { Sql } from '../db/connect.ts';

/** What answers about sensors change with. */
export async function sensorsVersion(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string }[]>`
    select concat_ws(' ', app.live_epoch(), pruned_to, (select max(id) from app.reading_batch), silence_at,
      (select max(derived_at) from app.sensor_source), (select max(load_id) from app.series)) as version
    from app.reading_state`;
  return row?.version ?? '';
}

export interface SensorQuery {
  layers: readonly string[];
  town: string | null;
  /** EPSG:4326 degrees. */
  bbox: readonly [number, number, number, number] | null;
  /** Only sensors that are, or are not, silent. */
  silent: boolean | null;
  limit: number;
}

export interface SensorRow {
  id: string;
  layer: string;
  fid: number;
  title: string;
  lon: number | null;
  lat: number | null;
  town: string | null;
  intervalSeconds: number;
  silentSince: Date | null;
  heardAt: Date | null;
  /** Newest reading of each metric; `at` in ms since 1970. */
  latest: { metric: string; at: number; value: number }[] | null;
  total: number;
  silentTotal: number;
}

/** Sensors with what they said last, by name. Each row also says how many there are altogether. */
export async function listSensors(sql: Sql, { layers, town, bbox, silent, limit }: SensorQuery): Promise<SensorRow[]> {
  const [minLon, minLat, maxLon, maxLat] = bbox ?? [0, 0, 0, 0];
  return await sql<SensorRow[]>`
    with asked as (
      select s.id, s.layer, s.fid, s.title, s.lon, s.lat, s.town_code as town, s.interval_s, q.from_at,
        count(*) over ()::int4 as total, count(q.from_at) over ()::int4 as silent_total
      from app.sensor s left join app.sensor_silence q on q.sensor = s.id and q.to_at is null
      where s.layer = any(${layers as string[]}::text[])
        and (${town}::text is null or s.town_code = ${town})
        and (${bbox === null} or (s.lon between ${minLon}::float8 and ${maxLon}::float8
          and s.lat between ${minLat}::float8 and ${maxLat}::float8))
        and (${silent === null} or (q.from_at is not null) = ${silent === true})
      order by s.id limit ${limit}
    )
    select a.id, a.layer, a.fid::float8, a.title, a.lon, a.lat, a.town, a.interval_s as "intervalSeconds",
      a.from_at as "silentSince", a.total, a.silent_total as "silentTotal", l.heard_at as "heardAt", l.latest
    from asked a left join lateral (
      select max(l.heard_at) as heard_at, json_agg(json_build_object('metric', l.metric, 'at',
        floor(extract(epoch from l.at) * 1000)::float8, 'value', l.value) order by l.metric) as latest
      from app.sensor_latest l where l.sensor = a.id
    ) l on true
    order by a.id`;
}

export interface SensorState extends Omit<SensorRow, 'total' | 'silentTotal'> {
  /** The delivery of readings of its layer that was added last. */
  load: number | null;
  silenceAt: Date;
}

/** One sensor with what its readings depend on. */
export async function findSensor(sql: Sql, id: string): Promise<SensorState | null> {
  const [row] = await sql<SensorState[]>`
    select s.id, s.layer, s.fid::float8, s.title, s.lon, s.lat, s.town_code as town, s.interval_s as "intervalSeconds",
      q.from_at as "silentSince", l.heard_at as "heardAt", l.latest, d.load_id as load, r.silence_at as "silenceAt"
    from app.sensor s cross join app.reading_state r
    left join app.sensor_silence q on q.sensor = s.id and q.to_at is null
    left join app.series d on d.layer_id = s.layer
    left join lateral (
      select max(l.heard_at) as heard_at, json_agg(json_build_object('metric', l.metric, 'at',
        floor(extract(epoch from l.at) * 1000)::float8, 'value', l.value) order by l.metric) as latest
      from app.sensor_latest l where l.sensor = s.id
    ) l on true
    where s.id = ${id}`;
  return row ?? null;
}

/** Readings of a metric within one step: how many, the least, the mean and the most. */
export interface ReadingStep {
  at: Date;
  metric: string;
  count: number;
  min: number;
  avg: number;
  max: number;
}

/** Midnight of a day in China: steps of hours and days begin where people expect them to. */
const ORIGIN = '2000-01-01T00:00:00+08:00';

/** Readings from one instant to before another, by steps of some seconds; steps without a reading are left out. */
export async function listSteps(
  sql: Sql,
  sensor: string,
  metrics: readonly string[],
  from: Date,
  to: Date,
  seconds: number,
): Promise<ReadingStep[]> {
  return await sql<ReadingStep[]>`
    select date_bin(make_interval(secs => ${seconds}::float8), at, ${ORIGIN}::timestamptz) as at, metric,
      count(*)::int4 as count, min(value) as min, avg(value) as avg, max(value) as max
    from app.reading
    where sensor = ${sensor} and metric = any(${metrics as string[]}::text[])
      and at >= ${from}::timestamptz and at < ${to}::timestamptz
    group by 1, 2 order by 1, 2`;
}

/** Times of silence that touch a range. */
export async function listSilences(
  sql: Sql,
  sensor: string,
  from: Date,
  to: Date,
): Promise<{ from: Date; to: Date | null }[]> {
  return await sql<{ from: Date; to: Date | null }[]>`
    select from_at as "from", to_at as "to" from app.sensor_silence
    where sensor = ${sensor} and from_at < ${to} and coalesce(to_at, 'infinity') > ${from} order by from_at`;
}

export interface RejectRow {
  sensor: string;
  metric: string;
  code: string;
  message: string;
  value: string | null;
  via: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/** What was refused lately, newest first. */
export async function listReadingRejects(sql: Sql, code: string | null, limit: number): Promise<RejectRow[]> {
  return await sql<RejectRow[]>`
    select sensor, metric, code, message, value, via, count::float8, first_at as "firstAt", last_at as "lastAt"
    from app.reading_reject where ${code}::text is null or code = ${code} order by last_at desc, sensor limit ${limit}`;
}
