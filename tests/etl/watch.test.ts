import { getEventListeners } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type WatchEvent, watchFolder } from '../../etl/watch.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';
import { writeShapefile } from './support/shapefile.ts';

let db: Database;
let dir = '';
let stop = new AbortController();
let watching: Promise<void> = Promise.resolve();
let events: WatchEvent[] = [];
const made = new Set<string>();

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-watch-'));
  stop = new AbortController();
  events = [];
});
afterEach(async () => {
  // However often it has looked, it listens once at most.
  expect(getEventListeners(stop.signal, 'abort').length).toBeLessThan(2);
  stop.abort();
  await watching;
  await rm(dir, { recursive: true, force: true });
});
afterAll(async () => {
  for (const id of made) {
    await db.sql.unsafe(`drop table if exists layers."${id}"`);
    await db.sql`delete from app.layer_state where layer_id = ${id}`;
    await db.sql`delete from app.user_layer where layer_id = ${id}`;
  }
});

function start(): void {
  watching = watchFolder({
    db,
    dir,
    intervalMs: 50,
    settleMs: 400,
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'loaded') made.add(event.report.layer);
    },
  });
}

/** Waits for an event of a kind about a file. */
async function until(kind: WatchEvent['kind'], file: string, count = 1): Promise<WatchEvent> {
  const end = Date.now() + 50_000;
  for (;;) {
    const found = events.filter(
      (event) => event.kind === kind && ('file' in event ? event.file : event.dir) === join(dir, file),
    );
    if (found.length >= count) return found[count - 1] as WatchEvent;
    if (Date.now() > end)
      throw new Error(`no ${kind} of ${file}: ${JSON.stringify(events.map(({ kind: seen }) => seen))}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('loads what is delivered, once it is complete; bad files change nothing; nothing is moved', async () => {
  start();
  await until('watching', '');
  // An upload in pieces: never taken for complete between two of them.
  const slow = join(dir, 'watch_slow.csv');
  await writeFile(slow, 'id,v\n');
  for (let i = 0; i < 6; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await appendFile(slow, `r${i},${i}\n`);
  }
  const loaded = await until('loaded', 'watch_slow.csv');
  expect(loaded).toMatchObject({ report: { status: 'published', rows: { in: 6, accepted: 6 } } });
  expect(events.filter(({ kind }) => kind === 'loading')).toHaveLength(1);

  // A bad file, then a good one beside it.
  await writeFile(join(dir, 'watch_bad.zip'), 'no zip at all');
  await writeFile(join(dir, 'upload.csv.part'), 'id,v\nx,1\n');
  await mkdir(join(dir, '部门'));
  await writeShapefile(join(dir, '部门', 'watch_areas.zip'), { name: 'a', encoding: 'gb18030' });
  expect(await until('refused', 'watch_bad.zip')).toMatchObject({ error: { code: 'TRUNCATED_ARCHIVE' } });
  expect(await until('loaded', join('部门', 'watch_areas.zip'))).toMatchObject({ report: { status: 'published' } });

  // Changed: loaded again. Put right: loaded.
  await appendFile(slow, 'r6,6\n');
  expect(await until('loaded', 'watch_slow.csv', 2)).toMatchObject({ report: { rows: { in: 7 } } });
  await writeFile(join(dir, 'watch_bad.zip'), 'still none');
  await until('refused', 'watch_bad.zip', 2);
  expect((await readdir(dir)).toSorted()).toEqual(['upload.csv.part', 'watch_bad.zip', 'watch_slow.csv', '部门']);
  expect(events.some((event) => 'file' in event && event.file.endsWith('.part'))).toBe(false);
});

test('a start over files that were loaded before loads none of them', async () => {
  await writeFile(join(dir, 'watch_known.csv'), 'id,v\na,1\nb,2\n');
  start();
  await until('loaded', 'watch_known.csv');
  stop.abort();
  await watching;
  stop = new AbortController();
  events = [];
  start();
  await until('same', 'watch_known.csv');
  expect(events.filter(({ kind }) => kind === 'loaded')).toEqual([]);
});

test('a Shapefile beside its companions is one delivery, and a folder that goes away comes back', async () => {
  await mkdir(join(dir, 'in'));
  await writeFile(join(dir, 'in', 'watch_one.csv'), 'id,v\na,1\n');
  await writeFile(join(dir, 'in', 'watch_one.prj'), 'x');
  start();
  await until('loaded', join('in', 'watch_one.csv'));
  await rm(join(dir, 'in'), { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await mkdir(join(dir, 'in'));
  await writeFile(join(dir, 'in', 'watch_one.csv'), 'id,v\na,1\nb,2\n');
  expect(await until('loaded', join('in', 'watch_one.csv'), 2)).toMatchObject({ report: { rows: { in: 2 } } });
});
