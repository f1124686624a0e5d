import { writeGeoTiff } from '../files/geotiff.ts';
import { type Point, toDegrees } from '../plane.ts';
import { Canvas } from './canvas.ts';

const TILE = 256;
/** Pictures are drawn one tile of this zoom at a time, or of the finest where that is coarser. */
const SHEET = 13;
const HALF_WORLD = 20_037_508.342789244;

export type Box = readonly [minX: number, minY: number, maxX: number, maxY: number];

export interface Mosaic {
  /** The GeoTIFF to write. */
  file: string;
  /** Zoom of whose tiles the pixels are as large as. */
  zoom: number;
  /** Drawn pixels per pixel of the picture, along each side. */
  oversampling: number;
  /** What the picture shows, on the board. */
  bounds: Box;
  /** A square picture of one sheet; null where there is nothing. */
  draw(x: number, y: number): Canvas | null;
}

/** Pixels along the side of a sheet, before oversampling. */
export function sheetSide(zoom: number): number {
  return TILE * 2 ** Math.max(0, zoom - SHEET);
}

/** From the board to world pixels of a zoom, y down. */
export function projectionAt(zoom: number): (p: Point) => Point {
  const scale = TILE * 2 ** zoom;
  return (p) => {
    const [lon, lat] = toDegrees(p);
    const sin = Math.sin((lat * Math.PI) / 180);
    return [((lon + 180) / 360) * scale, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * scale];
  };
}

/** The sheets that a box on the board touches. */
export function sheetsWithin([minX, minY, maxX, maxY]: Box, zoom: number): [number, number][] {
  const project = projectionAt(zoom);
  const side = sheetSide(zoom);
  const [left, bottom] = project([minX, minY]);
  const [right, top] = project([maxX, maxY]);
  const sheets: [number, number][] = [];
  for (let x = Math.floor(left / side); x <= Math.floor(right / side); x++) {
    for (let y = Math.floor(top / side); y <= Math.floor(bottom / side); y++) sheets.push([x, y]);
  }
  return sheets;
}

/** Draws sheet by sheet and writes them as one GeoTIFF in EPSG:3857 with overviews. */
export function writeMosaic({ file, zoom, oversampling, bounds, draw }: Mosaic): void {
  const project = projectionAt(zoom);
  const [left, bottom] = project([bounds[0], bounds[1]]).map(Math.round) as [number, number];
  const [right, top] = project([bounds[2], bounds[3]]).map(Math.round) as [number, number];
  const [width, height] = [right - left, bottom - top];
  const picture = new Canvas(width, height, null);
  const side = sheetSide(zoom);
  for (const [x, y] of sheetsWithin(bounds, zoom)) {
    const sheet = draw(x, y);
    if (sheet) sheet.reduceInto(picture, oversampling, x * side - left, y * side - top);
  }
  const pixel = (2 * HALF_WORLD) / (TILE * 2 ** zoom);
  writeGeoTiff(file, {
    width,
    height,
    bands: 4,
    samples: picture.pixels,
    epsg: 3857,
    west: left * pixel - HALF_WORLD,
    north: HALF_WORLD - top * pixel,
    pixelWidth: pixel,
    pixelHeight: pixel,
    overviews: true,
  });
}
