import type { Layer } from '../../layers/define.ts';
import { createIndexSql, identifier, isPointLike, tableName } from '../../layers/ddl.ts';
import { historyIndex, historyTable } from '../history/history-table.ts';
import type { Database } from '../../server/db/connect.ts';
import type { Loader } from '../../server/db/copy.ts';
import { openLoader } from '../../server/db/copy.ts';
import { ringArea } from '../link/inner-point.ts';
import { hasReaders } from '../pace.ts';

/** Rows looked at for statistics are 300 times this: half of PostgreSQL's default, at half its time. */
const STATISTICS = 50;

/** Columns that conditions are about: the planner needs to know nothing of the others. */
function plannedColumns(layer: Layer): string[] {
  const filterable = Object.entries(layer.fields)
    .filter(([, field]) => field.filterable === true)
    .map(([name]) => name);
  const places = ['grid_code', 'community_code', 'town_code', isPointLike(layer) ? 'qk' : 'geom_3857'];
  return [...new Set(['fid', ...places, ...filterable])].map(identifier);
}

/**
 * Makes the primary key, the unique key and the indexes, updates the statistics, and meanwhile lets `count` look at the table.
 * On a server two at a time, and one at a time while people read.
 */
export async function indexTable<T>(
  db: Database,
  loader: Loader,
  layer: Layer,
  count: (connection: Loader) => Promise<T>,
  onDone: (share: number) => void,
): Promise<T> {
  const statements = createIndexSql(layer, 'layers_next');
  let done = 0;
  const run = async (connection: Loader, queue: string[], isSecond = false): Promise<void> => {
    for (let sql = queue.shift(); sql !== undefined; sql = queue.shift()) {
      if (isSecond && (await hasReaders((text, parameters) => connection.query(text, parameters)))) {
        queue.push(sql);
        return;
      }
      await connection.exec(sql);
      done += 1;
      onDone(done / (statements.length + 1));
    }
  };
  const [keys, others] = [statements.filter(isConstraint), statements.filter((sql) => !isConstraint(sql))];
  if (db.engine === 'embedded') {
    await run(loader, statements);
    await analyze(loader, layer);
    onDone(1);
    return count(loader);
  }
  const second = await openLoader(db, { transaction: false });
  try {
    // Two at a time are enough: helpers of each would cost a fifth more, and take it from those who read.
    const settings = "set maintenance_work_mem = '256MB'; set max_parallel_maintenance_workers = 0";
    await Promise.all([loader.exec(settings), second.exec(settings)]);
    await settle(run(loader, others), run(second, others, true));
    // What the second has given back to the first, which was done.
    await run(loader, others);
    // A constraint locks out every other statement on the table, so it comes last, alone.
    await run(loader, keys);
    const [counted] = await settle(count(second), analyze(loader, layer));
    onDone(1);
    return counted;
  } finally {
    await second.rollback();
  }
}

/** What two works come to, once both have ended. Throws what the first of them has thrown. */
export async function settle<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

async function analyze(loader: Loader, layer: Layer): Promise<void> {
  await loader.exec(`set default_statistics_target = ${STATISTICS}`);
  await loader.exec(`analyze ${tableName(layer, 'layers_next')} (${plannedColumns(layer).join(', ')})`);
  await loader.exec('reset default_statistics_target');
}

function isConstraint(sql: string): boolean {
  return sql.startsWith('alter table');
}

/** A polygon that the database mended, or could not. */
export interface Mended {
  fid: number;
  source_id: string;
  reason: string;
  /** What is left of it; null when nothing usable is. */
  geojson: string | null;
  /** Its first corner, WGS 84 degrees. */
  lon: number;
  lat: number;
}

/**
 * Makes invalid polygons valid. Those of which nothing with an area is left are taken out of the table and returned
 * with `geojson` null, so that the caller can set them aside. In one transaction: on the embedded engine an error inside
 * GEOS is only seen there.
 */
export async function repairPolygons(
  loader: Loader,
  layer: Layer,
): Promise<{ mended: Mended[]; removed: (Mended & { row: Record<string, unknown> })[] }> {
  if (isPointLike(layer)) return { mended: [], removed: [] };
  const table = tableName(layer, 'layers_next');
  if (layer.geometry === 'line') return { mended: [], removed: [] };
  await loader.exec('begin');
  try {
    const invalid = await loader.query<{
      fid: number;
      source_id: string;
      reason: string;
      valid: string | null;
      lon: number;
      lat: number;
    }>(`
      select fid, source_id, st_isvalidreason(geom) as reason,
        st_x(st_startpoint(st_exteriorring(st_geometryn(geom, 1)))) as lon,
        st_y(st_startpoint(st_exteriorring(st_geometryn(geom, 1)))) as lat,
        st_asgeojson(st_multi(st_collectionextract(st_makevalid(geom), 3)), 15) as valid
      from ${table} where not st_isvalid(geom)`);
    const mended: Mended[] = [];
    const lost: Mended[] = [];
    for (const { valid, ...polygon } of invalid) {
      const isUsable = valid !== null && hasArea(valid);
      (isUsable ? mended : lost).push({ ...polygon, geojson: isUsable ? valid : null });
    }
    if (mended.length > 0) {
      await loader.query(
        `update ${table} t set geom = st_multi(st_collectionextract(st_makevalid(geom), 3)) where fid = any($1::int8[])`,
        [mended.map(({ fid }) => fid)],
      );
    }
    const rows = await loader.query<{ fid: number; row: Record<string, unknown> }>(
      `delete from ${table} t where fid = any($1::int8[]) returning fid, to_jsonb(t) - 'geom' - 'geom_3857' as row`,
      [lost.map(({ fid }) => fid)],
    );
    await loader.exec('commit');
    const byFid = new Map(rows.map(({ fid, row }) => [fid, row]));
    return { mended, removed: lost.map((polygon) => ({ ...polygon, row: byFid.get(polygon.fid) ?? {} })) };
  } catch (error) {
    await loader.exec('rollback');
    throw error;
  }
}

function hasArea(geojson: string): boolean {
  const { coordinates } = JSON.parse(geojson) as { coordinates: number[][][][] };
  return coordinates.some((rings) => rings[0] !== undefined && Math.abs(ringArea(rings[0])) > 0);
}

export interface Published {
  load: number;
  rows: { in: number; accepted: number; repaired: number; quarantined: number; unlocated: number };
  bbox: [number, number, number, number] | null;
}

/**
 * Puts the filled table in the place of the live one, which moves to the history as it is, in one transaction with the
 * state of the layer, the rows of both loads and the notification: readers see all old rows or all new ones, whatever
 * happens in between. Nothing is compared or copied, so it takes no longer for a large layer than for a small one.
 * Ends the connection of `loader`.
 */
export async function swapTable(loader: Loader, layer: Layer, published: Published): Promise<void> {
  // Wait for readers, but do not make new ones queue behind this for long.
  await loader.begin();
  await loader.exec("set local lock_timeout = '30s'");
  await archiveTable(loader, layer);
  await loader.exec(`alter table ${tableName(layer, 'layers_next')} set schema ${identifier('layers')}`);
  // From here on no reader sees the old rows.
  await notePublished(loader, layer, published);
  await loader.commit();
}

/** Within the transaction of a publication: says in `app` which load is live from now on, and tells the services. */
export async function notePublished(loader: Loader, layer: Layer, { load, rows, bbox }: Published): Promise<void> {
  // Milliseconds, as the API speaks of instants.
  const [now] = await loader.query<{ at: Date }>(`select date_trunc('milliseconds', clock_timestamp()) as at`);
  const at = (now as { at: Date }).at;
  await loader.query(
    `update app.load set valid_to = $2
     where valid_to is null and valid_from is not null
       and load_id = (select load_id from app.layer_state where layer_id = $1)`,
    [layer.id, at],
  );
  await loader.query(
    `update app.load set status = 'published', finished_at = now(), rows_in = $2, rows_accepted = $3, rows_repaired = $4,
       rows_quarantined = $5, rows_unlocated = $6, bbox = $7, valid_from = $8, definition = $9::text::jsonb where load_id = $1`,
    [load, rows.in, rows.accepted, rows.repaired, rows.quarantined, rows.unlocated, bbox, at, JSON.stringify(layer)],
  );
  await loader.query(
    `insert into app.layer_state (layer_id, load_id, rows, unlocated, bbox, published_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (layer_id) do update set load_id = excluded.load_id, rows = excluded.rows, unlocated = excluded.unlocated,
       bbox = excluded.bbox, published_at = excluded.published_at, confirmed_at = null`,
    [layer.id, load, rows.accepted, rows.unlocated, bbox, at],
  );
  await loader.query(`select pg_notify('layers', $1)`, [layer.id]);
}

/** Moves the live table to the history, where names are those of its load. A table without a load is dropped. */
async function archiveTable(loader: Loader, layer: Layer): Promise<void> {
  const [old] = await loader.query<{ load: number | null; indexes: string[] }>(
    `select (select load_id from app.layer_state where layer_id = $2) as load,
       array(select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = t.oid) as indexes
     from pg_class t where t.oid = to_regclass($1)`,
    [tableName(layer, 'layers'), layer.id],
  );
  if (old === undefined) return;
  if (old.load === null) {
    await loader.exec(`drop table ${tableName(layer, 'layers')}`);
    return;
  }
  const table = historyTable(layer.id, old.load);
  const moves = [
    // Left by somebody's hand: a load moves its table once.
    `drop table if exists ${tableName(layer, 'history', table)}`,
    `alter table ${tableName(layer, 'layers')} set schema ${identifier('history')}`,
    `alter table ${tableName(layer, 'history')} rename to ${identifier(table)}`,
    ...old.indexes.map(
      (name) =>
        `alter index ${identifier('history')}.${quoted(name)} rename to ${identifier(historyIndex(layer.id, old.load as number, name))}`,
    ),
  ];
  await loader.exec(moves.join(';\n'));
  await loader.query('update app.load set history_table = $2 where load_id = $1', [old.load, table]);
}

/** A name that came from the database's own catalogue. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
