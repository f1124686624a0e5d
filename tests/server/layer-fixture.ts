import { latLngToCell } from 'h3-js';
import { createIndexSql, createTableSql, isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import { findLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { mortonKey } from '../../server/tiles/tile.ts';

const WORLD = 2 ** 30;

export interface FixtureRow {
  /** EWKT without SRID, e.g. `POINT(113.1 23.0)`; null without a place. */
  wkt: string | null;
  /** A point of the row, for its cell and its place; needed where `wkt` is not null. */
  at?: readonly [number, number];
  grid_code?: string | null;
  community_code?: string | null;
  town_code?: string | null;
  fid?: number;
  /** Values by field. */
  [field: string]: unknown;
}

/**
 * Makes a layer live with these rows, as a load does: table, indexes, state. With `isUserLayer` the definition is stored
 * too, so that the API knows it. Returns the load id.
 */
export async function publishFixture(
  db: Database,
  layer: Layer,
  rows: readonly FixtureRow[],
  isUserLayer = true,
): Promise<number> {
  const { sql } = db;
  await sql.unsafe(`drop table if exists layers."${layer.id}"; ${createTableSql(layer, 'layers')}`);
  const [load] = await sql<[{ id: number }]>`
    insert into app.load (layer_id, source_file, status, rows_in, rows_accepted)
    values (${layer.id}, 'fixture', 'published', ${rows.length}, ${rows.length}) returning load_id as id`;
  const located = rows.filter((row) => row.at !== undefined);
  const records = rows.map((row, index) => {
    const { wkt, at, fid, ...values } = row;
    const world = at === undefined ? null : worldPixel(at);
    return {
      fid: fid ?? index + 1,
      source_id: String(row[layer.key] ?? `row ${index}`),
      geom: wkt === null ? null : `SRID=4326;${wkt}`,
      h3: at === undefined ? null : BigInt(`0x${latLngToCell(at[1], at[0], 12)}`).toString(),
      load_id: load.id,
      ...(isPointLike(layer)
        ? {
            mx: world?.[0] ?? null,
            my: world?.[1] ?? null,
            qk: world === null ? null : mortonKey(world[0] >>> 8, world[1] >>> 8),
          }
        : {}),
      grid_code: null,
      community_code: null,
      town_code: null,
      ...values,
    };
  });
  const table = sql(`layers.${layer.id}`);
  // Named, because generated columns cannot be written.
  const names = sql(Object.keys(records[0] ?? {}));
  for (let from = 0; from < records.length; from += 500) {
    const json = JSON.stringify(records.slice(from, from + 500));
    await sql`insert into ${table} (${names}) select ${names}
      from json_populate_recordset(null::${table}, ${json}::text::json)`;
  }
  for (const statement of createIndexSql(layer, 'layers')) await sql.unsafe(statement);
  const lons = located.map((row) => row.at?.[0] ?? 0);
  const lats = located.map((row) => row.at?.[1] ?? 0);
  const bbox =
    located.length === 0 ? null : [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const unlocated = rows.length - located.length;
  await sql.begin(async (tx) => {
    await tx`insert into app.layer_state (layer_id, load_id, rows, unlocated, bbox)
      values (${layer.id}, ${load.id}, ${rows.length}, ${unlocated}, ${bbox === null ? null : tx.array(bbox, 1022)})
      on conflict (layer_id) do update set load_id = excluded.load_id, rows = excluded.rows,
        unlocated = excluded.unlocated, bbox = excluded.bbox, published_at = now()`;
    if (isUserLayer) {
      await tx`insert into app.user_layer (layer_id, definition) values (${layer.id}, ${JSON.stringify(layer)}::text::jsonb)
        on conflict (layer_id) do update set definition = excluded.definition`;
    }
    await tx`select pg_notify('layers', ${layer.id})`;
  });
  return load.id;
}

/** Takes everything back that `publishFixture` made. */
export async function removeFixture(db: Database, layer: Layer): Promise<void> {
  const { sql } = db;
  await sql.unsafe(`drop table if exists layers."${layer.id}"`);
  await sql`delete from app.layer_state where layer_id = ${layer.id}`;
  await sql`delete from app.user_layer where layer_id = ${layer.id}`;
  // Loads of the district stay: those of other layers say by which of them their rows were placed.
  const isOfCatalogue = findLayer(layer.id) !== undefined;
  await sql`delete from app.load where layer_id = ${layer.id} and (source_file = 'fixture' or not ${isOfCatalogue}::bool)`;
}

/** World pixel of zoom 30 of a place in degrees. */
export function worldPixel([lon, lat]: readonly [number, number]): [number, number] {
  const x = Math.floor(((lon + 180) / 360) * WORLD);
  const y = Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * WORLD);
  return [x, y];
}

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Micro-grid, community and town of a place in a made-up district of 8 × 8 cells; null outside of it. */
export function fakeCell([lon, lat]: readonly [number, number]): Pick<
  FixtureRow,
  'grid_code' | 'community_code' | 'town_code'
> {
  const column = Math.floor((lon - 113.02) * 100);
  const row = Math.floor((lat - 22.97) * 100);
  if (column < 0 || column > 7 || row < 0 || row > 7) return { grid_code: null, community_code: null, town_code: null };
  const town = `44060400${row < 4 ? '1' : '2'}`;
  const community = `${town}${String(100 + Math.floor(column / 2))}`;
  return {
    grid_code: `${community}W${String(row * 8 + column).padStart(3, '0')}`,
    community_code: community,
    town_code: `${town}000`,
  };
}
