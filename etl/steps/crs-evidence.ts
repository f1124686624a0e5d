import { tableName } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import { findLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import type { ReferenceLayer } from '../crs/nearness.ts';
import { isLive } from '../link/live-links.ts';
import type { LoadSession } from '../session.ts';

type Places = ReadonlyMap<string, readonly [number, number]>;

const NAMESAKES = 'poi';

/** Where features of a layer lay in the last load: the middle of each, WGS 84 degrees. */
export async function placesBefore(db: Database, layer: Layer, keys: readonly string[]): Promise<Places> {
  if (keys.length === 0 || layer.place || layer.geometry === 'table') return new Map();
  if (!(await isLive(db, layer.id))) return new Map();
  const rows = await db.sql.unsafe<{ id: string; lon: number; lat: number }[]>(
    `select source_id as id, (st_xmin(geom) + st_xmax(geom)) / 2 as lon, (st_ymin(geom) + st_ymax(geom)) / 2 as lat
     from ${tableName(layer, 'layers')} where geom is not null and source_id = any($1::text[])`,
    [keys as string[]],
  );
  return new Map(rows.map(({ id, lon, lat }) => [id, [lon, lat] as const]));
}

/** Where the only point of interest of each name lies, WGS 84 degrees. */
export async function namedPlaces(db: Database, layer: Layer, names: readonly string[]): Promise<Places> {
  const namesakes = findLayer(NAMESAKES);
  if (names.length < 10 || layer.id === NAMESAKES || layer.geometry !== 'point' || !namesakes) return new Map();
  if (!(await isLive(db, NAMESAKES))) return new Map();
  // A name that the delivery has more than once says nothing either.
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const single = [...counts].flatMap(([name, count]) => (count === 1 ? [name] : []));
  const rows = await db.sql.unsafe<{ name: string; lon: number; lat: number }[]>(
    `select name, min(st_x(geom)) as lon, min(st_y(geom)) as lat from ${tableName(namesakes, 'layers')}
     where geom is not null and name = any($1::text[]) group by name having count(*) = 1`,
    [single],
  );
  return new Map(rows.map(({ name, lon, lat }) => [name, [lon, lat] as const]));
}

/** Loaded layers that features of a layer should lie near: roads for lines, buildings for the rest, and the other one. */
export async function referencesFor(session: LoadSession, layer: Layer): Promise<ReferenceLayer[]> {
  if (layer.geometry === 'table' || layer.geometry === 'raster' || layer.place) return [];
  const ids = ['building_footprint', 'road_centerline'];
  if (layer.geometry === 'line') ids.reverse();
  const references: ReferenceLayer[] = [];
  for (const id of ids) {
    // A layer of its own is compared with by the keys of its features.
    if (id === layer.id || !(await isLive(session.db, id))) continue;
    references.push({
      id,
      distancesTo: async (places) => (await session.shapesOf(id))?.distancesTo(places) ?? places.map(() => Infinity),
    });
  }
  return references;
}
