/**
 * What two versions of a layer differ in, computed by the database when it is asked for: rows are matched by
 * `source_id`, the department's own key, and compared field by field with `is distinct from`. The join spills to disk
 * where it is large; nothing but the answer is held in memory here.
 */
import type { Geometry as GeoJsonGeometry } from 'geojson';
import type postgres from 'postgres';
import type { Field, Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';

export const DIFF_KINDS = ['added', 'removed', 'changed', 'moved'] as const;
export type DiffKind = (typeof DIFF_KINDS)[number];

/** One of the two versions: its definition and its table. */
export interface DiffSide {
  layer: Layer;
  table: string;
}

export interface DiffSummary {
  added: number;
  removed: number;
  /** Rows of both with another value in at least one field. */
  changed: number;
  /** Rows of both with another place or shape. */
  moved: number;
  /** Rows that count as changed and as moved. */
  changedAndMoved: number;
  unchanged: number;
  /** Rows by the field that has another value. */
  fields: Record<string, number>;
  /** How far rows with a place in both have moved, metres; of shapes their centre. Null when none has. */
  movedMetres: { mean: number; max: number } | null;
}

export interface DiffRow {
  fid: number;
  kind: DiffKind;
  geometry: GeoJsonGeometry | null;
  /** Where it was, of a row that moved. */
  geometryBefore: GeoJsonGeometry | null;
  movedMetres: number | null;
  changed: string[];
  /** Unmasked values by field; null where the row was not there. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const PRECISION = 7;

/** Fields that both versions have with the same type: what can be compared. */
export function comparedFields(from: Layer, to: Layer): string[] {
  return Object.entries(to.fields).flatMap(([name, field]) => (from.fields[name]?.type === field.type ? [name] : []));
}

/** Rows of both versions beside each other: `a` is the earlier, `b` the later one. */
export function differs(sql: Sql, names: readonly string[]): postgres.Fragment {
  return names.reduce<postgres.Fragment>(
    (all, name) => sql`${all} or a.${sql(name)} is distinct from b.${sql(name)}`,
    sql`false`,
  );
}

/** The same feature: `fid` is made of the key and is the one of the two that has an index. */
export const sameRow = (sql: Sql) => sql`a.fid = b.fid and a.source_id = b.source_id`;
const isMoved = (sql: Sql) => sql`a.geom is distinct from b.geom`;
const metres = (sql: Sql) =>
  sql`case when a.geom is distinct from b.geom then st_distancesphere(st_centroid(a.geom), st_centroid(b.geom)) end`;

/** The kind under which a row is drawn and listed: each row has one. Where it both moved and changed, it moved. */
const kindOf = (sql: Sql) =>
  sql`case when a.fid is null then 'added' when b.fid is null then 'removed' when ${isMoved(sql)} then 'moved' else 'changed' end`;

/** Counts of all differences, in one pass over both tables. */
export async function diffSummary(sql: Sql, from: DiffSide, to: DiffSide): Promise<DiffSummary> {
  const names = comparedFields(from.layer, to.layer);
  let inner = sql`a.fid is null as is_new, b.fid is null as is_gone, ${isMoved(sql)} as moved, ${metres(sql)} as metres`;
  let outer = sql`count(*) filter (where is_new)::int4 as added, count(*) filter (where is_gone)::int4 as removed,
    count(*) filter (where stays and changed)::int4 as changed, count(*) filter (where stays and moved)::int4 as moved,
    count(*) filter (where stays and changed and moved)::int4 as both,
    count(*) filter (where stays and not changed and not moved)::int4 as unchanged,
    avg(metres) filter (where stays) as mean, max(metres) filter (where stays) as max`;
  names.forEach((name, index) => {
    inner = sql`${inner}, a.${sql(name)} is distinct from b.${sql(name)} as ${sql(`d${index}`)}`;
    outer = sql`${outer}, count(*) filter (where stays and ${sql(`d${index}`)})::int4 as ${sql(`n${index}`)}`;
  });
  const any = names.reduce<postgres.Fragment>((all, _, index) => sql`${all} or ${sql(`d${index}`)}`, sql`false`);
  const [row] = await sql<[Record<string, number | null>]>`
    select ${outer} from (
      select *, not is_new and not is_gone as stays, (${any}) as changed from (
        select ${inner} from ${sql(from.table)} a full join ${sql(to.table)} b on ${sameRow(sql)}
      ) pairs
    ) compared`;
  const number = (name: string): number => row[name] ?? 0;
  const counted = names.map((name, index): [string, number] => [name, number(`n${index}`)]);
  return {
    added: number('added'),
    removed: number('removed'),
    changed: number('changed'),
    moved: number('moved'),
    changedAndMoved: number('both'),
    unchanged: number('unchanged'),
    fields: Object.fromEntries(counted.filter(([, count]) => count > 0)),
    movedMetres:
      typeof row['mean'] === 'number' && typeof row['max'] === 'number' ? { mean: row['mean'], max: row['max'] } : null,
  };
}

/** Rows that differ, in the order of `fid`, after the row `after`. */
export async function listDiff(
  sql: Sql,
  from: DiffSide,
  to: DiffSide,
  kinds: readonly DiffKind[],
  after: number,
  limit: number,
): Promise<DiffRow[]> {
  const names = comparedFields(from.layer, to.layer);
  const [before, later] = [Object.keys(from.layer.fields), Object.keys(to.layer.fields)];
  let list = sql`coalesce(b.fid, a.fid) as fid, ${kindOf(sql)} as kind, ${metres(sql)} as metres,
    st_asgeojson(case when b.fid is null then a.geom else b.geom end, ${PRECISION}::int4)::json as geometry,
    case when a.fid is not null and b.fid is not null and ${isMoved(sql)}
      then st_asgeojson(a.geom, ${PRECISION}::int4)::json end as geometry_before`;
  before.forEach((name, index) => (list = sql`${list}, a.${sql(name)} as ${sql(`a${index}`)}`));
  later.forEach((name, index) => (list = sql`${list}, b.${sql(name)} as ${sql(`b${index}`)}`));
  names.forEach((name, index) => {
    list = sql`${list}, a.${sql(name)} is distinct from b.${sql(name)} as ${sql(`d${index}`)}`;
  });
  const wanted = kinds.map(String);
  type Row = Record<string, unknown> & { fid: number; kind: DiffKind; metres: number | null };
  const rows = await sql<Row[]>`
    select * from (
      (select ${list} from ${sql(to.table)} b left join ${sql(from.table)} a on ${sameRow(sql)}
        where b.fid > ${after}::int8 and (a.fid is null or ${isMoved(sql)} or ${differs(sql, names)})
          and ${kindOf(sql)} = any (${wanted}::text[])
        order by b.fid limit ${limit}::int4)
      union all
      (select ${list} from ${sql(from.table)} a left join ${sql(to.table)} b on ${sameRow(sql)}
        where a.fid > ${after}::int8 and b.fid is null and ${wanted.includes('removed')}::bool
        order by a.fid limit ${limit}::int4)
    ) rows order by fid limit ${limit}::int4`;
  return rows.map((row) => {
    const stays = row.kind === 'changed' || row.kind === 'moved';
    return {
      fid: row.fid,
      kind: row.kind,
      geometry: row['geometry'] as GeoJsonGeometry | null,
      geometryBefore: row['geometry_before'] as GeoJsonGeometry | null,
      movedMetres: stays ? row.metres : null,
      changed: stays ? names.filter((_, index) => row[`d${index}`] === true) : [],
      before: row.kind === 'added' ? null : Object.fromEntries(before.map((name, i) => [name, row[`a${i}`]])),
      after: row.kind === 'removed' ? null : Object.fromEntries(later.map((name, i) => [name, row[`b${i}`]])),
    };
  });
}

/** Fields of the rows below, for tiles. */
export const DIFF_TILE_FIELDS: readonly [string, Field][] = [
  ['kind', { type: 'string', title: { zh: '变化', en: 'change' } }],
  ['metres', { type: 'number', title: { zh: '移动距离', en: 'moved' }, unit: 'm' }],
];

/**
 * Rows that differ as a subquery with the columns that tiles are made of. What was removed lies where it was. A
 * condition on the place reaches the indexes of both tables.
 */
export function diffRows(sql: Sql, from: DiffSide, to: DiffSide, isPoint: boolean): postgres.Fragment {
  const place = (side: 'a' | 'b') =>
    isPoint ? sql`${sql(side)}.mx, ${sql(side)}.my, ${sql(side)}.qk` : sql`${sql(side)}.geom_3857`;
  const names = comparedFields(from.layer, to.layer);
  return sql`(
    select b.fid, ${kindOf(sql)} as kind, case when a.fid is not null then ${metres(sql)} end as metres, ${place('b')}
    from ${sql(to.table)} b left join ${sql(from.table)} a on ${sameRow(sql)}
    where a.fid is null or ${isMoved(sql)} or ${differs(sql, names)}
    union all
    select a.fid, 'removed', null::float8, ${place('a')} from ${sql(from.table)} a
    where not exists (select from ${sql(to.table)} b where ${sameRow(sql)})
  ) diff`;
}
