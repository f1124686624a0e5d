import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { historyTable } from '../../etl/history/history-table.ts';
import { createCatalogue, type Catalogue, type CatalogueOptions } from '../../server/catalogue.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';
import { publishFixture, removeFixture } from './layer-fixture.ts';
import { shop, shops } from './routes/layers-data.ts';

const layer = { ...shop, id: 'api_held_back' };
let db: Database;
let catalogue: Catalogue | undefined;
const kept: string[] = [];

beforeAll(async () => {
  db = await testDatabase();
});

/** Publishes rows; the version before moves to the history, as a load moves it. */
async function publish(rows: number, before?: number): Promise<number> {
  if (before !== undefined) {
    const table = historyTable(layer.id, before);
    kept.push(table);
    await db.sql.unsafe(`alter table layers."${layer.id}" set schema history;
      alter table history."${layer.id}" rename to "${table}"`);
    await db.sql.unsafe(
      (
        await db.sql<{ name: string }[]>`
        select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = ${`history.${table}`}::text::regclass`
      )
        .map(({ name }) => `alter index history."${name}" rename to "${`${before}_${name}`.slice(0, 60)}"`)
        .join(';'),
    );
    await db.sql`update app.load set history_table = ${table}, valid_from = now() - interval '1 hour', valid_to = now()
      where load_id = ${before}`;
  }
  return publishFixture(db, layer, shops.slice(0, rows));
}

function open(options: Partial<CatalogueOptions>): Catalogue {
  catalogue = createCatalogue(db.sql, { log: pino({ level: 'silent' }), defined: [], maxAgeMs: 20, ...options });
  return catalogue;
}

async function rowsIn(table: string): Promise<number> {
  const [row] = await db.sql<[{ n: number }]>`select count(*)::int4 as n from ${db.sql(table)}`;
  return row.n;
}

beforeEach(() => {
  kept.length = 0;
});
afterEach(async () => {
  await catalogue?.close();
  catalogue = undefined;
  for (const table of kept) await db.sql.unsafe(`drop table if exists history."${table}"`);
  await removeFixture(db, layer);
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('what is known', () => {
  it('is read again half-way before it is too old, and nobody waits for that', async () => {
    const first = await publish(30);
    const known = open({ maxAgeMs: 4000 });
    expect((await known.get(layer.id, 'staff')).state?.loadId).toBe(first);
    const list = await known.list('staff');
    expect(await known.list('staff')).toBe(list);
    // It has begun to listen, which has it read again.
    await pause(500);
    await known.get(layer.id, 'staff');
    // Without a word to those who listen.
    await db.sql`update app.layer_state set rows = 7 where layer_id = ${layer.id}`;
    await pause(2500);
    // Asking is what has it read; the answer is what was known.
    expect(known.isLive(layer.id, first)).toBe(true);
    expect((await known.get(layer.id, 'staff')).state?.rows).toBe(30);
    await expect.poll(async () => (await known.get(layer.id, 'staff')).state?.rows, { timeout: 1400 }).toBe(7);
    expect(await known.list('staff')).not.toBe(list);
  });
});

describe('a load that was published', () => {
  it('is shown when what it needs is ready, and until then the version before, rows and all', async () => {
    const first = await publish(30);
    let ready: (() => void) | undefined;
    const prepared: number[] = [];
    const shown: (number | null)[] = [];
    const held = open({
      prepare: (_layer, state) => {
        prepared.push(state.loadId);
        return new Promise<void>((resolve) => {
          ready = resolve;
        });
      },
    });
    held.onPublished((id, before, load) => {
      if (id !== layer.id) return;
      expect(before).toBe(first);
      shown.push(load);
    });
    expect((await held.get(layer.id, 'staff')).state?.loadId).toBe(first);

    const second = await publish(20, first);
    await pause(40);
    for (let times = 0; times < 3; times++) {
      const { state } = await held.get(layer.id, 'staff');
      expect(state).toMatchObject({ loadId: first, rows: 30, table: `history.${historyTable(layer.id, first)}` });
      expect(await rowsIn(state?.table as string)).toBe(30);
      await pause(25);
    }
    // Now means what is shown, not what waits.
    expect((await held.getAsOf(layer.id, 'staff', new Date())).state?.loadId).toBe(first);
    expect(prepared).toEqual([second]);
    expect(shown).toEqual([]);

    ready?.();
    await expect.poll(async () => (await held.get(layer.id, 'staff')).state?.loadId).toBe(second);
    const { state } = await held.get(layer.id, 'staff');
    expect(state).toMatchObject({ rows: 20, table: `layers.${layer.id}` });
    expect(shown).toEqual([second]);
  });

  it('is shown though the getting ready fails, or never ends', async () => {
    const first = await publish(30);
    const failing = open({ prepare: () => Promise.reject(new Error('away')) });
    await failing.get(layer.id, 'staff');
    const second = await publish(20, first);
    await expect.poll(async () => (await failing.get(layer.id, 'staff')).state?.loadId).toBe(second);
    await failing.close();

    const endless = open({ prepare: () => new Promise(() => {}), holdMs: 300 });
    await endless.get(layer.id, 'staff');
    const third = await publish(10, second);
    await pause(40);
    expect((await endless.get(layer.id, 'staff')).state?.loadId).toBe(second);
    await expect.poll(async () => (await endless.get(layer.id, 'staff')).state?.loadId).toBe(third);
  });

  it('does not keep a layer behind for ever when it is published again and again', async () => {
    let load = await publish(30);
    const endless = open({ prepare: () => new Promise(() => {}), holdMs: 400 });
    await endless.get(layer.id, 'staff');
    const first = load;
    const start = performance.now();
    let shown = load;
    while (shown === first && performance.now() - start < 5000) {
      load = await publish(20, load);
      await pause(60);
      shown = (await endless.get(layer.id, 'staff')).state?.loadId as number;
    }
    expect(shown).toBe(load);
  });

  it('is shown at once when nobody needs anything, and when the rows before are gone', async () => {
    const first = await publish(30);
    const free = open({ prepare: () => null });
    await free.get(layer.id, 'staff');
    const second = await publish(20, first);
    await pause(40);
    expect((await free.get(layer.id, 'staff')).state?.loadId).toBe(second);
    await free.close();

    const held = open({ prepare: () => new Promise(() => {}) });
    await held.get(layer.id, 'staff');
    const third = await publish(10, second);
    await pause(40);
    expect((await held.get(layer.id, 'staff')).state?.loadId).toBe(second);
    // Retention comes by while the version is shown.
    await db.sql.unsafe(`drop table history."${historyTable(layer.id, second)}"`);
    await db.sql`update app.load set history_table = null where load_id = ${second}`;
    await pause(40);
    expect((await held.get(layer.id, 'staff')).state).toMatchObject({ loadId: third, table: `layers.${layer.id}` });
  });
});
