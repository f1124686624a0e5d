import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasReaders, Pace } from '../../etl/pace.ts';
import { indexTable } from '../../etl/steps/publish.ts';
import { createTableSql } from '../../layers/ddl.ts';
import { getLayer } from '../../layers/index.ts';
import { connectDatabase, type Database } from '../../server/db/connect.ts';
import { type Loader, openLoader } from '../../server/db/copy.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { listLayerStates } from '../../server/queries/layer-state.ts';
import { testDatabase, testTarget } from '../support/database.ts';

const isServer = testTarget().url !== undefined;
let db: Database;
let loader: Loader;

beforeAll(async () => {
  db = await testDatabase();
  loader = await openLoader(db, { transaction: false });
});
afterAll(async () => {
  await loader.exec('drop table if exists layers_next.pace_test');
  await loader.rollback();
});

describe.runIf(isServer)('a load on a server', () => {
  let reads: Database;
  const read = () => Promise.all(Array.from({ length: 4 }, () => reads.sql`select pg_sleep(0.02)`));

  beforeAll(async () => {
    reads = await connectDatabase({ ...testTarget(), applicationName: 'onemap-read', max: 4 });
  });
  afterAll(() => reads.close());

  it('tells people who read from a service that nobody looks at', async () => {
    await setTimeout(2200);
    expect(await hasReaders((text, parameters) => loader.query(text, parameters))).toBe(false);
    await reads.sql`select 1`;
    await Promise.all(Array.from({ length: 4 }, () => listLayerStates(reads.sql)));
    expect(await hasReaders((text, parameters) => loader.query(text, parameters))).toBe(false);
    await read();
    expect(await hasReaders((text, parameters) => loader.query(text, parameters))).toBe(true);
  });

  it('copies all rows, and rests between its pieces while somebody reads', async () => {
    await loader.exec('drop table if exists layers_next.pace_test; create table layers_next.pace_test (n int4)');
    await setTimeout(2200);
    const [pace, rests] = [new Pace(db), [] as number[]];
    const copy = pace.keep(loader).copy('layers_next.pace_test', ['n']);
    // How long a rest takes that follows 100 ms of work.
    const rest = async (): Promise<void> => {
      const start = performance.now();
      await pace.rest(100);
      rests.push(performance.now() - start);
    };
    const rows = new BinaryRows(64);
    const send = async (n: number): Promise<void> => {
      rows.startRow(1);
      rows.int4(n);
      await copy.write(rows.take());
    };
    await send(1);
    await rest();
    // It looks each second.
    const end = Date.now() + 1500;
    while (Date.now() < end) await read();
    await send(2);
    await rest();
    expect(await copy.end()).toBe(2);
    pace.end();
    expect(rests[0]).toBeLessThan(90);
    expect(rests[1]).toBeGreaterThan(95);
    expect(await loader.query('select n from layers_next.pace_test order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('makes the same indexes while people read as while nobody does', async () => {
    const layer = { ...getLayer('hospital'), id: 'pace_layer' };
    const made: string[][] = [];
    for (const isRead of [false, true]) {
      await loader.exec('drop table if exists layers_next.pace_layer');
      await loader.exec(createTableSql(layer, 'layers_next'));
      if (!isRead) await setTimeout(2200);
      const done = new AbortController();
      const reading = (async () => {
        while (!done.signal.aborted) await (isRead ? read() : setTimeout(50));
      })();
      if (isRead)
        await vi.waitFor(
          async () => expect(await hasReaders((text, parameters) => loader.query(text, parameters))).toBe(true),
          { timeout: 10_000 },
        );
      await indexTable(
        db,
        loader,
        layer,
        async () => null,
        () => {},
      );
      done.abort();
      await reading;
      const rows = await loader.query<{ name: string }>(
        `select indexname as name from pg_indexes where schemaname = 'layers_next' and tablename = 'pace_layer' order by 1`,
      );
      made.push(rows.map(({ name }) => name));
    }
    await loader.exec('drop table layers_next.pace_layer');
    expect(made[0]?.length).toBeGreaterThan(2);
    expect(made[1]).toEqual(made[0]);
  });
});

it.runIf(!isServer)('a load of the embedded database never rests', async () => {
  const pace = new Pace(db);
  const start = performance.now();
  await pace.rest(1000);
  pace.end();
  expect(performance.now() - start).toBeLessThan(500);
});
