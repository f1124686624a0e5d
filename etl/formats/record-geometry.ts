import type { Geometry, Position } from 'geojson';
import { esriGeometry, type EsriGeometry } from './esri-json.ts';

/** The member of plain records that holds their shape, and how it is written. */
export interface GeometryMember {
  member: string;
  kind: 'geojson' | 'esri' | 'polygon' | 'line' | 'point';
}

const OBJECTS = ['geometry', 'geom', 'the_geom', 'shape', 'geojson'];
const POLYGONS = ['polygon', 'polygons', 'contour', 'ring', 'rings', 'boundary'];
const LINES = ['path', 'paths', 'line', 'polyline'];
const POINTS = ['position', 'coordinates', 'coordinate', 'coord', 'coords', 'location', 'lnglat', 'center', 'point'];

/** Finds the shape of a record by the name of a member and what stands in it; null when it has none. */
export function findGeometryMember(record: Record<string, unknown>): GeometryMember | null {
  for (const [member, value] of Object.entries(record)) {
    const name = member.toLowerCase();
    if (OBJECTS.includes(name) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if ('type' in value && ('coordinates' in value || 'geometries' in value)) return { member, kind: 'geojson' };
      if (esriGeometry(value as EsriGeometry)) return { member, kind: 'esri' };
    }
    if (POLYGONS.includes(name) && depthOf(value) >= 2) return { member, kind: 'polygon' };
    if (LINES.includes(name) && depthOf(value) >= 2) return { member, kind: 'line' };
    if (POINTS.includes(name) && depthOf(value) === 1 && (value as unknown[]).length >= 2)
      return { member, kind: 'point' };
  }
  return null;
}

/** Nested arrays down to a number: 1 for a position, 2 for a list of positions, …; 0 when it is none of these. */
function depthOf(value: unknown): number {
  let depth = 0;
  let at = value;
  while (Array.isArray(at) && at.length > 0) {
    depth += 1;
    at = at[0];
  }
  return typeof at === 'number' ? depth : 0;
}

/** The shape of one record. What is there but not of the expected form is handed on, to be set aside with a reason. */
export function memberGeometry(record: Record<string, unknown>, { member, kind }: GeometryMember): Geometry | null {
  const value = record[member];
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  switch (kind) {
    case 'geojson':
      return value as Geometry;
    case 'esri':
      return esriGeometry(value as EsriGeometry);
    case 'point':
      return { type: 'Point', coordinates: value as Position };
    case 'line':
      return depthOf(value) === 3
        ? { type: 'MultiLineString', coordinates: value as Position[][] }
        : { type: 'LineString', coordinates: value as Position[] };
    case 'polygon':
      switch (depthOf(value)) {
        case 2:
          return { type: 'Polygon', coordinates: [value as Position[]] };
        case 4:
          return { type: 'MultiPolygon', coordinates: value as Position[][][] };
        default:
          return { type: 'Polygon', coordinates: value as Position[][] };
      }
  }
}
