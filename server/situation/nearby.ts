import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Counter } from '../aggregate/counter.ts';
import { bounded } from '../analysis/bounded.ts';
import { boxAround } from '../analysis/nearest.ts';
import { allOf, geometryText, insideFilter, type Shape } from '../analysis/shape.ts';
import type { Database } from '../db/connect.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';
import type { LayerState } from '../queries/layer-state.ts';
import type { Nearby } from './card-layers.ts';
import type { Fact, NearbyItem, NearbyRow } from './contract.ts';

/** A layer whose rows are told by name, as it is live. */
export interface NearbyEntry {
  layer: Layer;
  state: LayerState;
  nearby: Nearby;
  /** Lines are measured inside the shape. */
  isMeasured: boolean;
}

interface Context {
  db: Database;
  counter: Counter;
  role: Role;
  shape: Shape;
  at: readonly [number, number];
  now: Date;
}

interface Row {
  layer: string;
  fid: number;
  name: string | null;
  metres: number;
  inside: boolean;
  lon: number;
  lat: number;
  time: string | null;
  values: Record<string, string | number | boolean | null>;
}

/**
 * The rows of some layers around a place, the nearest of each by one statement for all of them, with how many of them
 * lie inside the shape. Distances are geodesic.
 */
export async function findNearby(context: Context, entries: readonly NearbyEntry[]): Promise<NearbyItem[]> {
  if (entries.length === 0) return [];
  const [rows, ...totals] = await Promise.all([
    nearestRows(context, entries),
    ...entries.map((entry) => totalsOf(context, entry)),
  ]);
  return entries.map(({ layer, state, nearby }, index) => ({
    layer: layer.id,
    title: layer.title,
    icon: layer.icon ?? null,
    load: state.loadId,
    ...totals[index]!,
    within: nearby.within,
    rows: rows.filter((row) => row.layer === layer.id).map((row) => shown(context.role, layer, nearby, row)),
  }));
}

function conditionsOf({ where, until }: Nearby, now: Date): object[] {
  return [
    ...(where === undefined ? [] : [{ field: where.field, op: '=', value: where.value }]),
    ...(until === undefined ? [] : [{ field: until, op: '>', value: now.toISOString() }]),
  ];
}

async function totalsOf(
  { db, counter, shape, now }: Context,
  { layer, state, nearby, isMeasured }: NearbyEntry,
): Promise<{ total: number; metresInside: number | null }> {
  const inside = allOf(layer, [insideFilter(shape), ...conditionsOf(nearby, now)]);
  if (!isMeasured) return { total: await counter.rows(layer, state, inside), metresInside: null };
  const { sql } = db;
  const crossing = allOf(layer, [
    { and: [{ bbox: shape.bbox }, { within: shape.geometry }] },
    ...conditionsOf(nearby, now),
  ]);
  return bounded(db, async (tx) => {
    const [row] = await tx<[{ total: number; metresInside: number }]>`
      select count(*)::int4 as total, coalesce(sum(st_length(
        (case when st_covers(area, geom) then geom else st_intersection(geom, area) end)::geography)), 0)::float8 as "metresInside"
      from ${sql(state.table)}, (select ${areaSql(db, shape)} as area offset 0) shape where ${toSql(sql, layer, crossing)}`;
    return row;
  });
}

function areaSql({ sql }: Database, shape: Shape): Fragment {
  return sql`st_setsrid(st_geomfromgeojson(${geometryText(shape.geometry)}::text), 4326)`;
}

async function nearestRows({ db, shape, at, now }: Context, entries: readonly NearbyEntry[]): Promise<Row[]> {
  const { sql } = db;
  const [lon, lat] = at;
  const parts = entries.map(({ layer, state, nearby }) => {
    const near = allOf(layer, [{ bbox: boxAround([lon, lat, lon, lat], nearby.within) }, ...conditionsOf(nearby, now)]);
    let pairs = sql``;
    nearby.tell.forEach((name, index) => {
      pairs = index === 0 ? sql`${name}::text, ${sql(name)}` : sql`${pairs}, ${name}::text, ${sql(name)}`;
    });
    const time = nearby.at === undefined ? sql`null::text` : sql`app.iso_time(${sql(nearby.at)})`;
    return sql`
      select ${layer.id}::text as layer, r.* from place p cross join lateral (
        select * from (
          select fid, ${sql(layer.label ?? layer.key)}::text as name, geom, ${time} as time, json_build_object(${pairs}) as values,
            st_distance(geom::geography, p.place)::float8 as metres
          from ${sql(state.table)} where geom is not null and ${toSql(sql, layer, near)}
        ) measured where metres <= ${nearby.within}::float8 order by metres, fid limit ${nearby.list}::int4
      ) r`;
  });
  const all = parts.reduce((sum, part) => sql`${sum} union all ${part}`);
  return bounded(
    db,
    async (tx) =>
      await tx<Row[]>`
      with place as materialized (
        select at, at::geography as place, ${areaSql(db, shape)} as area
        from (select st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326) as at) a
      ), found as materialized (${all})
      select f.layer, f.fid, f.name, f.metres, f.time, f.values, st_intersects(p.area, f.geom) as inside,
        st_x(n.nearest) as lon, st_y(n.nearest) as lat
      from found f cross join place p
      cross join lateral (
        select case when st_dimension(f.geom) = 0 then f.geom else st_closestpoint(f.geom, p.at) end as nearest
      ) n
      order by f.metres, f.fid`,
  );
}

function shown(role: Role, layer: Layer, nearby: Nearby, row: Row): NearbyRow {
  const masked = new Set(maskedFields(layer, role));
  const mask = (name: string, value: unknown) => {
    const how = masked.has(name) ? layer.fields[name]?.mask : undefined;
    return how === undefined ? value : maskValue(how, value);
  };
  const name = mask(layer.label ?? layer.key, row.name);
  return {
    fid: row.fid,
    name: name === null ? null : String(name),
    metres: Math.round(row.metres * 10) / 10,
    inside: row.inside,
    at: [row.lon, row.lat],
    time: row.time,
    facts: nearby.tell.map((field): Fact => {
      const { title, values, unit } = layer.fields[field] as Field;
      const value = mask(field, row.values[field] ?? null) as Fact['value'];
      return { field, title, value, text: values?.[String(value)] ?? null, unit: unit ?? null };
    }),
  };
}
