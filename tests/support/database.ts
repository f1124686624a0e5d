import { inject } from 'vitest';
import { connectDatabase, type Database } from '../../server/db/connect.ts';
import type { TestTarget } from './global-setup.ts';

let connected: Promise<Database> | undefined;

/**
 * The migrated database of this test run: a real PostGIS, on a server or embedded (`db.engine`). All test files share
 * it, one after the other: make rows with names of your own and remove what others could stumble over.
 * It is closed after the last test of the file.
 */
export function testDatabase(): Promise<Database> {
  connected ??= connectDatabase({ ...testTarget(), applicationName: 'onemap-test' });
  return connected;
}

/** How to reach the same database from another process: `{ url }` for DATABASE_URL, or `{ dataDir }` for DATA_DIR. */
export function testTarget(): TestTarget {
  return inject('database');
}

export async function closeTestDatabase(): Promise<void> {
  const db = await connected?.catch(() => undefined);
  connected = undefined;
  await db?.close();
}
