import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createColumnStore, type ColumnStore } from '../../../server/aggregate/column-store.ts';
import { createLocalFiller } from '../../../server/aggregate/filler.ts';
import { createCounter } from '../../../server/aggregate/counter.ts';
import type { Database, Sql } from '../../../server/db/connect.ts';
import { parseFilter } from '../../../server/filter/parse.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';
import type { LayerState } from '../../../server/queries/layer-state.ts';
import { testDatabase } from '../../support/database.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake, lakes, shop, shops } from '../routes/layers-data.ts';

const points = { ...shop, id: 'api_store_points' };
const areas = { ...lake, id: 'api_store_areas' };
const LIMITS = { rows: 10_000, bytes: 1e9 };

let db: Database;
let loads: { points: number; areas: number };
let statements = 0;
/** The database, counting the statements that read columns. */
let counted: Sql;

beforeAll(async () => {
  db = await testDatabase();
  loads = {
    points: await publishFixture(db, points, shops, false),
    areas: await publishFixture(db, areas, lakes, false),
  };
  counted = new Proxy(db.sql, {
    apply: (target, self, args: unknown[]) => {
      if (Array.isArray(args[0]) && args[0].some((part) => String(part).includes('where ctid >='))) statements++;
      return Reflect.apply(target, self, args) as unknown;
    },
  });
});
afterAll(async () => {
  for (const layer of [points, areas]) await removeFixture(db, layer);
});

function stateOf(layerId: string, loadId: number, rows: number): LayerState {
  const now = new Date();
  const table = `layers.${layerId}`;
  return { layerId, loadId, rows, unlocated: 0, bbox: null, publishedAt: now, confirmedAt: now, table };
}

describe('the column store', () => {
  it('reads a layer once for all who ask at the same time, and keeps it', async () => {
    const store = createColumnStore(createLocalFiller(counted), { limits: LIMITS });
    statements = 0;
    const live = { load: loads.points, rows: shops.length };
    const tables = await Promise.all([1, 2, 3, 4].map(() => store.table(points, live)));
    expect(tables[0]?.rows).toBe(shops.length);
    expect(new Set(tables).size).toBe(1);
    const read = statements;
    expect(read).toBeGreaterThan(0);
    await store.table(points, live);
    expect(statements).toBe(read);
    expect(store.usage()).toMatchObject({ layers: 1, rows: shops.length });
    // Some tens of bytes a row, not objects.
    expect(store.usage().bytes / shops.length).toBeLessThan(200);
  });

  it('leaves large layers to the database', async () => {
    const store = createColumnStore(createLocalFiller(counted), { limits: { rows: 100, bytes: 1e9 } });
    statements = 0;
    expect(await store.table(points, { load: loads.points, rows: shops.length })).toBeNull();
    expect(statements).toBe(0);
  });

  it('does not take a table that was exchanged while it was read', async () => {
    const store = createColumnStore(createLocalFiller(db.sql), { limits: LIMITS });
    // What is asked for is the load before.
    expect(await store.table(points, { load: loads.points - 1, rows: shops.length })).toBeNull();
    expect(store.usage().layers).toBe(0);
  });

  it('drops the least recently used when memory is short', async () => {
    const store = createColumnStore(createLocalFiller(db.sql), { limits: { rows: 10_000, bytes: 50_000 } });
    await store.table(points, { load: loads.points, rows: shops.length });
    await store.table(areas, { load: loads.areas, rows: lakes.length });
    expect(store.usage()).toMatchObject({ layers: 1, rows: lakes.length });
  });

  it('forgets on demand, and fails only for those who ask while it fails', async () => {
    let isBroken = true;
    const broken = new Proxy(db.sql, {
      apply: (target, self, args: unknown[]) => {
        if (isBroken) throw new Error('away');
        return Reflect.apply(target, self, args) as unknown;
      },
    });
    const store = createColumnStore(createLocalFiller(broken), { limits: LIMITS });
    const live = { load: loads.areas, rows: lakes.length };
    await expect(store.table(areas, live)).rejects.toThrow('away');
    isBroken = false;
    expect((await store.table(areas, live))?.rows).toBe(lakes.length);
    store.evict(areas.id);
    expect(store.usage().layers).toBe(0);
  });
});

describe('the counter', () => {
  it('answers the same from memory and from the database', async () => {
    const state = stateOf(points.id, loads.points, shops.length);
    const filter = parseFilter(
      '{"or":[{"field":"status","op":"=","value":"active"},{"field":"name","op":"like","value":"𠮷%"}]}',
      points,
    );
    const memory = createCounter(counted, createColumnStore(createLocalFiller(counted), { limits: LIMITS }));
    const database = createCounter(
      db.sql,
      createColumnStore(createLocalFiller(db.sql), { limits: { rows: 0, bytes: 0 } }),
    );
    for (const predicate of [EVERYTHING, filter]) {
      expect(await memory.rows(points, state, predicate)).toBe(await database.rows(points, state, predicate));
      for (const by of [
        { kind: 'h3', res: 9 },
        { kind: 'cells', by: 'grid' },
      ] as const) {
        const query = { predicate, metric: { kind: 'count' }, by: [by] } as const;
        expect(await memory.aggregate(points, state, query)).toEqual(await database.aggregate(points, state, query));
      }
    }
  });

  it('does not make the first caller wait for a slow fill', async () => {
    const slow: ColumnStore = {
      ...createColumnStore(createLocalFiller(db.sql), { limits: LIMITS }),
      table: () => new Promise(() => {}),
    };
    const counter = createCounter(db.sql, slow);
    expect(await counter.rows(points, stateOf(points.id, loads.points, shops.length), EVERYTHING)).toBe(shops.length);
  });

  it('does not read columns for areas, whose shape only the database knows', async () => {
    const counter = createCounter(counted, createColumnStore(createLocalFiller(counted), { limits: LIMITS }));
    statements = 0;
    const inBox = parseFilter('{"bbox":[113.02,22.97,113.06,23.01]}', areas);
    const count = await counter.rows(areas, stateOf(areas.id, loads.areas, lakes.length), inBox);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(lakes.length);
    expect(statements).toBe(0);
  });
});
