import type { Sql } from '../db/connect.ts';
import type { SearchRow, Segment } from './segment.ts';

const PAGE = 5000;
/** Longest text that is kept of a field. */
const LONGEST = 200;

export interface SegmentTask extends Pick<Segment, 'layer' | 'load' | 'fields' | 'isPoint'> {
  /** Table with the rows of that load, `schema.table`. */
  table: string;
}

/**
 * The rows of a load that have a text to be found by. Each page is a statement of its own, with a pause behind it: others
 * come first. Answers null when another load has taken the table's place.
 */
export async function readSearchRows(sql: Sql, task: SegmentTask, pauseMs: number): Promise<SearchRow[] | null> {
  const rows: SearchRow[] = [];
  const place = task.isPoint
    ? sql`st_x(geom), st_y(geom), null::float8, null::float8`
    : sql`st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)`;
  let list = sql`fid, load_id, ${place}`;
  task.fields.forEach((name, index) => {
    list = sql`${list}, left(${sql(name)}, ${LONGEST}::int4) as ${sql(`f${index}`)}`;
  });
  let after = -1;
  for (;;) {
    const page: unknown[][] = await sql`
      select ${list} from ${sql(task.table)} where fid > ${after}::int8 order by fid limit ${PAGE}::int4`.values();
    for (const [fid, load, west, south, east, north, ...texts] of page) {
      if (load !== task.load) return null;
      if (texts.every((text) => text === null || text === '')) continue;
      rows.push({
        fid: Number(fid),
        texts: texts.map((text) => String(text ?? '')),
        place: west === null ? null : ((task.isPoint ? [west, south] : [west, south, east, north]) as number[]),
      });
    }
    if (page.length < PAGE) return rows;
    after = Number(page.at(-1)?.[0]);
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}
