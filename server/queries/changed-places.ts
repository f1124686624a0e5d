import type { Sql } from '../db/connect.ts';
import { comparedFields, differs, sameRow, type DiffSide } from './version-diff.ts';

/** `[west, south, east, north]` in metres of EPSG:3857. */
export type MercatorBox = readonly [number, number, number, number];

/**
 * Where two versions of a layer differ: the box of every feature that came, went, moved or changed, as it was and as it
 * is. Null when there are more than `most`. Features without a place are left out.
 */
export async function changedPlaces(
  sql: Sql,
  from: DiffSide,
  to: DiffSide,
  most: number,
): Promise<MercatorBox[] | null> {
  const boxes = await sql<{ west: number; south: number; east: number; north: number }[]>`
    select st_xmin(g) as west, st_ymin(g) as south, st_xmax(g) as east, st_ymax(g) as north
    from (
      select st_transform(a.geom, 3857) as before, st_transform(b.geom, 3857) as after
      from ${sql(from.table)} a full join ${sql(to.table)} b on ${sameRow(sql)}
      where a.fid is null or b.fid is null or a.geom is distinct from b.geom
        or (${differs(sql, comparedFields(from.layer, to.layer))})
      limit ${most + 1}::int4
    ) changed, unnest(array[before, after]) g
    where g is not null`;
  if (boxes.length > most) return null;
  return boxes.map(({ west, south, east, north }) => [west, south, east, north]);
}
