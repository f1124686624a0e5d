import type { Layer } from '../../layers/define.ts';
import { aggregate } from '../../server/aggregate/aggregate.ts';
import type { Grouping, Groups } from '../../server/aggregate/aggregate-query.ts';
import type { ColumnTable } from '../../server/aggregate/column-table.ts';
import type { Sql } from '../../server/db/connect.ts';
import type { CellLevel, Predicate } from '../../server/filter/predicate.ts';
import { sqlAggregate } from '../../server/queries/aggregates.ts';

/** Counts per group, and the rows that match but belong to no group. `groups` and `counts` belong together. */
export interface GroupCounts {
  groups: string[];
  counts: number[];
  /** Matching rows without a place (hexagons) or without a cell code (cells). */
  outside: number;
}

function toCounts({ keys, counts, outside }: Groups): GroupCounts {
  return { groups: keys[0] as string[], counts, outside };
}

const asked = (predicate: Predicate, grouping: Grouping) => ({
  predicate,
  metric: { kind: 'count' as const },
  by: [grouping],
});

/** Matching rows per H3 cell of resolution 5-12, from memory. */
export function countHexagons(table: ColumnTable, predicate: Predicate, res: number): GroupCounts {
  return toCounts(aggregate(table, asked(predicate, { kind: 'h3', res })));
}

/** Matching rows per grid, community or town code, from memory. */
export function countCells(table: ColumnTable, predicate: Predicate, by: CellLevel): GroupCounts {
  return toCounts(aggregate(table, asked(predicate, { kind: 'cells', by })));
}

/** The same from the database, as the service asks it. */
export async function sqlHexagons(sql: Sql, layer: Layer, predicate: Predicate, res: number): Promise<GroupCounts> {
  return toCounts(await sqlAggregate(sql, layer, asked(predicate, { kind: 'h3', res })));
}

export async function sqlCells(sql: Sql, layer: Layer, predicate: Predicate, by: CellLevel): Promise<GroupCounts> {
  return toCounts(await sqlAggregate(sql, layer, asked(predicate, { kind: 'cells', by })));
}
