import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { generateDistrict, type Manifest } from '../../etl/demo/generate.ts';
import { loadDelivery } from '../../etl/load.ts';
import type { LoadReport } from '../../etl/report.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from './database.ts';

export interface LoadedDistrict {
  db: Database;
  /** The delivery folder with the departments' files. */
  dir: string;
  manifest: Manifest;
  /** How each layer was loaded the first time in this run. */
  reports: LoadReport[];
}

/** What is kept between test files, each of which runs in a process of its own. */
interface Loaded {
  manifest: Manifest;
  reports: LoadReport[];
  /** Layer -> load that is live. */
  loads: Record<string, number>;
}

export const districtScale = 0.01;
export const districtSeed = 1;

/**
 * The synthetic district at scale 0.01, generated and loaded by the real ETL once in a test run. Layers that another
 * test has replaced or removed since are loaded again from the same files. Takes a minute the first time: call it at the
 * top of a test file or in `beforeAll`.
 */
export async function loadedDistrict(): Promise<LoadedDistrict> {
  const db = await testDatabase();
  const dir = join(inject('scratch'), 'delivery');
  const file = join(inject('scratch'), 'district.json');
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Loaded,
    () => null,
  );
  let { manifest, reports } = known ?? {};
  if (!manifest || !reports) {
    await mkdir(dir, { recursive: true });
    manifest = await generateDistrict({ scale: districtScale, seed: districtSeed, out: dir });
    reports = await load(db, dir, ['all']);
  } else {
    const live = await liveLoads(db);
    const replaced = Object.keys(known!.loads).filter((layer) => live[layer] !== known!.loads[layer]);
    if (replaced.length > 0) await load(db, dir, replaced);
  }
  await writeFile(file, JSON.stringify({ manifest, reports, loads: await liveLoads(db) } satisfies Loaded));
  return { db, dir, manifest, reports };
}

async function load(db: Database, dir: string, layers: string[]): Promise<LoadReport[]> {
  const reports = await loadDelivery({ db, dir, layers, scale: districtScale, dataDir: inject('scratch') });
  const failed = reports.filter((report) => report.status === 'failed');
  if (failed.length > 0)
    throw new Error(`the district was not loaded: ${JSON.stringify(failed, null, 1).slice(0, 4000)}`);
  return reports;
}

/** Of the catalogue's layers: tests make others, too. */
async function liveLoads(db: Database): Promise<Record<string, number>> {
  const rows = await db.sql<{ layer_id: string; load_id: number }[]>`
    select layer_id, load_id from app.layer_state where to_regclass('layers.' || quote_ident(layer_id)) is not null`;
  return Object.fromEntries(rows.map((row) => [row.layer_id, row.load_id]));
}
