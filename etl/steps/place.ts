import type { Geometry as GeoJson } from 'geojson';
import type { Geometry } from '../../layers/define.ts';
import { DISTRICT_WINDOW, isWithin } from '../crs/district.ts';
import type { ToWgs84 } from '../crs/transform.ts';
import type { StoredGeometry } from '../encode/geometry.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { locateNear } from '../link/locate-near.ts';
import { innerPoint } from '../link/inner-point.ts';
import type { Position } from '../link/place-index.ts';
import { setH3 } from '../link/set-h3.ts';
import type { RejectCode } from '../checks/codes.ts';
import { bilingual, type Fault } from '../checks/field-reader.ts';

/** Rounding of coordinates and of datum shifts: a place this far outside the district still counts as inside, metres. */
const EDGE = 2;
/** A place may lie this far outside the grid cell its row states, metres: surveyed borders and positions differ. */
const GRID_TOLERANCE = 20;

/**
 * Finds cell and H3 of a geometry into `target`.
 * @param mesh the grid; null outside the district's layers, where any place on earth will do
 * @param raw first coordinates as they came, to tell swapped axes
 * @returns a fault, or null
 */
export function placeGeometry(
  geometry: StoredGeometry,
  target: Position,
  mesh: GridMesh | null,
  isDistrict: boolean,
  raw: { x: number; y: number; transform: ToWgs84 },
): Fault | null {
  const [lon, lat] = innerPoint(geometry);
  const fault = placeFault(lon, lat, geometry.kind, isDistrict, raw);
  if (fault) return fault;
  target.lon = lon;
  target.lat = lat;
  target.cell = -1;
  setH3(target);
  if (mesh === null) return null;
  target.cell = mesh.locate(lon, lat);
  if (target.cell < 0) target.cell = locateNear(mesh, lon, lat, EDGE, () => true);
  // A river or road reaches beyond the district: it belongs to a cell that it touches.
  if (target.cell < 0) target.cell = firstTouched(geometry, mesh);
  return target.cell >= 0 || !isDistrict
    ? null
    : fail('OUTSIDE_DISTRICT', lon, lat, '不在任何网格内', 'lies in no grid cell of the district');
}

/**
 * The same for a point, but without saying what is wrong with it: false when it lies nowhere, or where it takes more than one
 * look to tell.
 */
export function placePoint(
  lon: number,
  lat: number,
  target: Position,
  mesh: GridMesh | null,
  isDistrict: boolean,
): boolean {
  if (isDistrict ? !isWithin(DISTRICT_WINDOW, lon, lat) : !isOnEarth(lon, lat) || (lon === 0 && lat === 0))
    return false;
  target.cell = mesh === null ? -1 : mesh.locate(lon, lat);
  if (mesh !== null && target.cell < 0) return false;
  target.lon = lon;
  target.lat = lat;
  setH3(target);
  return true;
}

/**
 * Where a row that was refused lies as it was delivered, in WGS 84 degrees: on the repair map those are to be seen above all
 * that lie in a wrong place. With exchanged axes it is where the check has found it to belong. Null where the numbers are no
 * place on earth, and for 0, 0, which stands for none.
 * @param geometry what was read of it; null when it could not be read
 * @param source the geometry as it came: its first position stands for one that could not be read
 */
export function deliveredPlace(
  geometry: StoredGeometry | null,
  raw: { x: number; y: number; transform: ToWgs84 },
  source: GeoJson | null,
  isDistrict: boolean,
): { lon: number; lat: number } | null {
  const isPoint = geometry === null ? source?.type === 'Point' : geometry.kind === 'point';
  const [x, y] = geometry === null ? (firstPosition(source) ?? [Number.NaN, Number.NaN]) : [raw.x, raw.y];
  if (!Number.isFinite(x) || !Number.isFinite(y) || (isPoint && x === 0 && y === 0)) return null;
  const [lon, lat] = geometry === null ? raw.transform(x, y) : innerPoint(geometry);
  if (isDistrict && !isWithin(DISTRICT_WINDOW, lon, lat)) {
    const [swappedLon, swappedLat] = raw.transform(y, x);
    if (isWithin(DISTRICT_WINDOW, swappedLon, swappedLat)) return { lon: swappedLon, lat: swappedLat };
  }
  return isOnEarth(lon, lat) ? { lon, lat } : null;
}

/** The first position of a geometry, however its coordinates are nested; null when there is none of two numbers. */
export function firstPosition(geometry: GeoJson | null): [number, number] | null {
  if (geometry === null || typeof geometry !== 'object') return null;
  if (geometry.type === 'GeometryCollection') return firstPosition(geometry.geometries?.[0] ?? null);
  let at: unknown = geometry.coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[0];
  const [x, y] = Array.isArray(at) ? (at as unknown[]) : [];
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : null;
}

function isOnEarth(lon: number, lat: number): boolean {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

function placeFault(
  lon: number,
  lat: number,
  kind: Geometry,
  isDistrict: boolean,
  raw: { x: number; y: number; transform: ToWgs84 },
): Fault | null {
  const isUsable = isOnEarth(lon, lat) && !(kind === 'point' && raw.x === 0 && raw.y === 0);
  if (!isDistrict)
    return isUsable ? null : fail('BAD_COORDINATES', raw.x, raw.y, '不是地球上的位置', 'is not a place on earth');
  if (isUsable && isWithin(DISTRICT_WINDOW, lon, lat)) return null;
  const [swappedLon, swappedLat] = raw.transform(raw.y, raw.x);
  if (isWithin(DISTRICT_WINDOW, swappedLon, swappedLat)) {
    return fail(
      'SWAPPED_AXES',
      raw.x,
      raw.y,
      '对调后正好落在辖区内',
      'falls into the district when x and y are exchanged',
    );
  }
  if (kind === 'point' && raw.x === 0 && raw.y === 0)
    return fail('ZERO_COORDINATES', 0, 0, '坐标为 0, 0', 'the coordinates are 0, 0');
  if (!isUsable) return fail('BAD_COORDINATES', raw.x, raw.y, '不是可用的坐标', 'is no usable pair of coordinates');
  // Long shapes may have their middle outside the window; the grid decides.
  if (kind !== 'point') return null;
  return fail('OUTSIDE_DISTRICT', lon, lat, '远离辖区', 'lies far from the district');
}

function fail(code: RejectCode, x: number, y: number, zh: string, en: string): Fault {
  return { code, field: null, value: `${x}, ${y}`, message: bilingual(zh, en) };
}

function firstTouched(geometry: StoredGeometry, mesh: GridMesh): number {
  if (geometry.kind === 'point') return -1;
  const rings = geometry.kind === 'line' ? geometry.lines : geometry.polygons.flat();
  for (const ring of rings) {
    for (const [lon, lat] of ring as [number, number][]) {
      const index = mesh.locate(lon, lat);
      if (index >= 0) return index;
    }
  }
  return -1;
}

/** Compares the grid cell a row states with where it lies. */
export function gridFault(stated: string, position: Position, mesh: GridMesh): Fault | null {
  if (position.cell < 0 || mesh.codes[position.cell] === stated) return null;
  const near = locateNear(mesh, position.lon, position.lat, GRID_TOLERANCE, (index) => mesh.codes[index] === stated);
  if (near >= 0) return null;
  const actual = mesh.codes[position.cell] as string;
  return {
    code: 'GRID_MISMATCH',
    field: 'grid_code',
    value: stated,
    message: bilingual(`位置在网格 ${actual}`, `lies in grid cell ${actual}`),
  };
}
