import type { MultiLineString, MultiPolygon } from 'geojson';
import { isPointLike, tableName } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { ShapeDistances } from '../crs/shape-distances.ts';
import { innerPoint } from './inner-point.ts';
import { KeySet } from './key-set.ts';
import { PlaceIndex, type Position } from './place-index.ts';
import { setH3 } from './set-h3.ts';

/** Rows that travel as one text: a row of its own costs the driver more than what is in it. */
const PAGE = 10_000;
/** Pages fetched at once. */
const PAGES = 8;
const LINE_END = '\u001e';
/** Stands between the values of a line; no text of a layer has one. */
export const FIELD_END = '\u001f';

/** True when a layer has rows that were published, and nobody has dropped their table since. */
export async function isLive(db: Database, id: string): Promise<boolean> {
  const found = await db.sql`
    select from app.layer_state where layer_id = ${id} and to_regclass('layers.' || quote_ident(layer_id)) is not null`;
  return found.length > 0;
}

/** Shapes of a live layer, to find the nearest of. */
export async function readShapes(db: Database, layer: Layer): Promise<ShapeDistances> {
  const shape = isPointLike(layer) ? 'st_transform(geom, 3857)' : 'geom_3857';
  const pages = await db.sql.unsafe<{ shapes: Buffer }[]>(
    `select string_agg(wkb, ''::bytea) as shapes from (
       select st_asbinary(${shape}, 'NDR') as wkb, (row_number() over ()) / ${PAGE} as page
       from ${tableName(layer, 'layers')} where geom is not null
     ) q group by page`,
  );
  return new ShapeDistances(Buffer.concat(pages.map(({ shapes }) => shapes)));
}

/** Keys of a live layer. */
export async function readKeys(db: Database, layer: Layer): Promise<KeySet> {
  const keys = new KeySet(await liveRows(db, layer.id));
  await eachLine(db, `select source_id as line from ${tableName(layer, 'layers')}`, (line) => keys.add(line));
  return keys;
}

/** Places of a live layer by key, with the cell of the mesh they lie in. */
export async function readPlaces(db: Database, layer: Layer, mesh: GridMesh | null): Promise<PlaceIndex> {
  const expected = await liveRows(db, layer.id);
  const places = new PlaceIndex(new KeySet(expected), expected);
  const position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
  const isPoint = isPointLike(layer);
  const columns = isPoint ? ['st_x(geom)', 'st_y(geom)', 'to_hex(h3)'] : ['st_asgeojson(geom, 15)'];
  const line = ['source_id', ...columns.map((column) => `coalesce((${column})::text, '')`)].join(
    ` || '${FIELD_END}' || `,
  );
  await eachLine(db, `select ${line} as line from ${tableName(layer, 'layers')}`, (text) => {
    const [key, ...fields] = text.split(FIELD_END) as [string, string, string, string];
    if (fields[0] === '') {
      places.add(key, null);
      return;
    }
    if (isPoint) {
      const [lon, lat, h3] = fields;
      position.lon = Number(lon);
      position.lat = Number(lat);
      position.h3High = Number.parseInt(h3.slice(0, -8), 16);
      position.h3Low = Number.parseInt(h3.slice(-8), 16);
    } else {
      [position.lon, position.lat] = innerPointOf(fields[0]);
      setH3(position);
    }
    position.cell = mesh ? mesh.locate(position.lon, position.lat) : -1;
    places.add(key, position);
  });
  return places;
}

function innerPointOf(geojson: string): [number, number] {
  const shape = JSON.parse(geojson) as MultiPolygon | MultiLineString;
  return innerPoint(
    shape.type === 'MultiPolygon'
      ? { kind: 'polygon', polygons: shape.coordinates }
      : { kind: 'line', lines: shape.coordinates },
  );
}

/** Calls `use` with the text `line` of every row of a query, many of which travel together. */
export async function eachLine(db: Database, rows: string, use: (line: string) => void): Promise<void> {
  const query = db.sql.unsafe<{ lines: string }[]>(
    `select string_agg(line, '${LINE_END}') as lines
     from (select line, (row_number() over ()) / ${PAGE} as page from (${rows}) r) q group by page order by page`,
  );
  for await (const pages of query.cursor(PAGES)) {
    for (const { lines } of pages) for (const line of lines.split(LINE_END)) use(line);
  }
}

async function liveRows(db: Database, id: string): Promise<number> {
  const [state] = await db.sql<{ rows: number }[]>`select rows from app.layer_state where layer_id = ${id}`;
  return state?.rows ?? 1024;
}
