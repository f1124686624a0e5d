import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Predicate } from '../filter/predicate.ts';
import type { Fragment } from '../filter/to-sql.ts';
import { findVersion } from '../queries/layer-version.ts';
import type { TakenField } from './result-layer.ts';

/** Rows of a layer as one load has them. */
export interface VersionRows {
  layer: Layer;
  load: number;
  /** Where they were when the result was asked for. */
  table: string;
  predicate: Predicate;
}

/** The table that holds the rows now: another load may have moved them aside. Throws `VERSION_GONE`. */
export async function tableOf(sql: Sql, { layer, load, table }: VersionRows): Promise<string> {
  const version = await findVersion(sql, layer.id, load);
  // A load that is the live one need not be in the history of versions.
  const now = version === null ? table : version.table;
  if (now !== null) return now;
  throw new ApiError('VERSION_GONE', `The version of layer ${layer.id} by load ${load} is no longer kept.`);
}

/** The values of a row by the names the result has for them, as one JSON. */
export function valuesOf(sql: Sql, taken: readonly TakenField[]): Fragment {
  if (taken.length === 0) return sql`'{}'::jsonb`;
  let columns = sql``;
  taken.forEach(({ name, column }, index) => {
    columns = sql`${columns}${index === 0 ? sql`` : sql`, `}${sql(column)} as ${sql(name)}`;
  });
  return sql`(select to_jsonb(v) from (select ${columns}) v)`;
}
