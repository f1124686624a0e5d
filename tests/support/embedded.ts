import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectDatabase } from '../../server/db/connect.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * Puts an empty embedded database into `dataDir`, a new folder. Copied from one that the first test run makes, since
 * making it takes most of the time of a short run.
 */
export async function copyEmptyEmbedded(dataDir: string): Promise<void> {
  await cp(await emptyEmbedded(), dataDir, { recursive: true });
}

async function emptyEmbedded(): Promise<string> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const version = ['pglite', 'pglite-postgis']
    .map((name) => lock.packages[`node_modules/@electric-sql/${name}`]?.version)
    .join('-');
  const cache = join(root, 'node_modules', '.cache', 'onemap');
  const cached = join(cache, `embedded-${version}`);
  if (existsSync(cached)) return cached;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${cached}-`);
  const db = await connectDatabase({ dataDir: draft, max: 1 });
  await db.close();
  // Another run may have been faster.
  await rename(draft, cached).catch(() => rm(draft, { recursive: true, force: true }));
  return cached;
}
