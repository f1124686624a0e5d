import type { Geometry as GeoJson, Position as GeoPosition } from 'geojson';
import type { Geometry } from '../../layers/define.ts';
import type { ToWgs84 } from '../crs/transform.ts';
import type { StoredGeometry } from '../encode/geometry.ts';
import type { RejectCode } from './codes.ts';
import { bilingual } from './field-reader.ts';

/** A geometry that can be stored, or why it cannot. `closed` counts rings that had to be closed, `repeated` points that were left out. */
export type ShapeResult =
  | { geometry: StoredGeometry; closed: number; repeated: number }
  | { geometry: null; empty: true }
  | { code: RejectCode; value: string; message: string };

/**
 * Brings a geometry of the source into the form of the layer: right kind, finite, in WGS 84 degrees, 2D, rings closed.
 * Whether a polygon crosses itself is for the database to say, which can also mend it.
 */
export function readShape(source: GeoJson, kind: Geometry, transform: ToWgs84): ShapeResult {
  if (!isWellFormed(source)) {
    return bad('图形的坐标结构与其类型不符', 'the coordinates are not nested as its type asks for', source);
  }
  switch (source.type) {
    case 'Point':
      if (kind !== 'point') return wrongKind(source.type, kind);
      return source.coordinates.length === 0
        ? { geometry: null, empty: true }
        : readPoint(source.coordinates, transform);
    case 'MultiPoint':
      if (source.coordinates.length === 0) return { geometry: null, empty: true };
      if (kind !== 'point' || source.coordinates.length !== 1)
        return wrongKind(`${source.type}(${source.coordinates.length})`, kind);
      return readPoint(source.coordinates[0] as GeoPosition, transform);
    case 'LineString':
      return kind === 'line' ? readLines([source.coordinates], transform) : wrongKind(source.type, kind);
    case 'MultiLineString':
      return kind === 'line' ? readLines(source.coordinates, transform) : wrongKind(source.type, kind);
    case 'Polygon':
      return kind === 'polygon' ? readPolygons([source.coordinates], transform) : wrongKind(source.type, kind);
    case 'MultiPolygon':
      return kind === 'polygon' ? readPolygons(source.coordinates, transform) : wrongKind(source.type, kind);
    case 'GeometryCollection': {
      const only = source.geometries[0];
      if (!only) return { geometry: null, empty: true };
      return source.geometries.length === 1 ? readShape(only, kind, transform) : wrongKind(source.type, kind);
    }
    default:
      return wrongKind(String((source as { type: unknown }).type), kind);
  }
}

/** How deep the coordinates of each type are nested: 1 is a position. */
const DEPTH: Record<string, number> = {
  Point: 1,
  MultiPoint: 2,
  LineString: 2,
  MultiLineString: 3,
  Polygon: 3,
  MultiPolygon: 4,
};

/** Files are written by all kinds of programs: lists of lists must be there before anything is read from them. */
function isWellFormed(source: GeoJson): boolean {
  if (typeof source !== 'object' || source === null) return false;
  if (source.type === 'GeometryCollection')
    return Array.isArray(source.geometries) && source.geometries.every(isWellFormed);
  const depth = DEPTH[source.type];
  // A type nobody knows is said to be of the wrong kind.
  return depth === undefined || isNested(source.coordinates, depth);
}

function isNested(value: unknown, depth: number): boolean {
  if (!Array.isArray(value)) return false;
  if (depth === 1) return value.length === 0 || !Array.isArray(value[0]);
  for (const part of value) if (!isNested(part, depth - 1)) return false;
  return true;
}

function readPoint(position: GeoPosition, transform: ToWgs84): ShapeResult {
  const [x, y] = position;
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    return {
      code: 'BAD_COORDINATES',
      value: JSON.stringify(position),
      message: bilingual('坐标不是数值', 'coordinates are not numbers'),
    };
  }
  const [lon, lat] = transform(x as number, y as number);
  return { geometry: { kind: 'point', lon, lat }, closed: 0, repeated: 0 };
}

function readLines(source: GeoPosition[][], transform: ToWgs84): ShapeResult {
  const lines: GeoPosition[][] = [];
  let isShort = false;
  let repeated = 0;
  for (const positions of source) {
    if (positions.length === 0) continue;
    const line = readPositions(positions, transform);
    if (!line) return bad('坐标不是数值', 'coordinates are not numbers', source);
    repeated += positions.length - line.length;
    // A part of no length is left out where others remain: its only point counts as repeated.
    if (line.length < 2) {
      isShort = true;
      repeated += 1;
    } else lines.push(line);
  }
  if (isShort && lines.length === 0) return bad('线的各点重合或只有一点', 'a line needs two different points', source);
  return lines.length === 0
    ? { geometry: null, empty: true }
    : { geometry: { kind: 'line', lines }, closed: 0, repeated };
}

function readPolygons(source: GeoPosition[][][], transform: ToWgs84): ShapeResult {
  const polygons: GeoPosition[][][] = [];
  let closed = 0;
  let isFlat = false;
  let repeated = 0;
  for (const rings of source) {
    const polygon: GeoPosition[][] = [];
    for (const positions of rings) {
      if (positions.length === 0) continue;
      const ring = readPositions(positions, transform);
      if (!ring) return bad('坐标不是数值', 'coordinates are not numbers', source);
      repeated += positions.length - ring.length;
      const [first, last] = [ring[0] as GeoPosition, ring.at(-1) as GeoPosition];
      if (first[0] !== last[0] || first[1] !== last[1]) {
        ring.push([first[0] as number, first[1] as number]);
        closed += 1;
      }
      if (ring.length < 4) {
        // An island of no extent is dropped by the repair; an outline of no extent is no polygon, nor are its islands.
        if (polygon.length > 0) continue;
        isFlat = true;
        repeated += ring.length;
        break;
      }
      polygon.push(ring);
    }
    if (polygon.length > 0) polygons.push(polygon);
  }
  // A part of no extent is left out where others remain.
  if (isFlat && polygons.length === 0) return bad('面的顶点不足三个', 'a polygon needs three different points', source);
  return polygons.length === 0
    ? { geometry: null, empty: true }
    : { geometry: { kind: 'polygon', polygons }, closed, repeated };
}

/** Positions in WGS 84 without repeats of the point before; null when one is not finite. */
function readPositions(positions: GeoPosition[], transform: ToWgs84): GeoPosition[] | null {
  const result: GeoPosition[] = [];
  let lastLon = Number.NaN;
  let lastLat = Number.NaN;
  for (const position of positions) {
    const [x, y] = position;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
    const [lon, lat] = transform(x as number, y as number);
    if (!Number.isFinite(lon) || !Number.isFinite(lat)) return null;
    if (lon === lastLon && lat === lastLat) continue;
    result.push([lon, lat]);
    lastLon = lon;
    lastLat = lat;
  }
  return result;
}

function bad(zh: string, en: string, source: unknown): ShapeResult {
  return { code: 'BAD_GEOMETRY', value: JSON.stringify(source).slice(0, 200), message: bilingual(zh, en) };
}

function wrongKind(found: string, expected: Geometry): ShapeResult {
  return {
    code: 'WRONG_GEOMETRY_KIND',
    value: found,
    message: bilingual(`应为 ${expected}，实为 ${found}`, `expected ${expected}, found ${found}`),
  };
}
