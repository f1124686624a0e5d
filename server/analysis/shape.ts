import type { Geometry, MultiPolygon, Polygon } from 'geojson';
import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import type { Fragment } from '../filter/to-sql.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { bounded } from './bounded.ts';
import type { ShapeInput } from './contract.ts';
import { ANALYSIS_LIMITS, requireWithin } from './limits.ts';

/** An area as the analyses work with it. */
export interface Shape {
  kind: ShapeInput['kind'];
  geometry: Polygon | MultiPolygon;
  areaM2: number;
  bbox: [number, number, number, number];
  simplifiedMetres: number | null;
  /** The cell, when the area is one: rows belong to it by their code. */
  cell: { by: CellLevel; code: string } | null;
}

/** The layer whose rows are the cells of a level, by their key. */
export const BOUNDARY_LAYER: Record<CellLevel, string> = {
  grid: 'governance_grid',
  community: 'community_boundary',
  town: 'town_boundary',
};

export function levelOf(code: string): CellLevel {
  if (code.includes('W')) return 'grid';
  return code.endsWith('000') ? 'town' : 'community';
}

/** A layer that has rows, for this role. */
export async function getLoaded(
  catalogue: Catalogue,
  id: string,
  role: Role,
): Promise<CatalogueEntry & { state: LayerState }> {
  const entry = await catalogue.get(id, role);
  const { state } = entry;
  if (entry.layer.geometry === 'raster') {
    throw new ApiError('PARAMETER_INVALID', `layer: ${entry.layer.id} is a raster; it has no features`, {
      field: 'layer',
      value: id,
    });
  }
  if (state === null) {
    throw new ApiError('VERSION_NOT_FOUND', `Layer ${entry.layer.id} was never loaded.`, { field: 'layer', value: id });
  }
  return { ...entry, state };
}

/** Metres by which an outline with too many positions is simplified, one after the other until it fits. */
const TOLERANCES = [0, 0.5, 2, 8, 32] as const;
const METRES_PER_DEGREE = 111_320;

interface Row {
  geometry: Polygon | MultiPolygon | null;
  area: number;
  bbox: [number, number, number, number];
  tolerance: number;
}

/** What was asked for as an area: checked, made valid, and simple enough to test millions of points against. */
export async function resolveShape(
  db: Database,
  catalogue: Catalogue,
  role: Role,
  input: ShapeInput,
  field = 'shape',
): Promise<Shape> {
  const { sql } = db;
  // In a box: a fragment that is awaited would be sent.
  const source = async (): Promise<{ geom: Fragment }> => {
    switch (input.kind) {
      case 'polygon':
        requireRings(input.geometry as Polygon | MultiPolygon, field);
        return { geom: sql`st_setsrid(st_geomfromgeojson(${JSON.stringify(input.geometry)}::text), 4326)` };
      case 'circle': {
        const [lon, lat] = input.center;
        const center = sql`st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326)::geography`;
        return { geom: sql`st_buffer(${center}, ${input.metres}::float8, 16)::geometry` };
      }
      case 'line': {
        const line = JSON.stringify({ type: 'LineString', coordinates: input.coordinates });
        return {
          geom: sql`st_buffer(st_setsrid(st_geomfromgeojson(${line}::text), 4326)::geography, ${input.metres}::float8)::geometry`,
        };
      }
      case 'cell': {
        const { state } = await getLoaded(catalogue, BOUNDARY_LAYER[levelOf(input.code)], role);
        return { geom: sql`(select geom from ${sql(state.table)} where source_id = ${input.code})` };
      }
      case 'feature': {
        const { layer, state } = await getLoaded(catalogue, input.layer, role);
        if (layer.geometry !== 'polygon' && input.metres === undefined) {
          throw new ApiError(
            'BODY_INVALID',
            `${field}.metres: ${layer.id} is no layer of areas: say how many metres around`,
            {
              field: `${field}.metres`,
            },
          );
        }
        const geom = sql`(select geom from ${sql(state.table)} where fid = ${input.fid}::int8)`;
        return {
          geom:
            input.metres === undefined ? geom : sql`st_buffer(${geom}::geography, ${input.metres}::float8)::geometry`,
        };
      }
    }
  };
  const { geom } = await source();
  const row = await bounded(db, async (tx) => {
    for (const tolerance of TOLERANCES) {
      const degrees = tolerance / METRES_PER_DEGREE;
      const simple =
        tolerance === 0 ? sql`geom` : sql`st_makevalid(st_simplifypreservetopology(geom, ${degrees}::float8))`;
      const [found] = await tx<[Row & { positions: number }]>`
        with given as materialized (
          select case when st_isvalid(raw) then raw else st_collectionextract(st_makevalid(raw), 3) end as geom
          from (select ${geom} as raw) r
        ), simple as materialized (select ${simple} as geom from given)
        select st_asgeojson(geom, 9)::json as geometry, st_area(geom::geography)::float8 as area, st_npoints(geom) as positions,
          array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)]::float8[] as bbox
        from simple`;
      if (found.geometry === null || found.positions <= ANALYSIS_LIMITS.positions) return { ...found, tolerance };
    }
    throw new ApiError(
      'LIMIT_EXCEEDED',
      `${field}: the outline has more than the limit positions = ${ANALYSIS_LIMITS.positions}, even simplified by ${TOLERANCES.at(-1)} m.`,
      { field },
    );
  });
  const isEmpty = row.geometry === null || row.geometry.coordinates.length === 0;
  if (isEmpty && (input.kind === 'cell' || input.kind === 'feature')) {
    const value = input.kind === 'cell' ? input.code : input.fid;
    throw new ApiError('FEATURE_NOT_FOUND', `${field}: there is no ${input.kind} ${value} with a place.`, {
      field,
      value,
    });
  }
  if (isEmpty || row.geometry === null || !(row.area > 0)) {
    throw new ApiError('BODY_INVALID', `${field}: has no area`, { field });
  }
  requireWithin('areaKm2', row.area / 1e6, field);
  return {
    kind: input.kind,
    geometry: row.geometry,
    areaM2: row.area,
    bbox: row.bbox,
    simplifiedMetres: row.tolerance === 0 ? null : row.tolerance,
    cell: input.kind === 'cell' ? { by: levelOf(input.code), code: input.code } : null,
  };
}

/** The same strictness for what is drawn as for what is filtered by, under the name it has here. */
function requireRings(geometry: Polygon | MultiPolygon, field: string): void {
  try {
    parseFilter(JSON.stringify({ within: geometry }), NO_FIELDS);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const rename = (text: string) => text.replaceAll('filter.within', `${field}.geometry`);
    throw new ApiError('BODY_INVALID', rename(error.message), {
      field: rename(error.field ?? field),
      value: error.value,
      cause: error,
    });
  }
}

/** Areas are checked without looking at a layer's fields. */
const NO_FIELDS = { id: 'shape', fields: {} } as unknown as Layer;

/** "The row lies in the shape", as a filter. */
export function insideFilter(shape: Shape): object {
  return shape.cell === null
    ? { and: [{ bbox: shape.bbox }, { within: shape.geometry }] }
    : { cells: { by: shape.cell.by, codes: [shape.cell.code] } };
}

/** The condition of several filters at once, checked against a layer. `undefined` are left out. */
export function allOf(
  layer: Layer,
  filters: readonly (object | undefined)[],
  masked: Iterable<string> = [],
): Predicate {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length === 0
    ? parseFilter(undefined, layer)
    : parseFilter(JSON.stringify({ and: given }), layer, masked);
}

/** A geometry as a value of SQL. */
export function geometryText(geometry: Geometry): string {
  return JSON.stringify(geometry);
}
