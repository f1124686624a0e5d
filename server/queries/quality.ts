import { identifier, tableName } from '../../layers/ddl.ts';
import { type Layer, sourceFields } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';

/** The live load of a layer, with what its quality is made of. */
export interface LiveLoad {
  layer: string;
  load: number;
  publishedAt: Date;
  /** When it was last published, or delivered again without a change: what timeliness counts from. */
  confirmedAt: Date;
  rowsIn: number;
  accepted: number;
  repaired: number;
  quarantined: number;
  unlocated: number;
  crs: string | null;
  crsConfidence: number | null;
  /** Rows accepted by the published load before it. */
  before: number | null;
  cells: number | null;
  filled: number | null;
}

export async function listLiveLoads(sql: Sql): Promise<LiveLoad[]> {
  return await sql<LiveLoad[]>`
    select s.layer_id as layer, s.load_id as load, s.published_at as "publishedAt",
      coalesce(s.confirmed_at, s.published_at) as "confirmedAt", l.rows_in as "rowsIn",
      l.rows_accepted as accepted, l.rows_repaired as repaired, l.rows_quarantined as quarantined,
      l.rows_unlocated as unlocated, l.crs, round(l.crs_confidence::numeric, 3)::float8 as "crsConfidence",
      (select b.rows_accepted from app.load b
        where b.layer_id = s.layer_id and b.load_id < s.load_id and b.status = 'published'
        order by b.load_id desc limit 1) as before,
      f.cells, f.filled
    from app.layer_state s join app.load l using (load_id) left join app.load_fill f using (load_id)`;
}

/** Counts the cells of a live table and those that are filled, and keeps the numbers for its load. */
export async function measureFill(sql: Sql, layer: Layer, load: number): Promise<void> {
  const names = sourceFields(layer).map(identifier);
  const filled = names.map((name) => `count(${name})`).join(' + ');
  // The table says itself which load it is: it may have been swapped since we were asked.
  await sql.unsafe(
    `insert into app.load_fill (load_id, cells, filled)
    select t.load_id, t.cells, t.filled
    from (select coalesce(max(load_id), $1::int4) as load_id, count(*) * ${names.length} as cells, ${filled} as filled
      from ${tableName(layer, 'layers')}) t
    join app.load using (load_id)
    on conflict (load_id) do nothing`,
    [load],
  );
}
