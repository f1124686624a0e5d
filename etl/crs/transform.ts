import gcoord from 'gcoord';
import proj4 from 'proj4';
import { gcj02ToWgs84 } from './gcj02.ts';

/** Turns source coordinates (x = longitude or easting, y = latitude or northing) into WGS 84 `[lon, lat]` degrees. */
export type ToWgs84 = (x: number, y: number) => [number, number];

/** CGCS2000 and WGS 84 differ by less than a decimetre; PROJ and this project treat them as one. */
const GEOGRAPHIC = new Set(['EPSG:4326', 'EPSG:4490', 'EPSG:4480', 'OGC:CRS84', 'EPSG:4979']);

function gaussKruger(meridian: number, falseEasting: number): string {
  return `+proj=tmerc +lat_0=0 +lon_0=${meridian} +k=1 +x_0=${falseEasting} +y_0=0 +ellps=GRS80 +units=m +no_defs`;
}

/** Ending of a CRS whose numbers come northing first, as in field books of surveyors: `EPSG:4547/yx`. */
const NORTHING_FIRST = '/yx';

/** CRS that need no table: the ones departments use. Others come from `spatial_ref_sys` or a .prj text. */
function builtin(crs: string): string | null {
  const code = /^EPSG:(\d+)$/.exec(crs)?.[1];
  if (code === undefined) return null;
  const n = Number(code);
  if (n === 3857)
    return '+proj=merc +a=6378137 +b=6378137 +lon_0=0 +k=1 +x_0=0 +y_0=0 +units=m +nadgrids=@null +no_defs';
  // CGCS2000, 3-degree zones 25..45: with the zone number before the easting, and without.
  if (n >= 4513 && n <= 4533) return gaussKruger(3 * (n - 4513 + 25), (n - 4513 + 25) * 1e6 + 500_000);
  if (n >= 4534 && n <= 4554) return gaussKruger(3 * (n - 4534 + 25), 500_000);
  // CGCS2000, 6-degree zones 13..23: with the zone number, and without.
  if (n >= 4491 && n <= 4501) return gaussKruger(6 * (n - 4491 + 13) - 3, (n - 4491 + 13) * 1e6 + 500_000);
  if (n >= 4502 && n <= 4512) return gaussKruger(6 * (n - 4502 + 13) - 3, 500_000);
  if (n > 32600 && n <= 32660) return `+proj=utm +zone=${n - 32600} +datum=WGS84 +units=m +no_defs`;
  if (n > 32700 && n <= 32760) return `+proj=utm +zone=${n - 32700} +south +datum=WGS84 +units=m +no_defs`;
  return null;
}

/** A CRS text that no library understands. */
export class UnknownCrs extends Error {
  override readonly name = 'UnknownCrs';
  readonly crs: string;
  constructor(crs: string, options?: ErrorOptions) {
    super(`unknown coordinate reference system: ${crs}`, options);
    this.crs = crs;
  }
}

/** True when coordinates are degrees of longitude and latitude, of whatever datum. */
export function isGeographic(crs: string): boolean {
  if (crs.endsWith(NORTHING_FIRST)) return isGeographic(crs.slice(0, -NORTHING_FIRST.length));
  return GEOGRAPHIC.has(crs) || crs === 'GCJ-02' || crs === 'BD-09';
}

/**
 * Transformation of a CRS to WGS 84.
 * @param crs `EPSG:n`, `GCJ-02`, `BD-09`, `BD-09MC`, or a WKT or PROJ text; with `/yx` behind it y comes first.
 * @param definition PROJ text of an EPSG code that is not built in, from `spatial_ref_sys`.
 * Throws UnknownCrs.
 */
export function toWgs84(crs: string, definition?: string): ToWgs84 {
  if (crs.endsWith(NORTHING_FIRST)) {
    const transform = toWgs84(crs.slice(0, -NORTHING_FIRST.length), definition);
    return (x, y) => transform(y, x);
  }
  if (GEOGRAPHIC.has(crs)) return (x, y) => [x, y];
  if (crs === 'GCJ-02') return gcj02ToWgs84;
  if (crs === 'BD-09') return (x, y) => gcoord.transform([x, y], gcoord.BD09, gcoord.WGS84) as [number, number];
  if (crs === 'BD-09MC') {
    return (x, y) =>
      isBaiduMetres(x, y)
        ? (gcoord.transform([x, y], gcoord.BD09MC, gcoord.WGS84) as [number, number])
        : [Number.NaN, Number.NaN];
  }
  const text = builtin(crs) ?? definition ?? (crs.startsWith('EPSG:') ? null : crs);
  if (text === null) throw new UnknownCrs(crs);
  try {
    const converter = proj4(text, 'WGS84');
    return (x, y) => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN];
      const [lon, lat] = converter.forward([x, y]) as [number, number];
      return [lon, lat];
    };
  } catch (cause) {
    throw new UnknownCrs(crs.slice(0, 80), { cause });
  }
}

/** The formula of Baidu's metres only holds on its map. */
function isBaiduMetres(x: number, y: number): boolean {
  return Math.abs(x) <= 20_037_727 && Math.abs(y) <= 12_474_105;
}

/** The reverse, for tests and for generating files. */
export function fromWgs84(crs: string, definition?: string): ToWgs84 {
  if (crs.endsWith(NORTHING_FIRST)) {
    const transform = fromWgs84(crs.slice(0, -NORTHING_FIRST.length), definition);
    return (lon, lat) => transform(lon, lat).toReversed() as [number, number];
  }
  if (crs === 'BD-09MC') return (x, y) => gcoord.transform([x, y], gcoord.WGS84, gcoord.BD09MC) as [number, number];
  if (GEOGRAPHIC.has(crs)) return (x, y) => [x, y];
  if (crs === 'GCJ-02') return (x, y) => gcoord.transform([x, y], gcoord.WGS84, gcoord.GCJ02) as [number, number];
  if (crs === 'BD-09') return (x, y) => gcoord.transform([x, y], gcoord.WGS84, gcoord.BD09) as [number, number];
  const text = builtin(crs) ?? definition ?? (crs.startsWith('EPSG:') ? null : crs);
  if (text === null) throw new UnknownCrs(crs);
  const converter = proj4('WGS84', text);
  return (x, y) => converter.forward([x, y]) as [number, number];
}
