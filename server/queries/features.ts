import type { Geometry as GeoJsonGeometry } from 'geojson';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { Predicate } from '../filter/predicate.ts';
import { type Fragment, toSql } from '../filter/to-sql.ts';
import { liveTable } from './layer-version.ts';

/** A row of a layer: its fields by name, unmasked. */
export interface FeatureRow {
  fid: number;
  /** EPSG:4326, or null without a place. */
  geometry: GeoJsonGeometry | null;
  fields: Record<string, unknown>;
  grid_code: string | null;
  community_code: string | null;
  town_code: string | null;
}

/** Digits after the point: 7 is a centimetre. */
const PRECISION = 7;

export type Row = Record<string, unknown> &
  Pick<FeatureRow, 'fid' | 'geometry' | 'grid_code' | 'community_code' | 'town_code'>;

/** The columns that `toFeature` reads. `geometry` is GeoJSON as the database makes it. */
export function selection(
  sql: Sql,
  layer: Layer,
  geometry: Fragment = sql`st_asgeojson(geom, ${PRECISION}::int4)::json`,
): Fragment {
  let list = sql`fid, ${geometry} as geometry, grid_code, community_code, town_code`;
  Object.keys(layer.fields).forEach((name, index) => {
    list = sql`${list}, ${sql(name)} as ${sql(`f${index}`)}`;
  });
  return list;
}

export function toFeature(layer: Layer, row: Row): FeatureRow {
  const { fid, geometry, grid_code, community_code, town_code } = row;
  const fields = Object.fromEntries(Object.keys(layer.fields).map((name, index) => [name, row[`f${index}`] ?? null]));
  return { fid, geometry, fields, grid_code, community_code, town_code };
}

/** The field rows are ordered by. Rows without a value come last either way, rows of one value in the order of `fid`. */
export interface Sort {
  field: string;
  isDescending: boolean;
}

/** Up to `limit` rows that match, after the row `after`, in the order of `fid` or of a field. */
export async function listFeatures(
  sql: Sql,
  layer: Layer,
  predicate: Predicate,
  after: number,
  limit: number,
  table = liveTable(layer.id),
  sort: Sort | null = null,
): Promise<FeatureRow[]> {
  const { where, order } = sort === null ? byFid(sql, after) : byField(sql, layer, after, table, sort);
  const rows = await sql<Row[]>`
    select ${selection(sql, layer)} from ${sql(table)}
    where ${where} and ${toSql(sql, layer, predicate)} order by ${order} limit ${limit}::int4`;
  return rows.map((row) => toFeature(layer, row));
}

function byFid(sql: Sql, after: number): { where: Fragment; order: Fragment } {
  return { where: sql`fid > ${after}::int8`, order: sql`fid` };
}

/** The page goes on behind the row `after`, whose value the database looks up: no value has to travel in an address. */
function byField(
  sql: Sql,
  layer: Layer,
  after: number,
  table: string,
  { field, isDescending }: Sort,
): { where: Fragment; order: Fragment } {
  const isText = layer.fields[field]?.type === 'string';
  // Text is ordered as it is compared everywhere: by code point.
  const value = isText ? sql`${sql(field)} collate "C"` : sql`${sql(field)}`;
  const order = isDescending ? sql`${value} desc nulls last, fid` : sql`${value} asc nulls last, fid`;
  if (after < 0) return { where: sql`true`, order };
  const last = sql`(select ${value} from ${sql(table)} where fid = ${after}::int8)`;
  const beyond = isDescending ? sql`${value} < ${last}` : sql`${value} > ${last}`;
  const where = sql`case when ${last} is null then ${sql(field)} is null and fid > ${after}::int8
    else ${beyond} or (${value} = ${last} and fid > ${after}::int8) or ${sql(field)} is null end`;
  return { where, order };
}

export async function findFeature(
  sql: Sql,
  layer: Layer,
  fid: number,
  table = liveTable(layer.id),
): Promise<FeatureRow | null> {
  const [row] = await sql<Row[]>`
    select ${selection(sql, layer)} from ${sql(table)} where fid = ${fid}::int8`;
  return row === undefined ? null : toFeature(layer, row);
}
