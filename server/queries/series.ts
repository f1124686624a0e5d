import type { Sql } from '../db/connect.ts';

/** What is known of the readings of a layer. */
export interface SeriesState {
  id: number;
  /** Fields of the layer that v1, v2 … are. */
  fields: string[];
  load: number;
  from: Date;
  to: Date;
}

export async function findSeries(sql: Sql, layer: string): Promise<SeriesState | null> {
  const [row] = await sql<SeriesState[]>`
    select series_id as id, fields, load_id as load, from_at as "from", to_at as "to" from app.series
    where layer_id = ${layer}`;
  return row ?? null;
}

/** Readings of one step: how many, and of each value the least, the mean and the most. */
export interface SeriesStep {
  at: Date;
  count: number;
  min: (number | null)[];
  avg: (number | null)[];
  max: (number | null)[];
}

/** Midnight of a day in China: steps of hours and days begin where people expect them to. */
const ORIGIN = '2000-01-01T00:00:00+08:00';

/** Readings of a feature from one instant to before another, by steps of some seconds; steps without a reading are left out. */
export async function listSteps(
  sql: Sql,
  { id, fields }: SeriesState,
  fid: number,
  from: Date,
  to: Date,
  seconds: number,
): Promise<SeriesStep[]> {
  const all = (name: 'min' | 'avg' | 'max') =>
    sql.unsafe(`array[${fields.map((_, i) => `${name}(v${i + 1})`).join(', ')}]::float8[]`);
  return await sql<SeriesStep[]>`
    select date_bin(make_interval(secs => ${seconds}::float8), at, ${ORIGIN}::timestamptz) as at, count(*)::int4 as count,
      ${all('min')} as min, ${all('avg')} as avg, ${all('max')} as max
    from app.observation
    where series_id = ${id}::int4 and fid = ${fid}::int8 and at >= ${from}::timestamptz and at < ${to}::timestamptz
    group by 1 order by 1`;
}
