import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import { liveTable } from './layer-version.ts';

/** Rows that match, counted in the database: the way when the column store cannot answer. */
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
