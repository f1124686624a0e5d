import { maskValue } from '../../layers/access.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { Sql } from '../db/connect.ts';
import { toSql } from '../filter/to-sql.ts';
import { findVersion } from '../queries/layer-version.ts';
import type { RowForm } from './formats.ts';
import type { ExportTask } from './task.ts';
import { shanghaiTime } from '../shanghai-time.ts';

/** What a cell of an exported table holds. Days and instants are text. */
export type Cell = string | number | bigint | boolean | null;

export interface ExportRow {
  /** In the order of the columns, masked. */
  cells: Cell[];
  /** `[lon, lat]`, WKT, GeoJSON or WKB, as the form of the rows wants it; null without a place. */
  place: [number, number] | string | Buffer | null;
}

/** The version that is exported is no longer kept. */
export class VersionGone extends Error {}

/** Rows a statement answers: short enough that others get their turn and a cancelled export stops soon. */
const PAGE = 2000;

/** Digits after the point: 7 is a centimetre. */
const PRECISION = 7;

/** What of the geometry the form needs. */
function placeColumns(sql: Sql, form: RowForm, isPoint: boolean) {
  switch (form) {
    case 'csv':
    case 'xlsx':
      return isPoint
        ? sql`round(st_x(geom)::numeric, ${PRECISION}::int4)::float8, round(st_y(geom)::numeric, ${PRECISION}::int4)::float8`
        : sql`st_astext(geom, ${PRECISION}::int4), null::float8`;
    case 'geojson':
    case 'geojsonseq':
      return sql`st_asgeojson(geom, ${PRECISION}::int4), null::float8`;
    case 'parquet':
      return sql`st_asbinary(geom, 'NDR'), null::float8`;
  }
}

/**
 * The rows of one load that match, page by page, in the order of `fid`. Each page is a statement of its own, so that no
 * snapshot is held while a slow caller reads and no load waits to swap the table. When a load does, the pages go on from
 * the table that holds the exported version from then on.
 */
export async function* readRows(sql: Sql, task: ExportTask, signal: AbortSignal): AsyncGenerator<ExportRow[]> {
  const { layer, load, predicate, columns, rows: form } = task;
  let { table } = task;
  let after = -1;
  let list = placeColumns(sql, form, isPointLike(layer));
  // The number of the row leads: the next page begins behind it.
  list = sql`fid, ${list}`;
  columns.forEach(({ name }, index) => {
    list = sql`${list}, ${sql(name)} as ${sql(`c${index}`)}`;
  });
  for (;;) {
    signal.throwIfAborted();
    const query = sql`
      select ${list} from ${sql(table)}
      where fid > ${after}::int8 and load_id = ${load}::int4 and ${toSql(sql, layer, predicate)}
      order by fid limit ${PAGE}::int4`.values();
    const stop = (): void => query.cancel();
    signal.addEventListener('abort', stop, { once: true });
    let page: unknown[][];
    try {
      page = (await query) as unknown[][];
    } catch (error) {
      // The table was moved between two pages.
      if ((error as { code?: unknown }).code !== '42P01') throw error;
      page = [];
    } finally {
      signal.removeEventListener('abort', stop);
    }
    signal.throwIfAborted();
    if (page.length > 0) {
      after = Number(page.at(-1)?.[0]);
      yield page.map((row) => toRow(task, row));
    }
    if (page.length === PAGE) continue;
    // The end, unless another load took the table's place meanwhile.
    const version = await findVersion(sql, layer.id, load);
    // A load that is still the live one need not be in the history of versions.
    const now = version?.table ?? (version === null ? task.table : null);
    if (now === null) throw new VersionGone(`the version of layer ${layer.id} by load ${load} is no longer kept`);
    if (now === table) return;
    table = now;
  }
}

function toRow({ columns, rows: form }: ExportTask, row: readonly unknown[]): ExportRow {
  const [, first, second] = row;
  const place =
    first === null || first === undefined
      ? null
      : form === 'csv' || form === 'xlsx'
        ? typeof first === 'number'
          ? ([first, second as number] as [number, number])
          : (first as string)
        : (first as string | Buffer);
  const cells = columns.map(({ mask }, index) => {
    const value = row[index + 3];
    return mask === undefined ? toCell(value) : maskValue(mask, value);
  });
  return { cells, place };
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return shanghaiTime(value);
  return value as Cell;
}
