import type { Sql } from '../db/connect.ts';

/** Digits of coordinates in what is written for the loader: as exact as they are stored. */
export const PRECISION = 12;

/** Outlines of micro-grids or communities by their code, as GeoJSON. */
export async function cellShapes(sql: Sql, table: string, codes: readonly string[]): Promise<Map<string, string>> {
  const shapes = await sql<{ code: string; geometry: string }[]>`
    select source_id as code, st_asgeojson(geom, ${PRECISION}::int4) as geometry
    from ${sql(table)} where source_id = any(${codes}::text[])`;
  return new Map(shapes.map(({ code, geometry }) => [code, geometry]));
}
