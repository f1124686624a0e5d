import type { Geometry, Position } from 'geojson';
import { ringArea } from '../link/inner-point.ts';
import type { DeclaredCrs } from './source.ts';

/** A geometry as ArcGIS REST services write it. */
export interface EsriGeometry {
  x?: number | string | null;
  y?: number | string | null;
  points?: Position[];
  paths?: Position[][];
  rings?: Position[][];
}

/** The GeoJSON of a geometry of an ArcGIS REST answer; null when it is empty. */
export function esriGeometry(geometry: EsriGeometry | null | undefined): Geometry | null {
  if (!geometry) return null;
  const { x, y, points, paths, rings } = geometry;
  if (typeof x === 'number' && typeof y === 'number') return { type: 'Point', coordinates: [x, y] };
  if (points) return points.length === 0 ? null : { type: 'MultiPoint', coordinates: points };
  if (paths) return paths.length === 0 ? null : { type: 'MultiLineString', coordinates: paths };
  return rings && rings.length > 0 ? { type: 'MultiPolygon', coordinates: polygonsOf(rings) } : null;
}

/** Outlines run clockwise in this format, holes the other way; a hole belongs to the outline it lies in. */
function polygonsOf(rings: Position[][]): Position[][][] {
  const outlines: Position[][][] = [];
  const holes: Position[][] = [];
  for (const ring of rings.filter(({ length }) => length > 0)) {
    if (ringArea(ring) < 0 || outlines.length === 0) outlines.push([ring]);
    else holes.push(ring);
  }
  for (const hole of holes) {
    const at = hole[0] as Position;
    const owner = outlines.find(([outline]) => isInside(outline as Position[], at)) ?? (outlines[0] as Position[][]);
    owner.push(hole);
  }
  return outlines;
}

function isInside(ring: Position[], [x, y]: Position): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i] as [number, number];
    const [xj, yj] = ring[j] as [number, number];
    if (
      yi > (y as number) !== yj > (y as number) &&
      (x as number) < ((xj - xi) * ((y as number) - yi)) / (yj - yi) + xi
    )
      inside = !inside;
  }
  return inside;
}

/** The CRS that the `spatialReference` member of an answer names. */
export function esriCrs(text: string): DeclaredCrs | null {
  const body = /"spatialReference"\s*:\s*\{([^{}]*)\}/.exec(text)?.[1];
  if (body === undefined) return null;
  const latest = /"latestWkid"\s*:\s*(\d+)/.exec(body)?.[1];
  const wkid = latest ?? /"wkid"\s*:\s*(\d+)/.exec(body)?.[1];
  if (wkid === undefined) return null;
  // The numbers of Esri for Web Mercator.
  const code = wkid === '102100' || wkid === '102113' ? '3857' : wkid;
  return { crs: `EPSG:${code}`, name: `EPSG:${code}`, from: 'spatialReference' };
}
