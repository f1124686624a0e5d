import type { Sql } from '../db/connect.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { frameOf, type Tile } from '../tiles/tile.ts';
import { liveTable, type Rows, rowsFrom } from './layer-version.ts';
import { packed, unpack } from './packed.ts';

export interface LabelTile {
  ids: Float64Array;
  /** Metres of EPSG:3857. */
  xs: Float64Array;
  ys: Float64Array;
  properties: TileProperty[];
}

/**
 * Where the polygons of a tile are named: one point inside of each, made of the whole polygon, so that it is the same whatever
 * tile and zoom it is asked for in. Only those that lie in the tile itself, its western and northern edge included: a
 * polygon across several tiles is named in one of them.
 */
export async function labelTile(
  sql: Sql,
  layer: Layer,
  title: readonly [string, Field] | null,
  tile: Tile,
  predicate: Predicate,
  table: Rows = liveTable(layer.id),
): Promise<LabelTile> {
  const { west, north } = frameOf(tile);
  // To the last digit where the neighbours begin.
  const { west: east } = frameOf({ ...tile, x: tile.x + 1 });
  const { north: south } = frameOf({ ...tile, y: tile.y + 1 });
  const area = `SRID=3857;POLYGON((${west} ${south},${east} ${south},${east} ${north},${west} ${north},${west} ${south}))`;
  const text = title === null ? sql`null::text` : sql`${sql(title[0])}`;
  const list = [
    packed('fid', 'fid'),
    packed('x', 'number'),
    packed('y', 'number'),
    title === null ? 'null::bytea' : packed('text', title[1].type),
  ].join(', ');
  const [columns] = await sql`
    select ${sql.unsafe(list)}
    from (
      select fid, st_x(point) as x, st_y(point) as y, text from (
        select fid, st_pointonsurface(geom_3857) as point, ${text} as text from ${rowsFrom(sql, table)}
        where geom_3857 && ${area}::geometry and ${toSql(sql, layer, predicate)} offset 0
      ) made
      where st_x(point) >= ${west}::float8 and st_x(point) < ${east}::float8
        and st_y(point) > ${south}::float8 and st_y(point) <= ${north}::float8 offset 0
    ) named`.raw();
  const [fids, xs, ys, texts] = columns ?? [];
  return {
    ids: unpack(fids ?? null, 'fid').values,
    xs: unpack(xs ?? null, 'number').values,
    ys: unpack(ys ?? null, 'number').values,
    properties:
      title === null ? [] : [{ name: title[0], type: title[1].type, column: unpack(texts ?? null, title[1].type, 0) }],
  };
}
