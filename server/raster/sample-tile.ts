import type { Tiff, TiffLevel, TiffWindow } from '../db/tiff.ts';
import { frameOf, type Tile } from '../tiles/tile.ts';
import type { RasterStore } from './raster-store.ts';

/** Pixels along the side of a map tile. */
export const TILE_SIDE = 256;
const RADIUS = 6_378_137;
/** An overview is taken until its pixels are this much larger than those of the tile. */
const COARSER = 1.2;

/** Where the pixels of a map tile lie in a picture, in pixels of one of its levels: it is north up, so columns and rows are apart. */
export interface Placed {
  level: TiffLevel;
  columns: Float64Array;
  rows: Float64Array;
}

/**
 * The pixel centres of a map tile in the coarsest level that is fine enough for it.
 * @param margin pixels around the tile that are wanted too
 */
export function placeTile(tiff: Tiff, tile: Tile, margin = 0): Placed {
  const frame = frameOf(tile);
  const size = (frame.east - frame.west) / TILE_SIDE;
  const side = TILE_SIDE + 2 * margin;
  const columns = new Float64Array(side);
  const rows = new Float64Array(side);
  const isDegrees = tiff.crs === 'EPSG:4326';
  for (let i = 0; i < side; i += 1) {
    const x = frame.west + (i - margin + 0.5) * size;
    const y = frame.north - (i - margin + 0.5) * size;
    columns[i] = ((isDegrees ? (x / RADIUS) * (180 / Math.PI) : x) - tiff.west) / tiff.pixelWidth;
    const down = isDegrees ? Math.atan(Math.sinh(y / RADIUS)) * (180 / Math.PI) : y;
    rows[i] = (tiff.north - down) / tiff.pixelHeight;
  }
  const full = tiff.levels[0] as TiffLevel;
  const step = ((columns[side - 1] as number) - (columns[0] as number)) / (side - 1);
  const level = tiff.levels.findLast(({ width }) => full.width / width <= step * COARSER) ?? full;
  const [across, down] = [level.width / full.width, level.height / full.height];
  for (let i = 0; i < side; i += 1) {
    columns[i] = (columns[i] as number) * across;
    rows[i] = (rows[i] as number) * down;
  }
  return { level, columns, rows };
}

/** First and last pixel, and one more on each side. */
function ends(list: Float64Array): [number, number] {
  return [
    Math.floor(Math.min(list[0] as number, list.at(-1) as number)) - 1,
    Math.ceil(Math.max(list[0] as number, list.at(-1) as number)) + 1,
  ];
}

/** The part of the level that a placed tile needs, with a pixel more on each side; null when it misses the picture. */
export async function readPlaced(
  store: RasterStore,
  tiff: Tiff,
  { level, columns, rows }: Placed,
): Promise<TiffWindow | null> {
  const [left, right] = ends(columns);
  const [top, bottom] = ends(rows);
  return store.window(tiff, level, [left, top, right, bottom]);
}

/** Values at the pixels of a placed tile, of the pixel each lies in; NaN where there is none. */
export function nearestValues(tiff: Tiff, window: TiffWindow, { level, columns, rows }: Placed): Float64Array {
  const side = columns.length;
  const values = new Float64Array(side * side).fill(Number.NaN);
  for (let j = 0; j < side; j += 1) {
    const v = Math.floor(rows[j] as number);
    if (v < 0 || v >= level.height) continue;
    for (let i = 0; i < side; i += 1) {
      const u = Math.floor(columns[i] as number);
      if (u < 0 || u >= level.width) continue;
      const value = window.samples[(v - window.top) * window.width + u - window.left] as number;
      if (!tiff.isEmpty(value)) values[j * side + i] = value;
    }
  }
  return values;
}

/** The same between the four pixels around, as heights are; NaN where there is none, at the edge by those that are there. */
export function smoothValues(tiff: Tiff, window: TiffWindow, { level, columns, rows }: Placed): Float64Array {
  const side = columns.length;
  const values = new Float64Array(side * side).fill(Number.NaN);
  for (let j = 0; j < side; j += 1) {
    const y = rows[j] as number;
    if (y < 0 || y >= level.height) continue;
    for (let i = 0; i < side; i += 1) {
      const x = columns[i] as number;
      if (x < 0 || x >= level.width) continue;
      let sum = 0;
      let weights = 0;
      const [u, v] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
      for (let q = 0; q < 2; q += 1) {
        for (let p = 0; p < 2; p += 1) {
          const [a, b] = [u + p - window.left, v + q - window.top];
          if (a < 0 || b < 0 || a >= window.width || b >= window.height) continue;
          const value = window.samples[b * window.width + a] as number;
          if (tiff.isEmpty(value)) continue;
          const weight = (1 - Math.abs(x - 0.5 - u - p)) * (1 - Math.abs(y - 0.5 - v - q));
          sum += weight * value;
          weights += weight;
        }
      }
      if (weights > 0) values[j * side + i] = sum / weights;
    }
  }
  return values;
}

/** RGBA at the pixels of a placed tile, between the four pixels around. */
export function smoothColours(tiff: Tiff, window: TiffWindow, { level, columns, rows }: Placed): Uint8Array {
  const side = columns.length;
  const { samples } = window;
  const { bands } = tiff;
  const pixels = new Uint8Array(side * side * 4);
  for (let j = 0; j < side; j += 1) {
    const y = rows[j] as number;
    if (y < 0 || y >= level.height) continue;
    const v = Math.floor(y - 0.5);
    for (let i = 0; i < side; i += 1) {
      const x = columns[i] as number;
      if (x < 0 || x >= level.width) continue;
      const u = Math.floor(x - 0.5);
      let [red, green, blue, cover, weights] = [0, 0, 0, 0, 0];
      for (let q = 0; q < 2; q += 1) {
        const b = v + q - window.top;
        if (b < 0 || b >= window.height) continue;
        for (let p = 0; p < 2; p += 1) {
          const a = u + p - window.left;
          if (a < 0 || a >= window.width) continue;
          const k = (b * window.width + a) * bands;
          const weight = (1 - Math.abs(x - 0.5 - u - p)) * (1 - Math.abs(y - 0.5 - v - q));
          weights += weight;
          const alpha = bands === 4 ? (samples[k + 3] as number) : isBlank(tiff, samples, k) ? 0 : 255;
          const share = weight * alpha;
          red += share * (samples[k] as number);
          green += share * (samples[k + 1] as number);
          blue += share * (samples[k + 2] as number);
          cover += share;
        }
      }
      if (cover === 0) continue;
      const to = (j * side + i) * 4;
      pixels[to] = Math.round(red / cover);
      pixels[to + 1] = Math.round(green / cover);
      pixels[to + 2] = Math.round(blue / cover);
      pixels[to + 3] = Math.round(cover / weights);
    }
  }
  return pixels;
}

/** True where all bands say that there is nothing. */
function isBlank({ noData }: Tiff, samples: TiffWindow['samples'], k: number): boolean {
  return noData !== undefined && samples[k] === noData && samples[k + 1] === noData && samples[k + 2] === noData;
}
