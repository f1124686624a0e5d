import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Layer } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { MORNING, momentText, TODAY } from '../moment.ts';
import { drawAerialPicture } from './aerial-picture.ts';
import { drawAirQuality } from './air-quality.ts';
import { drawObliqueView } from './oblique-view.ts';
import { drawRainfall, frameMinutes } from './rainfall.ts';
import { writeHeights } from './relief.ts';

/** Writes the pictures of a raster layer into a folder. */
export type RasterDelivery = (context: Context, folder: string, layer: Layer) => void;

/**
 * Years of which there are pictures, the zoom whose pixels are as large as theirs (early satellites saw less), and how sensors
 * and seasons differ from the newest: added to every colour.
 */
const FLOWN = [
  { year: 2006, zoom: 13, tint: [10, 2, -10] },
  { year: 2012, zoom: 13, tint: [-6, 4, 2] },
  { year: 2019, zoom: 14, tint: [4, 6, -2] },
] as const;

const zoomOf = (layer: Layer): number => layer.tiles?.maxzoom ?? 14;

/** Who draws which raster layer. Layers with rows are filled by `themes/`. */
export const rasterDeliveries: Record<string, RasterDelivery> = {
  satellite_image_current: (context, folder, layer) =>
    drawAerialPicture(context, join(folder, 'satellite_image_2026.tif'), zoomOf(layer), {
      year: 2026,
      tint: [0, 0, 0],
    }),
  satellite_image_history: (context, folder) => {
    for (const moment of FLOWN)
      drawAerialPicture(context, join(folder, `satellite_image_${moment.year}.tif`), moment.zoom, moment);
  },
  dem_5m: (context, folder) => writeHeights(context, join(folder, 'dem_5m.tif')),
  map_25d: (context, folder, layer) => drawObliqueView(context, join(folder, 'map_25d.tif'), zoomOf(layer)),
  radar_rainfall: (context, folder) => {
    for (const minutes of frameMinutes()) {
      const time = momentText(TODAY, MORNING + minutes)
        .slice(0, 16)
        .replaceAll(/[-:]/g, '');
      drawRainfall(context, join(folder, `radar_rainfall_${time}.tif`), minutes);
    }
  },
  air_forecast_grid: (context, folder) =>
    drawAirQuality(
      context,
      join(folder, `air_forecast_grid_${momentText(TODAY, 0).slice(0, 10).replaceAll('-', '')}.tif`),
    ),
};

/** Draws one raster layer. What lay in its folder before is removed. */
export function drawRaster(context: Context, layer: Layer, folder: string): void {
  const draw = rasterDeliveries[layer.id];
  if (!draw) throw new Error(`the demo district has no delivery for raster layer ${layer.id}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  draw(context, folder, layer);
}
