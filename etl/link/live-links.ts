import type { MultiLineString, MultiPolygon } from 'geojson';
import { isPointLike, tableName } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { innerPoint } from './inner-point.ts';
import { KeySet } from './key-set.ts';
import { PlaceIndex, type Position } from './place-index.ts';
import { setH3 } from './set-h3.ts';

const PAGE = 5000;

/** True when a layer has rows that were published. */
export async function isLive(db: Database, id: string): Promise<boolean> {
  const found = await db.sql`select from app.layer_state where layer_id = ${id}`;
  return found.length > 0;
}

/** Keys of a live layer. */
export async function readKeys(db: Database, layer: Layer): Promise<KeySet> {
  const keys = new KeySet(await liveRows(db, layer.id));
  const query = db.sql.unsafe<{ source_id: string }[]>(`select source_id from ${tableName(layer, 'layers')}`);
  for await (const page of query.cursor(PAGE)) for (const { source_id } of page) keys.add(source_id);
  return keys;
}

/** Places of a live layer by key, with the cell of the mesh they lie in. */
export async function readPlaces(db: Database, layer: Layer, mesh: GridMesh | null): Promise<PlaceIndex> {
  const places = new PlaceIndex(await liveRows(db, layer.id));
  const position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  if (isPointLike(layer)) {
    const query = db.sql.unsafe<{ source_id: string; lon: number | null; lat: number | null; h3: string | null }[]>(
      `select source_id, st_x(geom) as lon, st_y(geom) as lat, to_hex(h3) as h3 from ${tableName(layer, 'layers')}`,
    );
    for await (const page of query.cursor(PAGE)) {
      for (const { source_id, lon, lat, h3 } of page) {
        if (lon === null || lat === null || h3 === null) {
          places.add(source_id, null);
          continue;
        }
        position.lon = lon;
        position.lat = lat;
        position.h3High = Number.parseInt(h3.slice(0, -8), 16);
        position.h3Low = Number.parseInt(h3.slice(-8), 16);
        position.cell = mesh ? mesh.locate(lon, lat) : -1;
        places.add(source_id, position);
      }
    }
    return places;
  }
  const query = db.sql.unsafe<{ source_id: string; geojson: string | null }[]>(
    `select source_id, st_asgeojson(geom, 15) as geojson from ${tableName(layer, 'layers')}`,
  );
  for await (const page of query.cursor(PAGE)) {
    for (const { source_id, geojson } of page) {
      if (geojson === null) {
        places.add(source_id, null);
        continue;
      }
      const shape = JSON.parse(geojson) as MultiPolygon | MultiLineString;
      const [lon, lat] = innerPoint(
        shape.type === 'MultiPolygon'
          ? { kind: 'polygon', polygons: shape.coordinates }
          : { kind: 'line', lines: shape.coordinates },
      );
      position.lon = lon;
      position.lat = lat;
      setH3(position);
      position.cell = mesh ? mesh.locate(lon, lat) : -1;
      places.add(source_id, position);
    }
  }
  return places;
}

async function liveRows(db: Database, id: string): Promise<number> {
  const [state] = await db.sql<{ rows: number }[]>`select rows from app.layer_state where layer_id = ${id}`;
  return state?.rows ?? 1024;
}
