import type { Layer } from '../../layers/define.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import type { Loader } from '../../server/db/copy.ts';
import { notePublished } from '../steps/publish.ts';

export interface PublishedRaster {
  load: number;
  pictures: readonly RasterPicture[];
  bbox: [number, number, number, number] | null;
}

/**
 * Makes the pictures of a load the live ones: the load before becomes an earlier version, whose files stay where they
 * are. One transaction with the state of the layer and the notification. Ends the connection of `loader`.
 */
export async function publishRaster(loader: Loader, layer: Layer, published: PublishedRaster): Promise<void> {
  const { load, pictures, bbox } = published;
  const rows = { in: pictures.length, accepted: pictures.length, repaired: 0, quarantined: 0, unlocated: 0 };
  await loader.begin();
  await loader.query(`update app.load set raster = $2::text::jsonb where load_id = $1`, [
    load,
    JSON.stringify(pictures),
  ]);
  await notePublished(loader, layer, { load, rows, bbox });
  await loader.commit();
}
