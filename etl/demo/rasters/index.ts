import { getLayer } from '../../../layers/index.ts';
import type { Context } from '../context.ts';
import { drawAerialPicture } from './aerial-picture.ts';
import type { Zooms } from './pyramid.ts';

/** Draws a raster layer's tiles below a folder and tells how many there are. */
export type RasterDelivery = (context: Context, folder: string, zooms: Zooms) => number;

/** Who draws which raster layer. Layers with rows are filled by `themes/`. */
export const rasterDeliveries: Record<string, RasterDelivery> = {
  satellite_image_current: (context, folder, zooms) =>
    drawAerialPicture(context, folder, zooms, { year: 2026, tint: [0, 0, 0] }),
};

/** Draws one raster layer at the zooms of its definition. */
export function drawRaster(context: Context, id: string, folder: string): number {
  const { tiles } = getLayer(id);
  const draw = rasterDeliveries[id];
  if (!draw || !tiles) throw new Error(`the demo district has no delivery for raster layer ${id}`);
  return draw(context, folder, tiles);
}
