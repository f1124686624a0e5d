import type { Tiff, TiffLevel } from '../db/tiff.ts';
import type { RasterStore } from './raster-store.ts';

const RADIUS = 6_378_137;

/** The samples of the pixel at a place; null outside the picture, and where it holds nothing. */
export async function valueAt(store: RasterStore, tiff: Tiff, lon: number, lat: number): Promise<number[] | null> {
  const isDegrees = tiff.crs === 'EPSG:4326';
  const x = isDegrees ? lon : ((lon * Math.PI) / 180) * RADIUS;
  const y = isDegrees ? lat : Math.asinh(Math.tan((lat * Math.PI) / 180)) * RADIUS;
  const column = Math.floor((x - tiff.west) / tiff.pixelWidth);
  const row = Math.floor((tiff.north - y) / tiff.pixelHeight);
  const level = tiff.levels[0] as TiffLevel;
  if (!(column >= 0 && row >= 0 && column < level.width && row < level.height)) return null;
  const window = await store.window(tiff, level, [column, row, column + 1, row + 1]);
  if (window === null) return null;
  const samples = Array.from(window.samples);
  if (tiff.bands === 1) return tiff.isEmpty(samples[0] as number) ? null : samples;
  const isBlank = tiff.bands === 4 ? samples[3] === 0 : samples.every((value) => value === tiff.noData);
  return isBlank ? null : samples.slice(0, 3);
}
