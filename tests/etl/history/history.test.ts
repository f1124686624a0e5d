import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyIndex, historyTable } from '../../../etl/history/history-table.ts';
import { listHistory } from '../../../etl/history/list-history.ts';
import { pruneHistory } from '../../../etl/history/prune.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { importContent, removeLayer } from '../../support/user-layer.ts';

const ID = 'user_history_stop';
/** As long as an id can be. */
const LONG = `user_${'x'.repeat(48)}`;

let db: Database;
const loads: number[] = [];

function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => `S${i},站点${i},${113.1 + i / 1000},${23 + i / 1000}`);
  return `code,name,lon,lat\n${lines.join('\n')}\n`;
}

beforeAll(async () => {
  db = await testDatabase();
  for (const rows of [10, 11, 12]) loads.push((await importContent(db, ID, 'stops.csv', csv(rows))).load);
});
afterAll(async () => {
  for (const id of [ID, LONG]) await removeLayer(db, id);
});

async function tablesOf(load: number): Promise<string[]> {
  const rows = await db.sql<{ name: string }[]>`select tablename as name from pg_tables
    where schemaname = 'history' and tablename like ${`%\\_\\_${load}`}`;
  return rows.map(({ name }) => name);
}

describe('what a load replaces', () => {
  it('stays as a table of its own, whole and with its indexes', async () => {
    for (const [i, load] of loads.slice(0, 2).entries()) {
      const table = `${ID}__${load}`;
      expect(await tablesOf(load)).toEqual([table]);
      const [row] = await db.sql.unsafe<{ n: number; loads: number[] }[]>(
        `select count(*)::int4 as n, array_agg(distinct load_id) as loads from history."${table}"`,
      );
      expect(row).toEqual({ n: 10 + i, loads: [load] });
      const indexes = await db.sql<{ name: string }[]>`
        select indexname as name from pg_indexes where schemaname = 'history' and tablename = ${table} order by 1`;
      expect(indexes.map(({ name }) => name)).toEqual(
        ['grid_code', 'pkey', 'qk'].map((suffix) => `${table}_${suffix}`),
      );
    }
    expect(await tablesOf(loads[2] as number)).toEqual([]);
  });

  it('was live from its publication to the next, without gap or overlap', async () => {
    const versions = await db.sql<{ load: number; from: Date; to: Date | null; table: string | null }[]>`
      select load_id as load, valid_from as "from", valid_to as "to", history_table as "table" from app.load
      where layer_id = ${ID} order by load_id`;
    expect(versions.map(({ load }) => load)).toEqual(loads);
    expect(versions[0]?.to).toEqual(versions[1]?.from);
    expect(versions[1]?.to).toEqual(versions[2]?.from);
    expect(versions[2]?.to).toBeNull();
    expect(versions.map(({ table }) => table)).toEqual([`${ID}__${loads[0]}`, `${ID}__${loads[1]}`, null]);
    const [state] = await db.sql<{ at: Date }[]>`select published_at as at from app.layer_state where layer_id = ${ID}`;
    expect(state?.at).toEqual(versions[2]?.from);
  });

  it('keeps the name of its load, however long the id of the layer is', async () => {
    for (const rows of [3, 4]) await importContent(db, LONG, 'long.csv', csv(rows));
    const [old] = await listHistory(db, LONG).then((versions) => versions.filter(({ validTo }) => validTo !== null));
    expect(await tablesOf(old?.load as number)).toEqual([historyTable(LONG, old?.load as number)]);
  });

  it('has names that PostgreSQL keeps', () => {
    for (const load of [1, 2_147_483_647]) {
      for (const id of ['poi', LONG, `user_${'y'.repeat(58)}`]) {
        const names = [
          historyTable(id, load),
          ...['_pkey', '_source_id', '_geom_3857'].map((end) => historyIndex(id, load, id + end)),
        ];
        expect(names.every((name) => name.length <= 63 && name.includes(String(load)))).toBe(true);
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });
});

describe('pruneHistory', () => {
  it('removes nothing in a dry run, and then exactly what it said', async () => {
    // What was replaced is now older than any rule keeps, but for the newest.
    await db.sql`update app.load set valid_from = valid_from - interval '5 years', valid_to = valid_to - interval '5 years'
      where layer_id = ${ID} and valid_to is not null`;
    const extra = (await importContent(db, ID, 'stops.csv', csv(13))).load;
    loads.push(extra, (await importContent(db, ID, 'stops.csv', csv(14))).load);
    const before = await listHistory(db, ID);
    const planned = await pruneHistory(db, { layer: ID, dryRun: true });
    expect(await listHistory(db, ID)).toEqual(before);
    const removed = await pruneHistory(db, { layer: ID });
    expect(removed).toEqual(planned);
    const gone = removed.map(({ load }) => load);
    expect((await listHistory(db, ID)).map(({ load }) => load)).toEqual(
      before.map(({ load }) => load).filter((load) => !gone.includes(load)),
    );
    for (const load of gone) expect(await tablesOf(load)).toEqual([]);
    // The newest two that were replaced, and the live one, stay by every policy; the oldest goes by every policy.
    expect((await listHistory(db, ID)).map(({ load }) => load)).toEqual([loads[4], loads[3], loads[2]]);
    // What is known of them stays.
    const [row] = await db.sql<{ n: number }[]>`select count(*)::int4 as n from app.load where layer_id = ${ID}`;
    expect(row?.n).toBe(5);
  });

  it('never touches the live version, nor the last one of a layer that is not live', async () => {
    const far = new Date('2999-01-01');
    await pruneHistory(db, { layer: ID, now: far });
    expect((await listHistory(db, ID))[0]?.load).toBe(loads[4]);
    await db.sql`delete from app.layer_state where layer_id = ${ID}`;
    await db.sql`update app.load set history_table = null where layer_id = ${ID} and load_id <> ${loads[3] as number}`;
    expect(await pruneHistory(db, { layer: ID, now: far })).toEqual([]);
    expect(await tablesOf(loads[3] as number)).toHaveLength(1);
  });
});
