import type { Sql } from '../db/connect.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { keyRange, type Tile } from '../tiles/tile.ts';
import { liveTable, type Rows, rowsFrom } from './layer-version.ts';
import { packed, unpack } from './packed.ts';

export interface PointTile {
  ids: Float64Array;
  /** World pixels of zoom 30. */
  mx: Int32Array;
  my: Int32Array;
  properties: TileProperty[];
}

/** The points of a tile that satisfy the predicate, with the named fields. A range of the index on `qk`. */
export async function pointTile(
  sql: Sql,
  layer: Layer,
  fields: readonly [string, Field][],
  tile: Tile,
  predicate: Predicate,
  table: Rows = liveTable(layer.id),
): Promise<PointTile> {
  const { low, high } = keyRange(tile);
  let list = sql`${packed(sql, sql`fid`, 'fid')}, ${packed(sql, sql`mx`, 'int')}, ${packed(sql, sql`my`, 'int')}`;
  for (const [name, field] of fields) list = sql`${list}, ${packed(sql, sql`${sql(name)}`, field.type)}`;
  const [columns] = await sql`
    select ${list} from ${rowsFrom(sql, table)}
    where qk >= ${low}::int8 and qk < ${high}::int8 and ${toSql(sql, layer, predicate)}`.raw();
  const [fids, xs, ys, ...values] = columns ?? [];
  return {
    ids: unpack(fids ?? null, 'fid').values,
    mx: unpack(xs ?? null, 'int').values,
    my: unpack(ys ?? null, 'int').values,
    properties: fields.map(([name, field], index) => ({
      name,
      type: field.type,
      column: unpack(values[index] ?? null, field.type),
    })),
  };
}
