/** Who runs the embedded database: locks, joining, and what happens when the owner dies. Independent of DATABASE_URL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { connectDatabase, type Database } from '../../../../server/db/connect.ts';
import { copyEmptyEmbedded } from '../../../support/embedded.ts';

// Processes that start TypeScript and a database on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const root = join(import.meta.dirname, '../../../..');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function emptyDataDir(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'onemap-open-'));
  cleanups.push(() => rm(parent, { recursive: true, force: true }));
  const dataDir = join(parent, 'data');
  await copyEmptyEmbedded(dataDir);
  return dataDir;
}

interface Started {
  process: ChildProcess;
  lines: string[];
  /** Numbers acknowledged so far. */
  acked(): number;
}

function start(dataDir: string, name: string, count = 0): Started {
  const script = join(root, 'tests/support/embedded-client.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, name, String(count)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface(child.stdout!).on('line', (line) => lines.push(line));
  return {
    process: child,
    lines,
    acked: () =>
      lines.findLast((line) => /^\d+$/.test(line)) ? Number(lines.findLast((line) => /^\d+$/.test(line))) : 0,
  };
}

async function connect(dataDir: string, idleInTransactionMs?: number): Promise<Database> {
  const db = await connectDatabase({ dataDir, max: 4, idleInTransactionMs });
  cleanups.push(() => db.close());
  return db;
}

const ownerPid = (dataDir: string): number =>
  (JSON.parse(readFileSync(join(dataDir, 'embedded/owner.lock'), 'utf8')) as { pid: number }).pid;

const stored = async (db: Database, name: string): Promise<number> => {
  const [row] = await db.sql<{ n: number }[]>`select count(*)::int as n from acked where name = ${name}`;
  return row!.n;
};

test('a second process joins the first, and leaves without ending it', async () => {
  const dataDir = await emptyDataDir();
  const db = await connect(dataDir);
  const again = await connect(dataDir);
  const other = start(dataDir, 'other', 20);
  await once(other.process, 'exit');
  expect(other.lines[0]).toBe('joined');
  expect(other.lines.at(-1)).toBe('closed');
  expect(ownerPid(dataDir)).toBe(process.pid);
  expect(await stored(db, 'other')).toBe(20);
  await db.close();
  // Two handles in one process: the database stays open for the other.
  expect(await stored(again, 'other')).toBe(20);
  await again.close();
  expect(existsSync(join(dataDir, 'embedded/owner.lock'))).toBe(false);
  expect(existsSync(join(dataDir, 'embedded/.s.PGSQL.5432'))).toBe(false);
});

test('kill -9 of the owner: a joined process takes over, every acknowledged row is there', async () => {
  const dataDir = await emptyDataDir();
  const owner = start(dataDir, 'owner');
  await expect.poll(() => owner.acked(), { timeout: 60_000 }).toBeGreaterThan(50);
  expect(owner.lines[0]).toBe('owner');
  const db = await connect(dataDir);
  const heard: string[] = [];
  await db.sql.listen('news', (payload) => heard.push(payload));
  owner.process.kill('SIGKILL');
  await once(owner.process, 'exit');
  const acked = owner.acked();
  await expect.poll(() => stored(db, 'owner').catch(() => -1), { timeout: 60_000 }).toBeGreaterThanOrEqual(acked);
  // One more may have been stored without the owner living to say so.
  expect(await stored(db, 'owner')).toBeLessThanOrEqual(acked + 1);
  expect(ownerPid(dataDir)).toBe(process.pid);
  await expect
    .poll(() => db.sql`select pg_notify('news', 'still here')`.then(() => heard.length), {
      timeout: 20_000,
      interval: 200,
    })
    .toBeGreaterThan(0);
});

test('three processes find the lock of a dead one: one of them runs the database, all are served', async () => {
  const dataDir = await emptyDataDir();
  writeFileSync(
    join(dataDir, 'embedded/owner.lock'),
    JSON.stringify({ pid: 4194303, started: '1', socket: '/nowhere' }),
  );
  const all = ['a', 'b', 'c'].map((name) => start(dataDir, name));
  await expect.poll(() => Math.min(...all.map((one) => one.acked())), { timeout: 100_000 }).toBeGreaterThan(20);
  expect(all.filter((one) => one.lines[0] === 'owner').length).toBe(1);
  expect(all.map((one) => one.process.pid)).toContain(ownerPid(dataDir));
  const db = await connect(dataDir);
  for (const one of all) one.process.kill('SIGKILL');
  await Promise.all(
    all.map((one) => one.process.exitCode === null && one.process.signalCode === null && once(one.process, 'exit')),
  );
  await expect.poll(() => stored(db, 'a').catch(() => -1), { timeout: 60_000 }).toBeGreaterThanOrEqual(all[0]!.acked());
  expect(await stored(db, 'b')).toBeGreaterThanOrEqual(all[1]!.acked());
  expect(await stored(db, 'c')).toBeGreaterThanOrEqual(all[2]!.acked());
});

test('a process number used again does not hold the lock', async () => {
  const dataDir = await emptyDataDir();
  // This very process, but started at another time.
  writeFileSync(
    join(dataDir, 'embedded/owner.lock'),
    JSON.stringify({ pid: process.ppid, started: '1', socket: '/nowhere' }),
  );
  const db = await connect(dataDir);
  expect([...(await db.sql`select 1 as one`)]).toEqual([{ one: 1 }]);
  expect(ownerPid(dataDir)).toBe(process.pid);
});

test('a first start that was cut short is begun again', async () => {
  const dataDir = await emptyDataDir();
  rmSync(join(dataDir, 'embedded/initialized'));
  writeFileSync(join(dataDir, 'embedded/pgdata/global/pg_control'), 'half');
  const db = await connect(dataDir);
  expect((await db.sql`select postgis_version() like '3%' as ok`)[0]?.ok).toBe(true);
});

test('a client idle in a transaction while others wait is thrown out and rolled back', async () => {
  const dataDir = await emptyDataDir();
  const db = await connect(dataDir, 500);
  await db.sql`create table acked (name text, n int)`;
  // It waits for itself: on the embedded engine nobody else is served while a transaction is open.
  const deadlock = db.sql.begin(async (tx) => {
    await tx`insert into acked values ('x', 1)`;
    return stored(db, 'x');
  });
  await expect(deadlock).rejects.toThrow();
  expect(await stored(db, 'x')).toBe(0);
  // Slow, but alone: nobody is disturbed.
  await db.sql.begin(async (tx) => {
    await tx`insert into acked values ('y', 1)`;
    await sleep(1500);
    await tx`insert into acked values ('y', 2)`;
  });
  expect(await stored(db, 'y')).toBe(2);
});

test('an engine that fails inside is started again with every acknowledged row', async () => {
  const dataDir = await emptyDataDir();
  const db = await connect(dataDir);
  await db.sql`create table acked (name text, n int)`;
  await db.sql`insert into acked select 'x', n from generate_series(1, 1000) n`;
  // Recursion without end: PostgreSQL would notice, WebAssembly runs out of stack first.
  await db.sql`create function recurse(i int) returns int language plpgsql as $$begin return recurse(i + 1); end$$`;
  await expect(db.sql`select recurse(1)`).rejects.toThrow();
  await expect.poll(() => stored(db, 'x').catch(() => -1), { timeout: 60_000 }).toBe(1000);
});

test('a folder whose path is too long for a socket works all the same', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'onemap-open-'));
  cleanups.push(() => rm(parent, { recursive: true, force: true }));
  const dataDir = join(parent, '很长的路径'.repeat(6), 'data');
  await copyEmptyEmbedded(dataDir);
  const db = await connect(dataDir);
  const other = start(dataDir, 'other', 3);
  await once(other.process, 'exit');
  expect(await stored(db, 'other')).toBe(3);
});
