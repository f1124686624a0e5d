import type { Sql } from '../db/connect.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { frameOf, type Tile } from '../tiles/tile.ts';
import { liveTable, type Rows, rowsFrom } from './layer-version.ts';
import { packed, unpack } from './packed.ts';

export interface ShapeTile {
  ids: Float64Array;
  /** TWKB in tile units, y down. Null where clipping left nothing. */
  shapes: (Buffer | null)[];
  properties: TileProperty[];
}

/** Tile units drawn beyond the tile's edge, so that outlines do not show at the seams. */
const BUFFER = 64;

type Packed = Record<string, Buffer | null>;

/**
 * The lines or polygons of a tile that satisfy the predicate, clipped to the tile and its buffer, and simplified by
 * `tolerance` tile units (0: not at all). Clipping comes first: it needs valid geometry, which only the stored one is.
 */
export async function shapeTile(
  sql: Sql,
  layer: Layer,
  fields: readonly [string, Field][],
  tile: Tile,
  tolerance: number,
  predicate: Predicate,
  table: Rows = liveTable(layer.id),
): Promise<ShapeTile> {
  const { west, south, east, north, perMetre } = frameOf(tile);
  const margin = BUFFER / perMetre;
  const box = sql`st_makeenvelope(${west - margin}::float8, ${south - margin}::float8,
    ${east + margin}::float8, ${north + margin}::float8, 3857)`;
  const clipped = sql`case when geom_3857 @ ${box} then geom_3857 else st_clipbybox2d(geom_3857, ${box}) end`;
  // Collapsed parts are kept: the encoder draws them one pixel wide.
  const simple = tolerance > 0 ? sql`st_simplify(${clipped}, ${tolerance / perMetre}::float8, true)` : clipped;
  const scaled = sql`st_transscale(${simple}, ${-west}::float8, ${-north}::float8, ${perMetre}::float8, ${-perMetre}::float8)`;
  let inner = sql`fid, st_astwkb(${scaled}, 0) as shape`;
  let outer = sql`${packed(sql, sql`fid`, 'fid')} as fid, ${packed(sql, sql`shape`, 'bytes')} as shape`;
  fields.forEach(([name, field], index) => {
    inner = sql`${inner}, ${sql(name)} as ${sql(`f${index}`)}`;
    outer = sql`${outer}, ${packed(sql, sql`${sql(`f${index}`)}`, field.type)} as ${sql(`p${index}`)}`;
  });
  // `offset 0` keeps the geometry from being made twice, once for its length and once for its bytes.
  const [row] = await sql<[Packed]>`
    select ${outer} from (
      select ${inner} from ${rowsFrom(sql, table)}
      where geom_3857 && ${box} and ${toSql(sql, layer, predicate)} offset 0
    ) visible`;
  const ids = unpack(row.fid ?? null, 'fid');
  const shapes = unpack(row.shape ?? null, 'bytes');
  if (ids.kind !== 'float' || shapes.kind !== 'bytes') throw new Error('unexpected columns');
  return {
    ids: ids.values,
    shapes: shapes.values,
    properties: fields.map(([name, field], index) => ({
      name,
      type: field.type,
      column: unpack(row[`p${index}`] ?? null, field.type),
    })),
  };
}
