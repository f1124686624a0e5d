import { fromWgs84, toWgs84 } from '../../crs/transform.ts';
import type { Context } from '../context.ts';
import { type GeoTiff, writeGeoTiff } from '../files/geotiff.ts';
import { type Point, boundsOf, toBoard, toDegrees } from '../plane.ts';
import { Canvas } from './canvas.ts';

export interface Field {
  /** The GeoTIFF to write. */
  file: string;
  crs: 'EPSG:4326' | 'EPSG:4490' | 'EPSG:4526';
  /** Side of a pixel in units of the CRS. */
  pixel: number;
  /** Metres around the district that are measured too; null cuts the field along its outline. */
  margin: number | null;
  /** The value at a place on the board, or null for none. */
  valueAt(x: number, y: number): number | null;
  /** Decimals that are kept: digits nobody measured only cost bytes. */
  decimals: number;
}

const NO_DATA = -9999;
/** Every so many pixels the place is computed; between them it changes evenly. */
const LATTICE = 32;

/** Measures a value that there is everywhere, at the middle of each pixel, and writes it as floats. */
export function writeField(context: Context, { file, crs, pixel, margin, valueAt, decimals }: Field): void {
  const outline = (context.district.district.rings[0] ?? []).map((p) => toBoard(p[0], p[1]));
  const [minX, minY, maxX, maxY] = boundsOf(outline);
  const reach = margin ?? 0;
  const project = fromWgs84(crs);
  const corners = [
    [minX - reach, minY - reach],
    [minX - reach, maxY + reach],
    [maxX + reach, minY - reach],
    [maxX + reach, maxY + reach],
  ].map(([x = 0, y = 0]) => project(...toDegrees([x, y])));
  const west = Math.floor(Math.min(...corners.map(([x]) => x)) / pixel) * pixel;
  const north = Math.ceil(Math.max(...corners.map(([, y]) => y)) / pixel) * pixel;
  const width = Math.ceil((Math.max(...corners.map(([x]) => x)) - west) / pixel);
  const height = Math.ceil((north - Math.min(...corners.map(([, y]) => y))) / pixel);
  const mask = margin === null ? new Canvas(width, height, null) : null;
  mask?.paint(
    [
      outline.map((p): Point => {
        const [x, y] = project(...toDegrees(p));
        return [(x - west) / pixel, (north - y) / pixel];
      }),
    ],
    [0, 0, 0],
  );
  const places = lattice(crs, west, north, pixel, width, height);
  const samples = new Float32Array(width * height).fill(NO_DATA);
  const scale = 10 ** decimals;
  for (let j = 0; j < height; j += 1) {
    for (let i = 0; i < width; i += 1) {
      if (mask && mask.pixels[(j * width + i) * 4 + 3] === 0) continue;
      const value = valueAt(...places(i, j));
      if (value !== null) samples[j * width + i] = Math.round(value * scale) / scale;
    }
  }
  const raster: GeoTiff = {
    width,
    height,
    bands: 1,
    samples,
    epsg: Number(crs.slice(5)),
    west,
    north,
    pixelWidth: pixel,
    pixelHeight: pixel,
    noData: NO_DATA,
  };
  writeGeoTiff(file, raster);
}

/** From the middle of a pixel to the board. */
function lattice(
  crs: Field['crs'],
  west: number,
  north: number,
  pixel: number,
  width: number,
  height: number,
): (i: number, j: number) => [number, number] {
  const toDegreesOf = toWgs84(crs);
  const columns = Math.ceil(width / LATTICE) + 1;
  const knots: Point[] = [];
  for (let j = 0; j <= Math.ceil(height / LATTICE); j += 1) {
    for (let i = 0; i < columns; i += 1) {
      const [lon, lat] = toDegreesOf(west + (i * LATTICE + 0.5) * pixel, north - (j * LATTICE + 0.5) * pixel);
      knots.push(toBoard(lon, lat));
    }
  }
  return (i, j) => {
    const [u, v] = [i / LATTICE, j / LATTICE];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [p, q] = [u - column, v - row];
    const at = row * columns + column;
    const [a, b, c, d] = [knots[at], knots[at + 1], knots[at + columns], knots[at + columns + 1]] as Point[];
    const mix = (n: 0 | 1): number =>
      (1 - q) * ((1 - p) * (a as Point)[n] + p * (b as Point)[n]) +
      q * ((1 - p) * (c as Point)[n] + p * (d as Point)[n]);
    return [mix(0), mix(1)];
  };
}
