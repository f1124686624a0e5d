import { isDeepStrictEqual } from 'node:util';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Sql } from '../db/connect.ts';
import { changedPlaces, type MercatorBox } from '../queries/changed-places.ts';
import type { TileVersions } from './tile-versions.ts';

/** Comparing larger versions takes the database seconds; a change of theirs counts as one everywhere. */
const MOST_ROWS = 300_000;
/** Changed features beyond which a change counts as one everywhere. */
const MOST_PLACES = 20_000;

/** Follows what is published and notes which tiles each publication changed. One comparison at a time. */
export function noteChanges(
  sql: Sql,
  catalogue: Catalogue,
  versions: TileVersions,
  onError: (error: unknown) => void,
): void {
  let last = Promise.resolve();
  catalogue.onPublished((layerId, before, load) => {
    if (load === null) return;
    last = last
      .then(() => compare(sql, catalogue, layerId, before, load))
      .catch((error: unknown) => {
        onError(error);
        return null;
      })
      .then((places) => versions.note(layerId, before, load, places));
  });
}

/** What of a definition decides what is in a tile. */
function drawn({ geometry, fields, tiles, key }: Layer): object {
  return { geometry, fields, tiles, key };
}

/** Where two loads of a layer differ; null: everywhere, or not known. */
async function compare(
  sql: Sql,
  catalogue: Catalogue,
  layerId: string,
  before: number,
  load: number,
): Promise<MercatorBox[] | null> {
  // The rights of a caller do not matter: nothing of this is shown to one.
  const entry = await catalogue.get(layerId, 'staff');
  const { layer, state } = entry;
  if (layer.geometry === 'raster' || layer.geometry === 'table') return null;
  if (state?.loadId !== load || state.rows > MOST_ROWS) return null;
  const earlier = await catalogue.getVersion(entry, before);
  if (earlier.state === null || earlier.state.rows > MOST_ROWS) return null;
  // Tiles of another definition have other properties everywhere.
  if (!isDeepStrictEqual(drawn(earlier.layer), drawn(layer))) return null;
  return changedPlaces(
    sql,
    { layer: earlier.layer, table: earlier.state.table },
    { layer, table: state.table },
    MOST_PLACES,
  );
}
