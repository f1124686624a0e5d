import type { Sql } from '../db/connect.ts';
import { identifier } from '../../layers/ddl.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { BUFFER, frameOf, type Tile } from '../tiles/tile.ts';
import { liveTable, type Rows, rowsFrom } from './layer-version.ts';
import { packed, readTexts, unpack } from './packed.ts';
import { quickTypes, tileProperties } from './tile-properties.ts';

export interface ShapeTile {
  ids: Float64Array;
  /** WKB in metres of EPSG:3857, one after another; an empty collection where clipping left nothing. Lines may reach far beyond the tile. */
  shapes: Buffer;
  properties: TileProperty[];
}

/** Stored bytes from which a line is clipped before it is sent: some hundred positions. */
const LONG_LINE = 2048;

/** Bytes of an empty geometry collection: stands for nothing. */
const NOTHING = '\\x010700000000000000';

/**
 * The lines or polygons of a tile that satisfy the predicate. Polygons are clipped to the tile and its buffer where they reach
 * beyond it: that is left to the database, as it needs valid geometry, which the stored one is. Lines are clipped when they are
 * drawn, which takes a fraction of the time; here only those that would be long to send.
 */
export async function shapeTile(
  sql: Sql,
  layer: Layer,
  fields: readonly [string, Field][],
  tile: Tile,
  predicate: Predicate,
  table: Rows = liveTable(layer.id),
): Promise<ShapeTile> {
  const { west, south, east, north, perMetre } = frameOf(tile);
  const margin = BUFFER / perMetre;
  const [left, bottom, right, top] = [west - margin, south - margin, east + margin, north + margin];
  // A parameter that is a geometry already: made of numbers in the statement, it would be made anew for every row.
  const area = `SRID=3857;POLYGON((${left} ${bottom},${right} ${bottom},${right} ${top},${left} ${top},${left} ${bottom}))`;
  const box = sql`${area}::geometry`;
  const isShort = layer.geometry === 'line' ? sql`pg_column_size(geom_3857) < ${LONG_LINE}::int4 or` : sql``;
  const clipped = sql`case when ${isShort} geom_3857 @ ${box} then geom_3857 else st_clipbybox2d(geom_3857, ${box}) end`;
  const condition = toSql(sql, layer, predicate);
  const inner = fields.map(([name], index) => `, ${identifier(name)} as f${index}`).join('');
  return readTexts(async (textType) => {
    const types = quickTypes(fields, textType);
    const outer = [
      packed('fid', 'fid'),
      `string_agg(coalesce(shape, '${NOTHING}'::bytea), ''::bytea)`,
      ...types.map((type, index) => packed(`f${index}`, type)),
    ].join(', ');
    // `offset 0` keeps values from being made twice.
    const [columns] = await sql`
      select ${sql.unsafe(outer)} from (
        select fid, st_asbinary(${clipped}) as shape ${sql.unsafe(inner)} from ${rowsFrom(sql, table)}
        where geom_3857 && ${box} and ${condition} offset 0
      ) visible`.raw();
    const [fids, shapes, ...values] = columns ?? [];
    const ids = unpack(fids ?? null, 'fid').values;
    return {
      ids,
      shapes: shapes ?? Buffer.alloc(0),
      properties: tileProperties(fields, types, values, ids.length),
    };
  });
}
