import type { Database } from '../../server/db/connect.ts';

/** A version of a layer that can be asked for. */
export interface KeptVersion {
  layer: string;
  load: number;
  validFrom: Date;
  /** Null: live. */
  validTo: Date | null;
  rows: number;
  bytes: number;
  file: string;
}

/** The versions that are kept, live ones included, of one layer or of all. */
export async function listHistory(db: Database, layer?: string): Promise<KeptVersion[]> {
  const only = layer === undefined ? db.sql`` : db.sql`and l.layer_id = ${layer}`;
  return await db.sql<KeptVersion[]>`
    select l.layer_id as layer, l.load_id as load, l.valid_from as "validFrom", l.valid_to as "validTo",
      l.rows_accepted as rows, l.source_file as file,
      coalesce(pg_total_relation_size(case when s.load_id is null
        then to_regclass('history.' || quote_ident(l.history_table))
        else to_regclass('layers.' || quote_ident(l.layer_id)) end),
        (select sum((p ->> 'bytes')::int8) from jsonb_array_elements(l.raster) p), 0)::int8 as bytes
    from app.load l left join app.layer_state s on s.load_id = l.load_id
    where l.valid_from is not null and (s.load_id is not null or l.history_table is not null or l.raster is not null) ${only}
    order by l.layer_id, l.valid_from desc`;
}
