import type { RasterPicture } from '../../layers/raster.ts';
import type { Sql } from '../db/connect.ts';

/** What there is of a layer: its live version, or the one of an earlier time. */
export interface LayerState {
  layerId: string;
  loadId: number;
  rows: number;
  unlocated: number;
  /** EPSG:4326. */
  bbox: [number, number, number, number] | null;
  publishedAt: Date;
  /** When it was last published, or delivered again without a change. */
  confirmedAt: Date;
  /** Table that holds its rows, `schema.table`; of a raster there is none. */
  table: string;
  /** Of a raster: its pictures, in the order of their times. */
  pictures?: readonly RasterPicture[] | null;
}

/** What is live of every layer that was ever loaded. */
export async function listLayerStates(sql: Sql): Promise<LayerState[]> {
  const rows = await sql<(Omit<LayerState, 'bbox'> & { bbox: number[] | null })[]>`
    select s.layer_id as "layerId", load_id as "loadId", s.rows, s.unlocated, s.bbox, s.published_at as "publishedAt",
      coalesce(s.confirmed_at, s.published_at) as "confirmedAt", 'layers.' || s.layer_id as "table", l.raster as pictures
    from app.layer_state s join app.load l using (load_id)`;
  return rows.map((row) => ({
    ...row,
    bbox: row.bbox?.length === 4 ? (row.bbox as [number, number, number, number]) : null,
  }));
}

/** Definitions of the layers that somebody uploaded, as stored: `parseLayer` says whether they are any. */
export async function listUserLayers(sql: Sql): Promise<{ id: string; definition: unknown }[]> {
  return await sql<{ id: string; definition: unknown }[]>`
    select layer_id as id, definition from app.user_layer where deleted_at is null order by layer_id`;
}

/** The load that is live now, or null. */
export async function findLiveLoad(sql: Sql, layerId: string): Promise<number | null> {
  const [row] = await sql<{ load: number }[]>`select load_id as load from app.layer_state where layer_id = ${layerId}`;
  return row?.load ?? null;
}

/** The layer that is being loaded now, or null. Loads that stopped without a word count for ten minutes. */
export async function findRunningLoad(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ layer: string }[]>`
    select layer_id as layer from app.load
    where status = 'running' and started_at > now() - interval '10 minutes' order by load_id desc limit 1`;
  return row?.layer ?? null;
}
