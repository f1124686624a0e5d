import type { Geometry, MultiPolygon, Polygon } from 'geojson';
import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Areas, LoadedEntry } from '../filter/areas.ts';
import { isCentre, NO_CENTRE } from '../filter/check.ts';
import { parseFilter } from '../filter/parse.ts';
import { EVERYTHING, type CellLevel, type Predicate, type Within } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import type { Fragment } from '../filter/to-sql.ts';
import { buffered } from '../queries/areas.ts';
import { findFid } from '../queries/lineage.ts';
import { bounded } from './bounded.ts';
import type { LayerInput, ShapeInput } from './contract.ts';
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
export async function getLoaded(catalogue: Catalogue, id: string, role: Role): Promise<LoadedEntry> {
  const { layer, state } = await catalogue.get(id, role);
  if (layer.geometry === 'raster') {
    throw new ApiError('PARAMETER_INVALID', `layer: ${layer.id} is a raster; it has no features`, {
      field: 'layer',
      value: id,
    });
  }
  if (state === null) {
    throw new ApiError('VERSION_NOT_FOUND', `Layer ${layer.id} was never loaded.`, { field: 'layer', value: id });
  }
  return { layer, state };
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

interface Services {
  db: Database;
  catalogue: Catalogue;
  areas: Areas;
}

/** The outline that was asked for, as a value of SQL: by the same areas as filters have. */
async function outlineOf(
  { db, catalogue, areas }: Services,
  role: Role,
  input: ShapeInput,
  field: string,
): Promise<{ geom: Fragment }> {
  const { sql } = db;
  // In a box: a fragment that is awaited would be sent.
  const geometry = (value: Geometry) => ({
    geom: sql`st_setsrid(st_geomfromgeojson(${JSON.stringify(value)}::text), 4326)`,
  });
  const made = (area: Within | null) => (area === null ? { geom: sql`null::geometry` } : geometry(multiPolygon(area)));
  switch (input.kind) {
    case 'polygon':
      requireRings(input.geometry, field);
      return geometry(input.geometry as Polygon | MultiPolygon);
    case 'circle':
      if (!isCentre(input.center)) {
        throw new ApiError('BODY_INVALID', `${field}.center: ${NO_CENTRE}`, { field: `${field}.center` });
      }
      return made(await areas.circle(input.center, input.metres));
    case 'line': {
      const { geom } = geometry({ type: 'LineString', coordinates: input.coordinates });
      return { geom: buffered(sql, geom, input.metres) };
    }
    case 'cell': {
      const entry = await getLoaded(catalogue, BOUNDARY_LAYER[levelOf(input.code)], role);
      const fid = await findFid(sql, entry.state.table, input.code);
      return made(fid === null ? null : await featureArea(areas, entry, fid, 0, field));
    }
    case 'feature': {
      const entry = await getLoaded(catalogue, input.layer, role);
      const { layer } = entry;
      if (layer.geometry !== 'polygon' && input.metres === undefined) {
        throw new ApiError(
          'BODY_INVALID',
          `${field}.metres: ${layer.id} is no layer of areas: say how many metres around`,
          { field: `${field}.metres` },
        );
      }
      return made(await featureArea(areas, entry, input.fid, input.metres ?? 0, field));
    }
  }
}

/** What a filter refuses as too much is beyond a limit here. */
async function featureArea(
  areas: Areas,
  entry: LoadedEntry,
  fid: number,
  metres: number,
  field: string,
): Promise<Within | null> {
  try {
    return await areas.feature(entry, fid, metres, field);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'FILTER_INVALID') throw error;
    throw new ApiError('LIMIT_EXCEEDED', error.message, { field, cause: error });
  }
}

function multiPolygon({ polygons }: Within): MultiPolygon {
  return {
    type: 'MultiPolygon',
    coordinates: polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lon, lat]))),
  };
}

/** What was asked for as an area: checked, made valid, and simple enough to test millions of points against. */
export async function resolveShape(services: Services, role: Role, input: ShapeInput, field = 'shape'): Promise<Shape> {
  const { db } = services;
  const { sql } = db;
  const { geom } = await outlineOf(services, role, input, field);
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
function requireRings(geometry: object, field: string): void {
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

/** The condition of several filters at once, which an analysis wrote itself. `undefined` are left out. */
export function allOf(layer: Layer, filters: readonly (object | undefined)[]): Predicate {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length === 0 ? EVERYTHING : parseFilter(JSON.stringify({ and: given }), layer);
}

/** The rows that a body asks for: every filter that the layer's own routes take, under the name it has here. */
export async function rowsOf(
  services: Pick<Services, 'areas'>,
  role: Role,
  layer: Layer,
  filter: LayerInput['filter'],
  shows: 'rows' | 'counts',
): Promise<Predicate> {
  const text = typeof filter === 'object' ? JSON.stringify(filter) : filter;
  return readPredicate(services, layer, { filter: text, role, shows });
}

/** A geometry as a value of SQL. */
export function geometryText(geometry: Geometry): string {
  return JSON.stringify(geometry);
}
