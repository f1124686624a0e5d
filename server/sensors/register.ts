import { identifier } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import { sensorOf } from '../../layers/sensor.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';

/** A loaded layer whose features measure something. */
interface Source {
  layer: Layer;
  load: number;
  /** What the sensors depend on besides the load. */
  definition: string;
}

/** Keeps `app.sensor` what the live sensor layers say, from one publication to the next. */
export async function takeOnRegister(duties: Duties, catalogue: Catalogue): Promise<void> {
  await duties.take({
    name: 'sensors.register',
    everyMs: 15_000,
    channel: 'layers',
    turn: async (sql) => {
      await registerSensors(sql, catalogue);
      return false;
    },
  });
}

/** Derives the sensors of layers that were published or redefined since. Answers which. */
export async function registerSensors(sql: Sql, catalogue: Pick<Catalogue, 'list'>): Promise<string[]> {
  const sources = (await catalogue.list('staff')).flatMap(({ layer, state }): Source[] => {
    const sensor = sensorOf(layer);
    if (sensor === undefined || state === null) return [];
    const definition = JSON.stringify([sensor, layer.key, titleColumn(layer)]);
    return [{ layer, load: state.loadId, definition }];
  });
  const known = await sql<{ layer: string; load: number; definition: string }[]>`
    select layer, load_id as load, definition from app.sensor_source`;
  const knownOf = new Map(known.map((row) => [row.layer, row]));
  const changed = sources.filter(({ layer, load, definition }) => {
    const before = knownOf.get(layer.id);
    return before?.load !== load || before.definition !== definition;
  });
  const listed = new Set(sources.map(({ layer }) => layer.id));
  const gone = known.filter(({ layer }) => !listed.has(layer)).map(({ layer }) => layer);
  if (changed.length === 0 && gone.length === 0) return [];
  for (const source of changed) await sql.begin((tx) => derive(tx, source));
  if (gone.length > 0) {
    await sql.begin(async (tx) => {
      await tx`delete from app.sensor where layer = any(${gone}::text[])`;
      await tx`delete from app.sensor_source where layer = any(${gone}::text[])`;
      await tx`notify sensors`;
    });
  }
  return [...changed.map(({ layer }) => layer.id), ...gone];
}

/** The column with a sensor's name: the layer's label, where everybody may read it. */
function titleColumn(layer: Layer): string {
  const { label } = layer;
  return label !== undefined && layer.fields[label]?.mask === undefined ? label : layer.key;
}

async function derive(tx: TransactionSql, { layer, load, definition }: Source): Promise<void> {
  // One process at a time, and the others find that it was done.
  const [row] = await tx`
    insert into app.sensor_source as s (layer, load_id, definition) values (${layer.id}, ${load}, ${definition})
    on conflict (layer) do update
      set load_id = excluded.load_id, definition = excluded.definition, derived_at = clock_timestamp()
      where (s.load_id, s.definition) is distinct from (excluded.load_id, excluded.definition)
    returning 1`;
  if (!row) return;
  const sensor = sensorOf(layer);
  if (sensor === undefined) return;
  const metrics = [...sensor.metrics];
  await tx.unsafe(
    `with live as materialized (
       select $1 || ':' || source_id as id, fid, source_id, coalesce(${identifier(titleColumn(layer))}::text, source_id) as title,
         st_pointonsurface(geom) as place, grid_code, community_code, town_code
       from layers.${identifier(layer.id)}
     ), gone as (
       delete from app.sensor s where s.layer = $1 and not exists (select from live where live.id = s.id)
     )
     insert into app.sensor as s (id, layer, fid, feature, title, lon, lat, grid_code, community_code, town_code, metrics, interval_s)
     select id, $1, fid, source_id, title, st_x(place), st_y(place), grid_code, community_code, town_code, $2::text[], $3::int4
     from live
     on conflict (id) do update set fid = excluded.fid, title = excluded.title, lon = excluded.lon, lat = excluded.lat,
       grid_code = excluded.grid_code, community_code = excluded.community_code, town_code = excluded.town_code,
       metrics = excluded.metrics, interval_s = excluded.interval_s
     where (s.fid, s.title, s.lon, s.lat, s.grid_code, s.community_code, s.town_code, s.metrics, s.interval_s)
       is distinct from (excluded.fid, excluded.title, excluded.lon, excluded.lat, excluded.grid_code,
         excluded.community_code, excluded.town_code, excluded.metrics, excluded.interval_s)`,
    [layer.id, metrics, sensor.everyMinutes * 60],
  );
  // Who waited to be registered waits no longer.
  await tx`
    delete from app.reading_reject r using app.sensor s
    where r.code = 'UNKNOWN_SENSOR' and s.layer = ${layer.id} and s.id = r.sensor`;
  await tx`notify sensors`;
}
