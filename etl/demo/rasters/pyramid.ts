import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Point, toDegrees } from '../plane.ts';
import { Canvas } from './canvas.ts';

export const TILE = 256;
/** Pictures are drawn one tile of this zoom at a time, or of the finest where that is coarser. */
const SHEET = 13;

export interface Zooms {
  minzoom: number;
  maxzoom: number;
}

export interface Pyramid extends Zooms {
  /** Where `{z}/{x}/{y}.png` go; what was there before is removed. */
  folder: string;
  /** Drawn pixels per pixel of the finest tile, along each side. */
  oversampling: number;
  /** Columns and rows of the sheets there is something on. */
  sheets: Iterable<readonly [x: number, y: number]>;
  /** A square picture of one sheet. */
  draw(x: number, y: number): Canvas;
}

/** Pixels along the side of a sheet at the finest zoom, before oversampling. */
export function sheetSide(maxzoom: number): number {
  return TILE * 2 ** Math.max(0, maxzoom - SHEET);
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
export function sheetsWithin(
  [minX, minY, maxX, maxY]: readonly [number, number, number, number],
  maxzoom: number,
): [number, number][] {
  const project = projectionAt(maxzoom);
  const side = sheetSide(maxzoom);
  const [left, bottom] = project([minX, minY]);
  const [right, top] = project([maxX, maxY]);
  const sheets: [number, number][] = [];
  for (let x = Math.floor(left / side); x <= Math.floor(right / side); x++) {
    for (let y = Math.floor(top / side); y <= Math.floor(bottom / side); y++) sheets.push([x, y]);
  }
  return sheets;
}

/** Draws sheet by sheet and cuts tiles of every zoom; empty ones are left out. Returns how many were written. */
export function writePyramid({ folder, minzoom, maxzoom, oversampling, sheets, draw }: Pyramid): number {
  rmSync(folder, { recursive: true, force: true });
  const sheetZoom = Math.min(SHEET, maxzoom);
  let written = 0;
  const write = (picture: Canvas, z: number, x: number, y: number): void => {
    if (picture.isEmpty) return;
    mkdirSync(join(folder, String(z), String(x)), { recursive: true });
    writeFileSync(join(folder, String(z), String(x), `${y}.png`), picture.png());
    written += 1;
  };
  let parents = new Map<string, Canvas>();
  for (const [sx, sy] of sheets) {
    const picture = draw(sx, sy);
    for (let z = sheetZoom; z <= maxzoom; z++) {
      const across = 2 ** (z - sheetZoom);
      const factor = oversampling * 2 ** (maxzoom - z);
      for (let i = 0; i < across; i++) {
        for (let j = 0; j < across; j++) {
          const tile = picture.shrink(i * TILE * factor, j * TILE * factor, TILE, factor);
          if (z >= minzoom) write(tile, z, sx * across + i, sy * across + j);
          if (z === sheetZoom) parents.set(`${sx},${sy}`, tile);
        }
      }
    }
  }
  for (let z = sheetZoom - 1; z >= minzoom; z--) {
    const made = new Map<string, Canvas>();
    for (const [key, child] of parents) {
      const [x, y] = key.split(',').map(Number) as [number, number];
      const parent = `${x >> 1},${y >> 1}`;
      const picture = made.get(parent) ?? new Canvas(TILE * 2, TILE * 2, null);
      picture.place(child, (x & 1) * TILE, (y & 1) * TILE);
      made.set(parent, picture);
    }
    parents = new Map();
    for (const [key, picture] of made) {
      const [x, y] = key.split(',').map(Number) as [number, number];
      const tile = picture.shrink(0, 0, TILE, 2);
      write(tile, z, x, y);
      parents.set(key, tile);
    }
  }
  return written;
}
