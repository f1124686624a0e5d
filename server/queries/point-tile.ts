import type { Sql } from '../db/connect.ts';
import { identifier } from '../../layers/ddl.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { keyRange, type Tile } from '../tiles/tile.ts';
import { liveTable, type Rows, rowsFrom } from './layer-version.ts';
import { packed, type QuickType, readTexts, unpack } from './packed.ts';
import { quickTypes, tileProperties } from './tile-properties.ts';

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
  const condition = toSql(sql, layer, predicate);
  return readTexts(async (textType) => {
    const types = quickTypes(fields, textType);
    const list = [
      packed('fid', 'fid'),
      packed('mx', 'int'),
      packed('my', 'int'),
      ...fields.map(([name], index) => packed(identifier(name), types[index] as QuickType)),
    ].join(', ');
    const [columns] = await sql`
      select ${sql.unsafe(list)} from ${rowsFrom(sql, table)}
      where qk >= ${low}::int8 and qk < ${high}::int8 and ${condition}`.raw();
    const [fids, xs, ys, ...values] = columns ?? [];
    const ids = unpack(fids ?? null, 'fid').values;
    return {
      ids,
      mx: unpack(xs ?? null, 'int').values,
      my: unpack(ys ?? null, 'int').values,
      properties: tileProperties(fields, types, values, ids.length),
    };
  });
}
