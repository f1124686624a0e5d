import type { Symbology } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { type Point, boundsOf, toBoard } from '../plane.ts';
import { Canvas, type Colour } from './canvas.ts';
import { TILE, type Zooms, projectionAt, sheetSide, sheetsWithin, writePyramid } from './pyramid.ts';

export interface Field extends Zooms {
  folder: string;
  /** Metres around the district that are drawn too; null cuts the picture along its outline. */
  margin: number | null;
  /** Colour and opacity (0 to 255) at a place on the board, or null for nothing. */
  colourAt(x: number, y: number): { colour: Colour; alpha: number } | null;
}

/** Draws a value that has a colour everywhere: no outlines, one sample per pixel. Returns how many tiles were written. */
export function drawField(context: Context, { folder, minzoom, maxzoom, margin, colourAt }: Field): number {
  const outline = (context.district.district.rings[0] ?? []).map((p) => toBoard(p[0], p[1]));
  const [minX, minY, maxX, maxY] = boundsOf(outline);
  const reach = margin ?? 0;
  const side = sheetSide(maxzoom);
  const project = projectionAt(maxzoom);
  const scale = TILE * 2 ** maxzoom;
  return writePyramid({
    folder,
    minzoom,
    maxzoom,
    oversampling: 1,
    sheets: sheetsWithin([minX - reach, minY - reach, maxX + reach, maxY + reach], maxzoom),
    draw: (sx, sy) => {
      const canvas = new Canvas(side, side, null);
      const mask = new Canvas(side, side, margin === null ? null : [0, 0, 0]);
      if (margin === null) {
        const ring = outline.map((p): Point => {
          const [x, y] = project(p);
          return [x - sx * side, y - sy * side];
        });
        mask.paint([ring], [0, 0, 0]);
      }
      for (let j = 0; j < side; j++) {
        const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (sy * side + j + 0.5)) / scale))) * 180) / Math.PI;
        for (let i = 0; i < side; i++) {
          const k = (j * side + i) * 4;
          if (mask.pixels[k + 3] === 0) continue;
          const [x, y] = toBoard(((sx * side + i + 0.5) / scale) * 360 - 180, latitude);
          const drawn = colourAt(x, y);
          if (!drawn) continue;
          canvas.pixels[k] = drawn.colour[0];
          canvas.pixels[k + 1] = drawn.colour[1];
          canvas.pixels[k + 2] = drawn.colour[2];
          canvas.pixels[k + 3] = drawn.alpha;
        }
      }
      return canvas;
    },
  });
}

/** The colours of a layer's ramp, so that picture and legend agree. Throws for a layer without one. */
export function rampOf(symbology: Symbology): { stops: readonly number[]; colours: Colour[] } {
  if (symbology.kind !== 'ramp') throw new Error(`a field needs a ramp, not symbology ${symbology.kind}`);
  return {
    stops: symbology.stops,
    colours: symbology.colors.map((color): Colour => {
      const rgb = Number.parseInt(color.slice(1), 16);
      return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
    }),
  };
}

/** Number of the class that a value falls in. */
export function classAt(stops: readonly number[], value: number): number {
  let n = 0;
  while (n < stops.length && value >= (stops[n] as number)) n += 1;
  return n;
}
