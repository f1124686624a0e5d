import { createIndexSql, createTableSql } from '../../layers/ddl.ts';
import { getLayer } from '../../layers/index.ts';
import type { Sql } from '../../server/db/connect.ts';

/** Extent of the squares, EPSG:4326. The south-west quarter is left out: a place there is outside the district. */
export const squareExtent = [112.98, 22.92, 113.14, 23.08] as const;
const SIDE = 16;
const STEP = 0.01;
/** Towns of the other three quarters. */
const TOWNS = { nw: '440604011', ne: '440604012', se: '440604010' } as const;

/** Publishes a small district of square micro-grids, as a load would. Returns their codes. */
export async function publishSquareGrids(sql: Sql): Promise<string[]> {
  const layer = getLayer('governance_grid');
  const cells: { code: string; x: number; y: number }[] = [];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const half = SIDE / 2;
      const quarter = row >= half ? (column < half ? 'nw' : 'ne') : column < half ? undefined : 'se';
      if (!quarter) continue;
      const number = String((row % half) * half + (column % half) + 1).padStart(3, '0');
      cells.push({
        code: `${TOWNS[quarter]}001W${number}`,
        x: squareExtent[0] + column * STEP,
        y: squareExtent[1] + row * STEP,
      });
    }
  }
  await sql.begin(async (tx) => {
    await tx.unsafe(`drop table if exists layers.governance_grid cascade; ${createTableSql(layer, 'layers')}`);
    const [load] = await tx<{ load_id: number }[]>`
      insert into app.load (layer_id, source_file, status, finished_at, rows_in, rows_accepted)
      values ('governance_grid', 'squares', 'published', now(), ${cells.length}, ${cells.length}) returning load_id`;
    const loadId = load?.load_id ?? 0;
    await tx`
      insert into layers.governance_grid (fid, source_id, geom, grid_code, community_code, town_code, load_id, valid_from, name)
      select row_number() over (), code, st_multi(st_makeenvelope(x, y, x + ${STEP}, y + ${STEP}, 4326)), code,
        left(code, 12), left(code, 9) || '000', ${loadId}::int, now(), code
      from unnest(${cells.map(({ code }) => code)}::text[], ${cells.map(({ x }) => x)}::float8[],
        ${cells.map(({ y }) => y)}::float8[]) u(code, x, y)`;
    for (const statement of createIndexSql(layer, 'layers')) await tx.unsafe(statement);
    await tx`
      insert into app.layer_state (layer_id, load_id, rows, bbox)
      values ('governance_grid', ${loadId}, ${cells.length}, ${[...squareExtent]})
      on conflict (layer_id) do update set load_id = excluded.load_id, rows = excluded.rows, published_at = now()`;
    await tx`select pg_notify('layers', 'governance_grid')`;
  });
  return cells.map(({ code }) => code);
}

/** Takes the small district away again. */
export async function removeSquareGrids(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`delete from app.layer_state where layer_id = 'governance_grid'`;
    await tx`drop table if exists layers.governance_grid cascade`;
    await tx`select pg_notify('layers', 'governance_grid')`;
  });
}
