import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createColumnStore } from '../../../server/aggregate/column-store.ts';
import type { ColumnTable } from '../../../server/aggregate/column-table.ts';
import { fillTable } from '../../../server/aggregate/fill.ts';
import { createFillThread, createLocalFiller, type Filler } from '../../../server/aggregate/filler.ts';
import { openSnapshotFolder, listSnapshots } from '../../../server/aggregate/snapshot-folder.ts';
import { openTable } from '../../../server/aggregate/shared-table.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake, lakes, shop, shops } from '../routes/layers-data.ts';

const points = { ...shop, id: 'api_thread_points' };
const areas = { ...lake, id: 'api_thread_areas' };
const publishedAt = new Date('2026-03-01T00:00:00Z');

let db: Database;
let loads: { points: number; areas: number };
let folder: string;
let filler: Filler | undefined;
let logged: string[];

beforeAll(async () => {
  db = await testDatabase();
  loads = {
    points: await publishFixture(db, points, shops, false),
    areas: await publishFixture(db, areas, lakes, false),
  };
});
afterAll(async () => {
  for (const layer of [points, areas]) await removeFixture(db, layer);
});
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'onemap-columns-')), 'columns');
  logged = [];
});
afterEach(async () => {
  await filler?.close();
  filler = undefined;
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

function startThread(address = db.address): Filler {
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
  filler = createFillThread({ address, folder, folderBytes: 1e9 }, log);
  return filler;
}

const pointsVersion = () => ({
  layer: points,
  load: loads.points,
  rows: shops.length,
  table: `layers.${points.id}`,
  publishedAt,
});

/** Arrays of shared and of own memory compare alike. */
function plain(table: ColumnTable): unknown {
  return JSON.parse(
    JSON.stringify({ ...table, fields: [...table.fields] }, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? [value.constructor.name, ...(value as Uint8Array)] : value,
    ),
  );
}

async function settled(what: () => boolean): Promise<void> {
  await expect.poll(what, { timeout: 10_000 }).toBe(true);
}

describe('the thread that reads columns', () => {
  it('reads what this thread would read, into memory that both see', async () => {
    const table = await startThread().start(pointsVersion(), true).table;
    expect(table?.cellLow.buffer).toBeInstanceOf(SharedArrayBuffer);
    const opened = await openTable(table as NonNullable<typeof table>);
    const expected = await fillTable(db.sql, points, loads.points, shops.length);
    expect(plain(opened)).toEqual(plain(expected));
    expect(opened.fields.size).toBeGreaterThan(2);
  });

  it('does not take a load that was replaced while it was read', async () => {
    expect(await startThread().start({ ...pointsVersion(), load: loads.points - 1 }, true).table).toBeNull();
    expect(await listSnapshots(folder)).toEqual([]);
  });

  it('fails for those who ask when the database is away, and for no other', async () => {
    const away = startThread({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
    const store = createColumnStore(away);
    const live = { load: loads.points, rows: shops.length };
    await expect(store.table(points, live)).rejects.toThrow(/ECONNREFUSED|connect/i);
    await store.close();
    await expect(store.table(points, live)).rejects.toThrow('closing');
  });

  it('goes slowly while nobody waits, and at full speed from when somebody does', async () => {
    const thread = startThread();
    const slow = thread.start({ ...pointsVersion(), publishedAt: null }, false);
    slow.hurry();
    expect((await slow.table)?.rows).toBe(shops.length);
  });
});

describe('a snapshot', () => {
  it('serves the next start without a scan, to the service alone', async () => {
    const first = startThread();
    const read = await first.start(pointsVersion(), true).table;
    await settled(() => readdirSync(join(folder, '..')).includes('columns') && readdirSync(folder).length === 1);
    await settled(() => readdirSync(folder)[0] === `${points.id}.columns`);
    await first.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, `${points.id}.columns`)).mode & 0o777).toBe(0o600);

    // A database that fails: it is not asked.
    const second = startThread({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
    const again = await second.start(pointsVersion(), true).table;
    expect(plain(await openTable(again as NonNullable<typeof again>))).toEqual(
      plain(await openTable(read as NonNullable<typeof read>)),
    );
    expect(logged).toEqual([]);
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['cut within its header', (bytes: Buffer) => bytes.subarray(0, 40)],
    [
      'with one bit changed',
      (bytes: Buffer) => (bytes.writeUInt8((bytes.at(-9) as number) ^ 4, bytes.length - 9), bytes),
    ],
    ['of something else', () => Buffer.from('PK\x03\x04 not columns at all, but long enough')],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s is reported, removed and made again', async (_how, damage) => {
    const version = pointsVersion();
    await createLocalFiller(db.sql, folder).start(version, true).table;
    const path = join(folder, `${points.id}.columns`);
    const whole = readFileSync(path);
    writeFileSync(path, damage(Buffer.from(whole)));
    const table = await startThread().start(version, true).table;
    expect(table?.rows).toBe(shops.length);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('snapshot of columns is not used');
    await settled(() => statSync(path, { throwIfNoEntry: false })?.size === whole.length);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('of another load, time of publication, definition or number of rows is not taken', async () => {
    const version = pointsVersion();
    await createLocalFiller(db.sql, folder).start(version, true).table;
    const refused: string[] = [];
    const open = openSnapshotFolder(folder, { bytes: 1e9, onRefused: (_layer, reason) => refused.push(reason) });
    expect(await open.read(points.id, 'another mark')).toBeNull();
    expect(refused).toEqual(['it is of another version of the layer']);
    const { status: _status, ...fewer } = points.fields;
    for (const other of [
      { publishedAt: new Date('2026-03-01T00:00:01Z') },
      { rows: shops.length - 1 },
      { layer: { ...points, fields: fewer as typeof points.fields } },
    ]) {
      await createLocalFiller(db.sql, folder).start(version, true).table;
      const before = readFileSync(join(folder, `${points.id}.columns`));
      await createLocalFiller(db.sql, folder).start({ ...version, ...other }, true).table;
      expect(readFileSync(join(folder, `${points.id}.columns`)).equals(before)).toBe(false);
    }
  });

  it('makes room for others: the least recently used go first', async () => {
    await createLocalFiller(db.sql, folder).start(pointsVersion(), true).table;
    const size = statSync(join(folder, `${points.id}.columns`)).size;
    const old = new Date(Date.now() - 60_000);
    utimesSync(join(folder, `${points.id}.columns`), old, old);
    writeFileSync(join(folder, 'api_other.columns'), 'x');
    writeFileSync(join(folder, 'left.part'), 'x');
    utimesSync(join(folder, 'left.part'), 0, 0);
    expect(await listSnapshots(folder)).toEqual(['api_other', points.id]);
    const open = openSnapshotFolder(folder, { bytes: size, onRefused: () => {} });
    const areaTable = await createLocalFiller(db.sql).start(
      { layer: areas, load: loads.areas, rows: lakes.length, table: `layers.${areas.id}`, publishedAt },
      true,
    ).table;
    await open.write('mark', areaTable as NonNullable<typeof areaTable>);
    expect((await listSnapshots(folder)).toSorted()).toEqual(['api_other', areas.id].toSorted());
    expect(readdirSync(folder)).not.toContain('left.part');
  });
});

describe('the store', () => {
  it('prepares what is in memory and large, and nothing else', async () => {
    const store = createColumnStore(createLocalFiller(db.sql));
    const large = { load: loads.points, rows: 30_000 };
    expect(store.prepare(points, large)).toBeNull();
    // Held: an older load of the layer.
    await store.table(points, { load: loads.points - 1, rows: 5, table: `layers.${points.id}` });
    await store.table(areas, { load: loads.areas, rows: lakes.length });
    expect(store.prepare(points, large)).toBeNull();
    expect(store.prepare(areas, { load: loads.areas, rows: 30_000 })).toBeNull();
    expect(store.prepare(areas, { load: loads.areas + 1, rows: 10 })).toBeNull();
    expect(store.prepare(areas, { load: loads.areas + 1, rows: 30_000 })).toBeInstanceOf(Promise);
  });

  it('forgets only versions before the one that is shown', async () => {
    const store = createColumnStore(createLocalFiller(db.sql));
    await store.table(points, { load: loads.points, rows: shops.length });
    store.evict(points.id, loads.points);
    expect(store.usage().layers).toBe(1);
    store.evict(points.id, loads.points + 1);
    expect(store.usage().layers).toBe(0);
  });

  it('does not read again what is larger than all memory', async () => {
    const thread = createLocalFiller(db.sql);
    let fills = 0;
    const store = createColumnStore(
      { ...thread, start: (...args) => (fills++, thread.start(...args)) },
      { limits: { bytes: 1000 } },
    );
    for (let times = 0; times < 3; times++) {
      expect(await store.table(points, { load: loads.points, rows: shops.length })).toBeNull();
    }
    expect(fills).toBe(1);
    expect(store.usage().bytes).toBe(0);
  });
});
