import type { Layer } from '../../layers/define.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import type { Loader } from '../../server/db/copy.ts';

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
  const rows = pictures.length;
  await loader.begin();
  // Milliseconds, as the API speaks of instants.
  const [now] = await loader.query<{ at: Date }>(`select date_trunc('milliseconds', clock_timestamp()) as at`);
  const { at } = now as { at: Date };
  await loader.query(
    `update app.load set valid_to = $2
     where valid_to is null and valid_from is not null
       and load_id = (select load_id from app.layer_state where layer_id = $1)`,
    [layer.id, at],
  );
  await loader.query(
    `update app.load set status = 'published', finished_at = now(), rows_in = $2, rows_accepted = $2, bbox = $3,
       valid_from = $4, definition = $5::text::jsonb, raster = $6::text::jsonb where load_id = $1`,
    [load, rows, bbox, at, JSON.stringify(layer), JSON.stringify(pictures)],
  );
  await loader.query(
    `insert into app.layer_state (layer_id, load_id, rows, unlocated, bbox, published_at)
     values ($1, $2, $3, 0, $4, $5)
     on conflict (layer_id) do update set load_id = excluded.load_id, rows = excluded.rows, unlocated = 0,
       bbox = excluded.bbox, published_at = excluded.published_at, confirmed_at = null`,
    [layer.id, load, rows, bbox, at],
  );
  await loader.query(`select pg_notify('layers', $1)`, [layer.id]);
  await loader.commit();
}
