/** Areas around places and around rows of layers, as polygons in degrees. */
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { polygonsOfWkb } from '../db/wkb.ts';
import type { Predicate, Ring } from '../filter/predicate.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';

/** Corners of a circle: the straight edges between them leave out at most 0.03 % of the radius. */
const CIRCLE_CORNERS = 128;
/** Corners per quarter of a buffer's rounding: the edges leave out at most 0.12 % of the distance. */
const CORNERS_PER_QUARTER = 16;

/**
 * The area up to `metres` (of the ellipsoid) from a shape in degrees, rounded at its corners. The one way a buffer is made:
 * filters, reports and what is answered as a shape then mean the same area. Each shape is buffered on the plane map that
 * fits it best.
 */
export function buffered(sql: Sql, shape: Fragment, metres: number): Fragment {
  return sql`st_buffer((${shape})::geography, ${metres}::float8, ${`quad_segs=${CORNERS_PER_QUARTER}`}::text)::geometry`;
}

/** The points up to `metres` from a place, along the ellipsoid. */
export async function sqlCircle(sql: Sql, [lon, lat]: readonly [number, number], metres: number): Promise<Ring> {
  const corners = await sql<{ lon: number; lat: number }[]>`
    select st_x(corner) as lon, st_y(corner) as lat
    from generate_series(0, ${CIRCLE_CORNERS - 1}::int4) n cross join lateral (
      select st_project(st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326)::geography, ${metres}::float8,
        radians(n * 360.0 / ${CIRCLE_CORNERS}::int4))::geometry as corner offset 0) c
    order by n`;
  const ring = corners.map((corner): readonly [number, number] => [corner.lon, corner.lat]);
  return [...ring, ring[0] as readonly [number, number]];
}

export interface SurroundingsLimits {
  rows: number;
  /** Positions of all their shapes. */
  positions: number;
  /** Degrees from the western to the eastern end of one shape: beyond it a plane map of it is too far from the truth. */
  width: number;
}

export interface Surroundings {
  /** Rows with a place, one more than the limit when there are too many. */
  rows: number;
  positions: number;
  width: number;
  /** The load they are of; null when there are none. */
  load: number | null;
  /** Null when a limit is passed. They do not overlap. */
  polygons: (readonly Ring[])[] | null;
}

/** What is in the shapes of the rows that match, or up to `metres` (of the ellipsoid) from them. */
export async function sqlSurroundings(
  sql: Sql,
  layer: Layer,
  table: string,
  rows: Predicate | { fid: number },
  metres: number,
  limits: SurroundingsLimits,
): Promise<Surroundings> {
  const condition = 'fid' in rows ? sql`fid = ${rows.fid}::int8` : toSql(sql, layer, rows);
  // The union joins them.
  const shape = metres === 0 ? sql`geom` : buffered(sql, sql`geom`, metres);
  const [row] = await sql<[Omit<Surroundings, 'polygons'> & { isValid: boolean | null; wkb: Uint8Array | null }]>`
    with picked as materialized (
      select load_id, geom from ${sql(table)} where geom is not null and ${condition} limit ${limits.rows + 1}::int4
    ), extent as materialized (
      select count(*)::int4 as rows, coalesce(sum(st_npoints(geom)), 0)::int4 as positions,
        coalesce(max(st_xmax(geom) - st_xmin(geom)), 0)::float8 as width, min(load_id)::int4 as load from picked
    ), area as materialized (
      select st_unaryunion(st_collect(${shape})) as geom from picked where exists (
        select 1 from extent where rows <= ${limits.rows}::int4 and positions <= ${limits.positions}::int4
          and width <= ${limits.width}::float8)
    )
    select extent.*, st_isvalid(area.geom) as "isValid", st_asbinary(area.geom, 'NDR') as wkb from extent, area`;
  const { rows: count, positions, width, load, wkb, isValid } = row;
  // The embedded engine says nothing when an overlay fails.
  if (wkb !== null && isValid !== true) throw new Error(`the area around rows of ${layer.id} is not valid`);
  const isMade = count > 0 && count <= limits.rows && positions <= limits.positions && width <= limits.width;
  if (isMade && wkb === null) throw new Error(`the area around ${count} rows of ${layer.id} could not be made`);
  return {
    rows: count,
    positions,
    width,
    load,
    polygons: wkb === null ? (count === 0 ? [] : null) : polygonsOfWkb(wkb),
  };
}
