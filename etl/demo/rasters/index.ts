import type { Layer } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { drawAerialPicture } from './aerial-picture.ts';
import { drawAirQuality } from './air-quality.ts';
import { drawObliqueView } from './oblique-view.ts';
import type { Zooms } from './pyramid.ts';
import { drawRainfall } from './rainfall.ts';
import { drawRelief } from './relief.ts';

/** Draws a raster layer's tiles below a folder and tells how many there are. */
export type RasterDelivery = (context: Context, folder: string, zooms: Zooms, layer: Layer) => number;

/** Who draws which raster layer. Layers with rows are filled by `themes/`. */
export const rasterDeliveries: Record<string, RasterDelivery> = {
  satellite_image_current: (context, folder, zooms) =>
    drawAerialPicture(context, folder, zooms, { year: 2026, tint: [0, 0, 0] }),
  satellite_image_history: (context, folder, zooms) =>
    drawAerialPicture(context, folder, zooms, { year: 2006, tint: [10, 2, -10] }),
  dem_5m: drawRelief,
  map_25d: drawObliqueView,
  radar_rainfall: drawRainfall,
  air_forecast_grid: drawAirQuality,
};

/** Draws one raster layer at the zooms of its definition. */
export function drawRaster(context: Context, layer: Layer, folder: string): number {
  const draw = rasterDeliveries[layer.id];
  if (!draw || !layer.tiles) throw new Error(`the demo district has no delivery for raster layer ${layer.id}`);
  return draw(context, folder, { minzoom: layer.tiles.minzoom, maxzoom: layer.tiles.maxzoom }, layer);
}
