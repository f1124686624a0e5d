import proj4 from 'proj4';
import { ApiError } from '../errors.ts';

/** A coordinate reference system that requests may name. Coordinates are stored as longitude and latitude, WGS 84. */
export interface Crs {
  uri: string;
  srid: number;
  /** By its definition the second axis (latitude, northing) comes first. */
  isYFirst: boolean;
  isDegrees: boolean;
  /** Definition for proj4; null where it is the stored one. */
  definition: string | null;
}

export const CRS84: Crs = {
  uri: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
  srid: 4326,
  isYFirst: false,
  isDegrees: true,
  definition: null,
};

function epsg(srid: number): string {
  return `http://www.opengis.net/def/crs/EPSG/0/${srid}`;
}

/** Degrees, latitude first. CGCS2000 and WGS 84 differ by less than a decimetre: this project treats them as one. */
function geographic(srid: number): Crs {
  return { uri: epsg(srid), srid, isYFirst: true, isDegrees: true, definition: null };
}

/** A Gauss-Krüger zone of CGCS2000; its axes are northing, easting. */
function zone(srid: number, meridian: number, falseEasting: number): Crs {
  const definition = `+proj=tmerc +lat_0=0 +lon_0=${meridian} +k=1 +x_0=${falseEasting} +y_0=0 +ellps=GRS80 +units=m +no_defs`;
  return { uri: epsg(srid), srid, isYFirst: true, isDegrees: false, definition };
}

/** `count` zones from the EPSG code `first`, whose number is `number`; with that number before the easting, or without. */
function zones(first: number, count: number, number: number, degrees: 3 | 6, isNumbered: boolean): Crs[] {
  return Array.from({ length: count }, (_, index) => {
    const meridian = degrees === 3 ? 3 * (number + index) : 6 * (number + index) - 3;
    return zone(first + index, meridian, (isNumbered ? (number + index) * 1e6 : 0) + 500_000);
  });
}

const MERCATOR: Crs = {
  uri: epsg(3857),
  srid: 3857,
  isYFirst: false,
  isDegrees: false,
  definition: '+proj=merc +a=6378137 +b=6378137 +lon_0=0 +k=1 +x_0=0 +y_0=0 +units=m +nadgrids=@null +no_defs',
};

/** Every system that `crs`, `bbox-crs` and `filter-crs` take. The zones are those in which departments deliver. */
export const CRS_LIST: readonly Crs[] = [
  CRS84,
  geographic(4326),
  geographic(4490),
  MERCATOR,
  ...zones(4513, 21, 25, 3, true),
  ...zones(4534, 21, 25, 3, false),
  ...zones(4491, 11, 13, 6, true),
  ...zones(4502, 11, 13, 6, false),
];

const byUri = new Map(CRS_LIST.map((crs) => [crs.uri, crs]));

/** The system a parameter names; CRS84 when it is left out. Throws `PARAMETER_INVALID`. */
export function parseCrs(text: string | undefined, field: 'crs' | 'bbox-crs' | 'filter-crs'): Crs {
  if (text === undefined) return CRS84;
  const crs = byUri.get(text);
  if (crs === undefined) {
    throw new ApiError('PARAMETER_INVALID', `${field}: not one of the systems that the collection lists under "crs"`, {
      field,
      value: text,
    });
  }
  return crs;
}

/** How far a position may be off after the way there and back, in metres, before the system is said not to reach it. */
const LOST = 1;
const HIGHEST_MERCATOR = 20_037_508.342789244;

/** Easting and northing of a projected system as `[lon, lat]`, or null where the system does not reach. */
export function toDegrees(crs: Crs, x: number, y: number): [number, number] | null {
  if (crs.definition === null) return [x, y];
  if (crs === MERCATOR) {
    // The world's edge is as far as it goes: clients ask for whole screens.
    const inside = (value: number) => Math.min(HIGHEST_MERCATOR, Math.max(-HIGHEST_MERCATOR, value));
    return proj4(crs.definition, 'WGS84', [inside(x), inside(y)]) as [number, number];
  }
  const degrees = proj4(crs.definition, 'WGS84', [x, y]);
  if (!degrees.every(Number.isFinite)) return null;
  const [lon, lat] = degrees as [number, number];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
  const [backX, backY] = proj4('WGS84', crs.definition, [lon, lat]) as [number, number];
  return Math.hypot(backX - x, backY - y) < LOST ? [lon, lat] : null;
}
