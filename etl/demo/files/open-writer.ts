import { join } from 'node:path';
import type { Layer } from '../../../layers/define.ts';
import { csvWriter } from './csv.ts';
import { gpkgWriter, shapefileWriter } from './gdal.ts';
import { geojsonWriter } from './geojson.ts';
import type { RowWriter } from './row.ts';
import { xlsxWriter } from './xlsx.ts';

/** Opens the file a layer's definition names, below the delivery folder. Raster layers are not written by rows. */
export function openWriter(layer: Layer, out: string): RowWriter {
  const path = join(out, layer.source.file);
  switch (layer.source.format) {
    case 'csv':
      return csvWriter(layer, path);
    case 'geojson':
      return geojsonWriter(layer, path);
    case 'xlsx':
      return xlsxWriter(layer, path);
    case 'gpkg':
      return gpkgWriter(layer, path);
    case 'shapefile':
      return shapefileWriter(layer, path);
    default:
      throw new Error(`${layer.id}: the demo district writes no ${layer.source.format}`);
  }
}
