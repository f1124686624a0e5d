import { identifier } from '../../layers/ddl.ts';
import type { Field } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { liveTable } from './layer-version.ts';
import { packed, type QuickType, readTexts, unpack } from './packed.ts';
import { quickTypes, tileProperties } from './tile-properties.ts';

export interface LayerLines {
  /** The load that was live when they were read. */
  load: number;
  ids: Float64Array;
  /** WKB in metres of EPSG:3857, one after another. */
  shapes: Buffer;
  properties: TileProperty[];
}

/** Bytes in which the shapes of a layer are stored. */
export async function storedShapeBytes(sql: Sql, layerId: string): Promise<number> {
  const [row] = await sql<[{ bytes: number }]>`
    select coalesce(sum(pg_column_size(geom_3857)), 0)::float8 as bytes from ${sql(liveTable(layerId))}`;
  return row.bytes;
}

/** All located lines of a layer as they are now, with the named fields. Null where it was never loaded. */
export async function readLines(
  sql: Sql,
  layerId: string,
  fields: readonly [string, Field][],
): Promise<LayerLines | null> {
  return readTexts(async (textType) => {
    const types = quickTypes(fields, textType);
    const list = [
      packed('fid', 'fid'),
      `string_agg(st_asbinary(geom_3857), ''::bytea)`,
      ...fields.map(([name], index) => packed(identifier(name), types[index] as QuickType)),
    ].join(', ');
    // One statement: the load is that of the rows.
    const [columns] = await sql`
      select (select load_id::int4 from app.layer_state where layer_id = ${layerId}), ${sql.unsafe(list)}
      from ${sql(liveTable(layerId))} where not st_isempty(geom_3857)`.raw();
    const [load, fids, shapes, ...values] = columns ?? [];
    if (!load) return null;
    const ids = unpack(fids ?? null, 'fid').values;
    return {
      load: load.readInt32BE(),
      ids,
      shapes: shapes ?? Buffer.alloc(0),
      properties: tileProperties(fields, types, values, ids.length),
    };
  });
}
