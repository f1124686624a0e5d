import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';

/** How to reach the database of this test run. */
export interface TestTarget {
  url?: string;
  dataDir?: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    database: TestTarget;
  }
}

/**
 * Makes one database for the whole run, and removes it at the end: a new one on the server of `DATABASE_URL`, or an
 * embedded one in a temporary folder, which this process runs and the tests join.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env.DATABASE_URL;
  return server ? setupOnServer(project, server) : setupEmbedded(project);
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

async function setupEmbedded(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'onemap-test-'));
  const db = await connectDatabase({ dataDir, max: 1 });
  await migrate(db);
  project.provide('database', { dataDir });
  return async () => {
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}
