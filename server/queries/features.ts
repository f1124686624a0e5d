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

/** Up to `limit` rows that match, in the order of `fid`, after the row `after`. */
export async function listFeatures(
  sql: Sql,
  layer: Layer,
  predicate: Predicate,
  after: number,
  limit: number,
  table = liveTable(layer.id),
): Promise<FeatureRow[]> {
  const rows = await sql<Row[]>`
    select ${selection(sql, layer)} from ${sql(table)}
    where fid > ${after}::int8 and ${toSql(sql, layer, predicate)} order by fid limit ${limit}::int4`;
  return rows.map((row) => toFeature(layer, row));
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
