import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../../server/db/connect.ts';
import type { Predicate } from '../../server/filter/predicate.ts';
import { toSql } from '../../server/filter/to-sql.ts';
import type { GroupCounts } from '../support/group-counts.ts';

/**
 * Matching rows per H3 cell of a resolution up to 12 by the plainest `GROUP BY`, which is what the column store is
 * measured against. The parent of a cell is found by its bits.
 */
export async function plainHexagons(sql: Sql, layer: Layer, predicate: Predicate, res: number): Promise<GroupCounts> {
  const digits = 3 * (15 - res);
  const rows = await sql<{ group: string | null; count: number }[]>`
    select to_hex(((key << ${digits}::int4) & ~(15::int8 << 52)) | (${res}::int8 << 52) | ((1::int8 << ${digits}::int4) - 1))
      as "group", count
    from (
      select h3 >> ${digits}::int4 as key, count(*)::int4 as count from ${sql(`layers.${layer.id}`)}
      where ${toSql(sql, layer, predicate)} group by 1
    ) cells order by key`;
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
