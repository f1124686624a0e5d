/** Counting in the database: the reference the column store is tested against, and the way when it cannot answer. */
import type { Layer } from '../../layers/define.ts';
import type { GroupCounts } from '../aggregate/count.ts';
import type { Sql } from '../db/connect.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import { liveTable } from './layer-version.ts';

interface GroupRow {
  group: string | null;
  count: number;
}

function toGroups(rows: readonly GroupRow[]): GroupCounts {
  const result: GroupCounts = { groups: [], counts: [], outside: 0 };
  for (const { group, count } of rows) {
    if (group === null) {
      result.outside = count;
      continue;
    }
    result.groups.push(group);
    result.counts.push(count);
  }
  return result;
}

/** Rows that match. */
export async function sqlCount(
  sql: Sql,
  layer: Layer,
  predicate: Predicate,
  table = liveTable(layer.id),
): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int4 as count from ${sql(table)} where ${toSql(sql, layer, predicate)}`;
  return row.count;
}

/** Matching rows per H3 cell of a resolution up to 12. The parent of a cell is found by its bits. */
export async function sqlHexagons(
  sql: Sql,
  layer: Layer,
  predicate: Predicate,
  res: number,
  table = liveTable(layer.id),
): Promise<GroupCounts> {
  const digits = 3 * (15 - res);
  return toGroups(
    await sql<GroupRow[]>`
      select to_hex(((key << ${digits}::int4) & ~(15::int8 << 52)) | (${res}::int8 << 52) | ((1::int8 << ${digits}::int4) - 1))
        as "group", count
      from (
        select h3 >> ${digits}::int4 as key, count(*)::int4 as count from ${sql(table)}
        where ${toSql(sql, layer, predicate)} group by 1
      ) cells order by key`,
  );
}

/** Matching rows per grid, community or town code. */
export async function sqlCells(
  sql: Sql,
  layer: Layer,
  predicate: Predicate,
  by: CellLevel,
  table = liveTable(layer.id),
): Promise<GroupCounts> {
  return toGroups(
    await sql<GroupRow[]>`
      select ${sql(`${by}_code`)} as "group", count(*)::int4 as count from ${sql(table)}
      where ${toSql(sql, layer, predicate)} group by 1 order by ${sql(`${by}_code`)} collate "C"`,
  );
}
