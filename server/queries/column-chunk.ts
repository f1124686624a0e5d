import { identifier, isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { packed, type PackedType } from './packed.ts';

/** A column the store reads: where its values come from, and how they are packed. */
export interface ChunkColumn {
  name: string;
  type: PackedType;
}

/** Names of the columns that are not fields. `$` keeps them apart from fields. */
export const CELL_KEY = '$key';
export const LON = '$lon';
export const LAT = '$lat';

/** What the store holds of a layer: its cell, its place (points), the codes of its cells and its filterable fields. */
export function storedColumns(layer: Layer): ChunkColumn[] {
  const codes: ChunkColumn[] = ['grid_code', 'community_code', 'town_code'].map((name) => ({ name, type: 'string' }));
  const fields = Object.entries(layer.fields)
    .filter(([name, field]) => field.filterable === true && !codes.some((code) => code.name === name))
    .map(([name, field]): ChunkColumn => ({ name, type: field.type }));
  const place: ChunkColumn[] = isPointLike(layer)
    ? [
        { name: LON, type: 'number' },
        { name: LAT, type: 'number' },
      ]
    : [];
  return [{ name: CELL_KEY, type: 'fid' }, ...place, ...codes, ...fields];
}

/** Size of a layer's table, `schema.table`. */
export async function tablePages(sql: Sql, table: string): Promise<number> {
  const [row] = await sql<[{ pages: number }]>`
    select (pg_relation_size(${table}::text::regclass) / current_setting('block_size')::int4)::int4 as pages`;
  return row.pages;
}

/** What a column holds, as SQL. */
function valueOf(name: string): string {
  if (name === CELL_KEY) return 'coalesce((h3 >> 9) & 8796093022207, -1)';
  if (name === LON) return 'st_x(geom)';
  if (name === LAT) return 'st_y(geom)';
  return identifier(name);
}

/**
 * The rows on pages `[from, to)` of a layer's table, one packed buffer per column (null when there is no row), in the
 * order of `columns`. The cell key is 43 bits of the H3 cell (see `ColumnTable`), or -1 without a place.
 */
export async function columnChunk(
  sql: Sql,
  table: string,
  columns: readonly ChunkColumn[],
  from: number,
  to: number,
): Promise<(Buffer | null)[]> {
  const list = columns.map(({ name, type }, index) => `${packed(valueOf(name), type)} as p${index}`).join(', ');
  const [row] = await sql<[Record<string, Buffer | null>]>`
    select ${sql.unsafe(list)} from ${sql(table)}
    where ctid >= ${`(${from},0)`}::text::tid and ctid < ${`(${to},0)`}::text::tid`;
  return columns.map((_, index) => row[`p${index}`] ?? null);
}
