import type { Geometry } from 'geojson';
import type { Role } from '../../layers/access.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import type { Areas } from '../filter/areas.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';
import { buffered } from '../queries/areas.ts';
import { bounded } from './bounded.ts';
import type { BufferAnswer, BufferInput, ShapeInput } from './contract.ts';
import { requireWithin } from './limits.ts';
import { geometryText, getLoaded, resolveShape, rowsOf } from './shape.ts';

/** Digits of coordinates that leave: a centimetre. */
export const PRECISION = 7;

function circleOf(center: [number, number], metres: number): ShapeInput {
  return { kind: 'circle', center, metres };
}

/** Everything within so many metres of a shape or of a layer's rows, as one area or as one each. Geodesic. */
export async function bufferOf(
  services: { db: Database; catalogue: Catalogue; areas: Areas },
  role: Role,
  of: BufferInput['of'],
  metres: number,
  isDissolved: boolean,
): Promise<BufferAnswer> {
  const { db, catalogue } = services;
  const { sql } = db;
  let source: Fragment;
  if ('layer' in of) {
    const { layer, state } = await getLoaded(catalogue, of.layer, role);
    const where =
      'fid' in of
        ? sql`fid = ${of.fid}::int8`
        : toSql(sql, layer, await rowsOf(services, role, layer, of.filter, 'rows'));
    source = sql`select fid, geom from ${sql(state.table)} where geom is not null and ${where}`;
  } else {
    const geometry: Geometry =
      'line' in of
        ? { type: 'LineString', coordinates: of.line }
        : (await resolveShape(services, role, 'point' in of ? circleOf(of.point, metres) : of.shape, 'of')).geometry;
    source = sql`select 1::int8 as fid, st_setsrid(st_geomfromgeojson(${geometryText(geometry)}::text), 4326) as geom`;
  }
  return bounded(db, async (tx) => {
    const [{ count }] = await tx<[{ count: number }]>`select count(*)::int4 as count from (${source}) s`;
    requireWithin('bufferFeatures', count, 'of');
    // What is around a place is made already.
    const area = 'point' in of ? sql`geom` : buffered(sql, sql`geom`, metres);
    const each = sql`select fid, ${area} as geom from (${source}) s`;
    // Of one polygon already made it would be no union at all, and costs nothing.
    const made = isDissolved ? sql`select 1::int8 as fid, st_union(geom) as geom from (${each}) each` : each;
    const rows = await tx<{ fid: number; geometry: Geometry; area: number }[]>`
      select fid, st_asgeojson(geom, ${PRECISION}::int4)::json as geometry, st_area(geom::geography)::float8 as area
      from (${made}) made where geom is not null order by fid`;
    return {
      type: 'FeatureCollection',
      count,
      areaM2: rows.reduce((sum, { area }) => sum + area, 0),
      features: rows.map(({ fid, geometry, area }) => ({
        type: 'Feature',
        ...(isDissolved ? {} : { id: fid }),
        geometry: { ...geometry },
        properties: { areaM2: area },
      })),
    };
  });
}
