import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { Predicate } from '../filter/predicate.ts';
import { type Fragment, toSql } from '../filter/to-sql.ts';
import { type FeatureRow, type Row, selection, toFeature } from './features.ts';

/** How positions of an answer are written. */
export interface Positions {
  srid: number;
  isYFirst: boolean;
  isDegrees: boolean;
}

export interface FeaturePage {
  rows: FeatureRow[];
  /** Whether rows lie before and behind these. */
  hasPrevious: boolean;
  hasNext: boolean;
}

export interface PageRequest {
  predicate: Predicate;
  limit: number;
  offset: number;
  after: number | null;
  before: number | null;
  crs: Positions;
  table: string;
  sort: readonly SortKey[];
}

/** A column that orders rows; those without a value come last. */
export interface SortKey {
  field: string;
  isDescending: boolean;
}

/** Digits after the point: a centimetre in degrees, a millimetre in metres. */
function geometryAs(sql: Sql, { srid, isYFirst, isDegrees }: Positions): Fragment {
  // Degrees of the systems offered are those that are stored.
  const placed = isDegrees ? sql`geom` : sql`st_transform(geom, ${srid}::int4)`;
  const ordered = isYFirst ? sql`st_flipcoordinates(${placed})` : placed;
  return sql`st_asgeojson(${ordered}, ${isDegrees ? 7 : 3}::int4, 0)::json`;
}

function orderBy(sql: Sql, sort: readonly SortKey[]): Fragment {
  return sort.reduce(
    (order, { field, isDescending }) => sql`${order} ${sql(field)} ${isDescending ? sql`desc` : sql`asc`} nulls last,`,
    sql``,
  );
}

/**
 * A page of the rows that match, in the order of `fid`: behind a row, before a row, or after a number of rows. Pages
 * behind and before a row cost the same wherever they are.
 */
export async function featurePage(sql: Sql, layer: Layer, request: PageRequest): Promise<FeaturePage> {
  const { predicate, limit, offset, after, before, crs, table, sort } = request;
  const isBackwards = before !== null;
  const side = isBackwards ? sql`fid < ${before}::int8` : sql`fid > ${after ?? -1}::int8`;
  // One row more than asked for tells whether there is another page on that side.
  const rows = await sql<Row[]>`
    select ${selection(sql, layer, geometryAs(sql, crs))} from ${sql(table)}
    where ${side} and ${toSql(sql, layer, predicate)}
    order by ${orderBy(sql, sort)} fid ${isBackwards ? sql`desc` : sql`asc`} limit ${limit + 1}::int4 offset ${offset}::int4`;
  const isMore = rows.length > limit;
  const page = rows.slice(0, limit).map((row) => toFeature(layer, row));
  if (isBackwards) return { rows: page.toReversed(), hasPrevious: isMore, hasNext: true };
  return { rows: page, hasPrevious: offset > 0 || after !== null, hasNext: isMore };
}

/** One row with its positions written so. */
export async function findFeatureAs(
  sql: Sql,
  layer: Layer,
  fid: number,
  crs: Positions,
  table: string,
): Promise<FeatureRow | null> {
  const [row] = await sql<Row[]>`
    select ${selection(sql, layer, geometryAs(sql, crs))} from ${sql(table)} where fid = ${fid}::int8`;
  return row === undefined ? null : toFeature(layer, row);
}
