/** Aggregates in the database: the way when the column store cannot answer, and the reference it is tested against. */
import type postgres from 'postgres';
import type { Layer } from '../../layers/define.ts';
import {
  MOST_GROUPS,
  tooManyGroups,
  type AggregateQuery,
  type Grouping,
  type Groups,
  type Key,
} from '../aggregate/aggregate-query.ts';
import { bucketKey } from '../aggregate/bucket.ts';
import type { Sql } from '../db/connect.ts';
import type { FieldRef } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import { liveTable } from './layer-version.ts';

type Group = string | number | bigint | boolean | null;

interface Row {
  a: Group;
  b: Group;
  /** The row over all groups. */
  isAll: boolean;
  count: number;
  value: number | null;
}

/** With groups of which one grouping has no key, and the row over all. */
const MOST_ROWS = MOST_GROUPS * 2;

const EPOCH_US = 946_684_800_000_000;

/** A value of a field; the float NaN and times that are none count as no value, as in the column store. */
function fieldValue(sql: Sql, field: FieldRef): postgres.Fragment {
  if (field.type === 'number') return sql`nullif(${sql(field.name)}, 'NaN'::float8)`;
  if (field.type === 'date' || field.type === 'datetime') {
    return sql`case when isfinite(${sql(field.name)}) then ${sql(field.name)} end`;
  }
  return sql`${sql(field.name)}`;
}

/** What rows are grouped by: a number or text; null where a row belongs to no group. */
function groupSql(sql: Sql, grouping: Grouping | undefined): postgres.Fragment {
  if (grouping === undefined) return sql`0`;
  switch (grouping.kind) {
    case 'h3':
      return sql`h3 >> ${3 * (15 - grouping.res)}::int4`;
    case 'cells':
      return sql`${sql(`${grouping.by}_code`)}`;
    case 'values':
      return fieldValue(sql, grouping.field);
    case 'bands':
      return bandSql(sql, sql`${fieldValue(sql, grouping.field)}::float8`, grouping.breaks);
    case 'age': {
      const born = fieldValue(sql, grouping.field);
      const on = sql`${grouping.on}::text::date`;
      const years = sql`extract(year from ${on}) - extract(year from ${born})
        - (to_char(${on}, 'MMDD') < to_char(${born}, 'MMDD'))::int4`;
      return bandSql(sql, sql`(${years})::float8`, grouping.breaks);
    }
    case 'time': {
      const value = fieldValue(sql, grouping.field);
      const local =
        grouping.field.type === 'date' ? sql`(${value})::timestamp` : sql`(${value} at time zone interval '08:00')`;
      const day = sql`(${local}::date - date '2000-01-01')`;
      switch (grouping.unit) {
        case 'hour':
          return sql`floor(extract(epoch from ${local} - timestamp '2000-01-01') / 3600)::int4`;
        case 'day':
          return day;
        case 'week':
          return sql`floor((${day} + 5) / 7.0)::int4`;
        case 'month':
          return sql`(extract(year from ${local}) * 12 + extract(month from ${local}) - 1)::int4`;
        case 'year':
          return sql`extract(year from ${local})::int4`;
      }
    }
  }
}

function bandSql(sql: Sql, value: postgres.Fragment, breaks: readonly number[]): postgres.Fragment {
  return sql`width_bucket(${value}, ${sql.array([...breaks], 1022)}::float8[])`;
}

function keyOf(grouping: Grouping, group: Exclude<Group, null>): Key {
  switch (grouping.kind) {
    case 'h3': {
      const digits = BigInt(3 * (15 - grouping.res));
      const cell = (BigInt(group) << digits) | ((1n << digits) - 1n);
      return ((cell & ~(15n << 52n)) | (BigInt(grouping.res) << 52n)).toString(16);
    }
    case 'cells':
    case 'values':
      return group as Key;
    case 'bands':
    case 'age':
    case 'time':
      return bucketKey(grouping, Number(group));
  }
}

/** A value of `min` and `max` as the column store has it. */
function comparable(sql: Sql, field: FieldRef, value: postgres.Fragment): postgres.Fragment {
  if (field.type === 'date') return sql`(${value} - date '2000-01-01')::float8`;
  if (field.type === 'datetime') return sql`(extract(epoch from ${value}) * 1000000 - ${EPOCH_US}::int8)::float8`;
  return sql`${value}::float8`;
}

/** `count` and `value` of a group. */
function metricSql(
  sql: Sql,
  layer: Layer,
  { metric }: AggregateQuery,
): { value: postgres.Fragment; picked: postgres.Fragment; count: postgres.Fragment } {
  const all = { count: sql`count(*)`, picked: sql`0`, value: sql`null::float8` };
  if (metric.kind === 'count' || (metric.kind === 'share' && metric.of === null)) return all;
  if (metric.kind === 'share' && metric.of !== null) {
    return {
      ...all,
      picked: sql`coalesce(${toSql(sql, layer, metric.of)}, false)`,
      value: sql`(count(*) filter (where v))::float8`,
    };
  }
  if (metric.kind === 'share') return all;
  const picked = fieldValue(sql, metric.field);
  const count = sql`count(v)`;
  switch (metric.kind) {
    case 'sum':
      return { picked, count, value: sql`sum(v)::float8` };
    case 'avg':
      return { picked, count, value: sql`avg(v)::float8` };
    case 'min':
      return { picked, count, value: comparable(sql, metric.field, sql`min(v)`) };
    case 'max':
      return { picked, count, value: comparable(sql, metric.field, sql`max(v)`) };
    case 'distinct':
      return { picked, count, value: sql`count(distinct v)::float8` };
  }
}

/** Groups by code point, numbers by size, cells by their key, no before yes. */
function compare(a: Group, b: Group): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

export async function sqlAggregate(
  sql: Sql,
  layer: Layer,
  query: AggregateQuery,
  table = liveTable(layer.id),
): Promise<Groups> {
  const { by, predicate } = query;
  const { picked, count, value } = metricSql(sql, layer, query);
  const rows = await sql<Row[]>`
    with picked as (
      select ${groupSql(sql, by[0])} as a, ${groupSql(sql, by[1])} as b, ${picked} as v
      from ${sql(table)} where ${toSql(sql, layer, predicate)}
    )
    select a, b, grouping(a) = 1 as "isAll", (${count})::int4 as count, ${value} as value
    from picked group by grouping sets ((a, b), ())
    limit ${MOST_ROWS}::int4`;
  if (rows.length === MOST_ROWS) throw tooManyGroups();
  const hasValue = query.metric.kind !== 'count' && !(query.metric.kind === 'share' && query.metric.of === null);
  const isShare = query.metric.kind === 'share';
  const groups: Groups = {
    keys: by.map(() => []),
    counts: [],
    values: hasValue ? [] : null,
    outside: 0,
    outsidePart: 0,
    overall: null,
  };
  const inside: Row[] = [];
  const outside: Row[] = [];
  for (const row of rows) {
    if (row.isAll) groups.overall = hasValue && (row.count > 0 || isShare) ? row.value : null;
    else if (row.a === null || row.b === null) outside.push(row);
    else if (row.count > 0) inside.push(row);
  }
  inside.sort((x, y) => compare(x.a, y.a) || compare(x.b, y.b));
  for (const { a, b, count: n, value: v } of inside) {
    [a, b].forEach((group, index) => {
      const grouping = by[index];
      if (grouping !== undefined) groups.keys[index]?.push(keyOf(grouping, group as Exclude<Group, null>));
    });
    groups.counts.push(n);
    groups.values?.push(v ?? 0);
  }
  for (const { count: n, value: v } of outside) {
    groups.outside += n;
    if (isShare && hasValue) groups.outsidePart += v ?? 0;
  }
  return groups;
}
