import type { Sql } from '../db/connect.ts';
import type { CellLevel } from '../filter/predicate.ts';
import type { Ring } from './alert.ts';

/** The outlines of cells as one shape, without holes, which CAP does not know; and the codes that no cell has. */
export async function ringsOfCells(
  sql: Sql,
  by: CellLevel,
  codes: readonly string[],
): Promise<{ rings: Ring[]; unknown: string[] }> {
  const column = sql(`${by}_code`);
  const found = await sql<{ code: string }[]>`
    select distinct ${column} as code from layers.governance_grid where ${column} = any (${[...codes]}::text[])`;
  const known = new Set(found.map(({ code }) => code));
  const unknown = codes.filter((code) => !known.has(code));
  if (known.size === 0) return { rings: [], unknown };
  const rows = await sql<{ ring: { coordinates: Ring } }[]>`
    with shape as (
      select st_union(geom) as geom from layers.governance_grid
      where ${column} = any (${[...codes]}::text[])
    ), part as (select (st_dump(geom)).geom as geom from shape)
    select st_asgeojson(st_exteriorring(geom), 7)::json as ring from part
    where st_geometrytype(geom) = 'ST_Polygon' order by st_area(geom) desc`;
  return { rings: rows.map(({ ring }) => ring.coordinates), unknown };
}
