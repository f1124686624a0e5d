/** What is known of the pictures of a raster layer. One load publishes one picture, or a series of them in time. */

/** One picture: a Cloud Optimized GeoTIFF in the folder of rasters, as a load made it. */
export interface RasterPicture {
  /** Path below the folder of rasters. */
  file: string;
  /** Name of the file that was handed in, and its SHA-256. */
  source: string;
  sha256: string;
  /** What it shows the state of: `2006`, `2026-03-01` or `2026-03-01T08:10:00+08:00`; null where nobody says. */
  time: string | null;
  /** Pixels. */
  width: number;
  height: number;
  /** `values`: one measured value a pixel. `colours`: red, green, blue and, with four bands, opacity. */
  kind: 'values' | 'colours';
  bands: number;
  /** Type of a pixel as GDAL calls it: `Byte`, `Int16`, `Float32` … */
  type: string;
  /** The grid the pixels lie in. */
  crs: 'EPSG:3857' | 'EPSG:4326';
  /** Ground size of a pixel in the middle of the picture, metres. */
  resolution: number;
  /** EPSG:4326. */
  bbox: [number, number, number, number];
  /** Share of pixels without a value, 0..1. */
  empty: number;
  /** Smallest and largest value; null for colours. */
  range: [number, number] | null;
  /** Values below which a fifth, two, three and four fifths of the pixels lie; null for colours. */
  quantiles: number[] | null;
  /** Unit of the values, where the file states one. */
  unit: string | null;
  bytes: number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Asia/Shanghai has no summer time. */
const ZONE = '+08:00';

/** The instant at which the time of a picture, or the time that is asked for, is over: a year and a day last. NaN for no time. */
export function endOfTime(time: string): number {
  if (/^\d{4}$/.test(time)) return Date.parse(`${time}-12-31T23:59:59.999${ZONE}`);
  if (DAY.test(time)) {
    // JavaScript takes 30 February for 2 March.
    const day = new Date(`${time}T00:00:00Z`);
    return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(time)
      ? Date.parse(`${time}T23:59:59.999${ZONE}`)
      : Number.NaN;
  }
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(time)
    ? Date.parse(time)
    : Number.NaN;
}

/** The picture that was the newest at a time; the newest of all without one. Null when all are later. */
export function pictureAt<P extends Pick<RasterPicture, 'time'>>(pictures: readonly P[], time?: string): P | null {
  if (time === undefined) return pictures.at(-1) ?? null;
  const end = endOfTime(time);
  return pictures.findLast((picture) => picture.time === null || endOfTime(picture.time) <= end) ?? null;
}
