import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { copyEmptyEmbedded } from './embedded.ts';

/** How to reach the database of this test run. */
export interface TestTarget {
  url?: string;
  dataDir?: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    database: TestTarget;
    /** A folder for files that test files of this run share; removed at its end. */
    scratch: string;
  }
}

/**
 * Makes one database for the whole run, and removes it at the end: a new one on the server of `DATABASE_URL`, or an
 * embedded one in a temporary folder, which this process runs and the tests join.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), 'onemap-test-'));
  project.provide('scratch', scratch);
  const server = process.env.DATABASE_URL;
  const teardown = server ? await setupOnServer(project, server) : await setupEmbedded(project, scratch);
  return async () => {
    await teardown();
    await rm(scratch, { recursive: true, force: true });
  };
}

async function setupOnServer(project: TestProject, server: string): Promise<() => Promise<void>> {
  const name = `onemap_test_${Math.random().toString(36).slice(2, 12)}`;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await connectDatabase({ url: url.href, max: 1 });
  await migrate(db);
  await db.close();
  project.provide('database', { url: url.href });
  return async () => {
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  };
}

async function setupEmbedded(project: TestProject, scratch: string): Promise<() => Promise<void>> {
  const dataDir = join(scratch, 'data');
  await copyEmptyEmbedded(dataDir);
  const db = await connectDatabase({ dataDir, max: 1 });
  await migrate(db);
  project.provide('database', { dataDir });
  return () => db.close();
}
