import gcoord from 'gcoord';
import proj4 from 'proj4';
import type { Point } from '../plane.ts';

const GAUSS_KRUGER = '+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +y_0=0 +ellps=GRS80 +units=m +no_defs';

function rounded(value: number, factor: number): number {
  return Math.round(value * factor) / factor;
}

/** Function from EPSG:4326 degrees to a department's CRS, x first. Throws for a CRS nobody hands in. */
export function projectionTo(crs: string): (point: Point) => Point {
  switch (crs) {
    case 'EPSG:4326':
    case 'EPSG:4490':
      return (point) => point;
    case 'EPSG:4526':
    case 'EPSG:4547': {
      const easting = crs === 'EPSG:4526' ? 38_500_000 : 500_000;
      const converter = proj4('EPSG:4326', `${GAUSS_KRUGER} +x_0=${easting}`);
      return (point) => {
        const [x, y] = converter.forward([point[0], point[1]]) as [number, number];
        return [rounded(x, 1e3), rounded(y, 1e3)];
      };
    }
    case 'GCJ-02':
    case 'BD-09': {
      const target = crs === 'GCJ-02' ? gcoord.GCJ02 : gcoord.BD09;
      return (point) => {
        const [x, y] = gcoord.transform([point[0], point[1]], gcoord.WGS84, target);
        return [rounded(x, 1e7), rounded(y, 1e7)];
      };
    }
    default:
      throw new Error(`no projection to ${crs}`);
  }
}
