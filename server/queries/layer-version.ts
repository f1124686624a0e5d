import type postgres from 'postgres';
import type { RasterPicture } from '../../layers/raster.ts';
import type { Sql } from '../db/connect.ts';

/** One version of a layer: what a load published, from then until the next load replaced it. */
export interface LayerVersion {
  loadId: number;
  rows: number;
  unlocated: number;
  /** EPSG:4326. */
  bbox: [number, number, number, number] | null;
  validFrom: Date;
  /** Null while it is live. */
  validTo: Date | null;
  /** Name of the file it was made of, with the folders it lay in. */
  file: string;
  sha256: string | null;
  /** Table that holds its rows, `schema.table`; null once retention has removed it, and of rasters. */
  table: string | null;
  /** Of a raster: its pictures; null once retention has removed them. */
  pictures: readonly RasterPicture[] | null;
  /** The layer's definition of then, as stored: `parseLayer` says whether it is one. Null where none was kept. */
  definition: unknown;
}

type Row = Omit<LayerVersion, 'bbox'> & { bbox: number[] | null };

/** Where the rows of a layer's live version are. */
export function liveTable(layerId: string): string {
  return `layers.${layerId}`;
}

/** What a query reads its rows from: a table, `schema.table`, or a subquery in parentheses with a name. */
export type Rows = string | postgres.Fragment;

/** The same for FROM. Names of tables come from definitions and from the loads themselves. */
export function rowsFrom(sql: postgres.Sql, rows: Rows): postgres.Fragment {
  return typeof rows === 'string' ? sql`${sql(rows)}` : rows;
}

function selection(sql: Sql) {
  return sql`l.load_id as "loadId", coalesce(s.rows, l.rows_accepted) as rows,
    coalesce(s.unlocated, l.rows_unlocated) as unlocated, coalesce(s.bbox, l.bbox) as bbox,
    l.valid_from as "validFrom", l.valid_to as "validTo",
    case when l.raster is not null then null when s.load_id is not null then 'layers.' || l.layer_id
      else 'history.' || l.history_table end as "table", l.raster as pictures,
    l.definition, l.source_file as file, l.sha256`;
}

function toVersion({ bbox, ...row }: Row): LayerVersion {
  return { ...row, bbox: bbox?.length === 4 ? (bbox as [number, number, number, number]) : null };
}

/** The version of a layer that was live at an instant, or null before its first load. */
export async function findVersionAt(sql: Sql, layerId: string, at: Date): Promise<LayerVersion | null> {
  const [row] = await sql<Row[]>`
    select ${selection(sql)} from app.load l left join app.layer_state s on s.load_id = l.load_id
    where l.layer_id = ${layerId} and l.valid_from <= ${at}
    order by l.valid_from desc, l.load_id desc limit 1`;
  return row === undefined ? null : toVersion(row);
}

/** One version by the load that made it. */
export async function findVersion(sql: Sql, layerId: string, load: number): Promise<LayerVersion | null> {
  const [row] = await sql<Row[]>`
    select ${selection(sql)} from app.load l left join app.layer_state s on s.load_id = l.load_id
    where l.layer_id = ${layerId} and l.load_id = ${load}::int4 and l.valid_from is not null`;
  return row === undefined ? null : toVersion(row);
}

/** Versions of a layer, the newest first, with those that retention has removed. */
export async function listVersions(sql: Sql, layerId: string, limit: number): Promise<LayerVersion[]> {
  const rows = await sql<Row[]>`
    select ${selection(sql)} from app.load l left join app.layer_state s on s.load_id = l.load_id
    where l.layer_id = ${layerId} and l.valid_from is not null
    order by l.valid_from desc, l.load_id desc limit ${limit}::int4`;
  return rows.map(toVersion);
}

/** The earliest instant that can be answered, or null when nothing was ever loaded. */
export async function earliestInstant(sql: Sql, layerId: string): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    select min(l.valid_from) as at
    from app.load l left join app.layer_state s on s.load_id = l.load_id
    where l.layer_id = ${layerId} and (s.load_id is not null or l.history_table is not null or l.raster is not null)`;
  return row?.at ?? null;
}
