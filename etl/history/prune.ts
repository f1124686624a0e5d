import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { tableName } from '../../layers/ddl.ts';
import type { Cadence } from '../../layers/define.ts';
import { findLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { readEnv } from '../env.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import { expired, type Replaced, retentionOf } from './retention.ts';

/** A version that was removed, or would be. */
export interface PrunedVersion extends Replaced {
  layer: string;
  rows: number;
  bytes: number;
}

export interface PruneOptions {
  /** Only this layer; all of them when left out. */
  layer?: string;
  dryRun?: boolean;
  /** Folder of the published rasters; below DATA_DIR when left out. */
  rasterDir?: string;
  now?: Date;
}

/**
 * Removes the tables and files of versions that the policy no longer keeps. What `app.load` says of them stays. A version that
 * somebody is reading is left for the next time.
 * @returns what was removed, or with `dryRun` would be
 */
export async function pruneHistory(db: Database, options: PruneOptions = {}): Promise<PrunedVersion[]> {
  const { layer, dryRun = false, now = new Date() } = options;
  const rasterDir = options.rasterDir ?? resolve(readEnv().dataDir, 'raster');
  const only = layer === undefined ? db.sql`` : db.sql`and l.layer_id = ${layer}`;
  const kept = await db.sql<Kept[]>`
    select l.layer_id as layer, l.load_id as load, l.rows_accepted as rows, l.valid_from as "validFrom",
      l.valid_to as "validTo", l.history_table as "table", l.raster as pictures, l.definition ->> 'cadence' as cadence,
      exists (select from app.layer_state s where s.layer_id = l.layer_id) as "isLive",
      coalesce(pg_total_relation_size(to_regclass('history.' || quote_ident(l.history_table))),
        (select sum((p ->> 'bytes')::int8) from jsonb_array_elements(l.raster) p), 0)::int8 as bytes
    from app.load l where (l.history_table is not null or l.raster is not null) and l.valid_to is not null ${only}
    order by l.layer_id, l.load_id`;
  const byLayer = new Map<string, (typeof kept)[number][]>();
  for (const version of kept) byLayer.set(version.layer, [...(byLayer.get(version.layer) ?? []), version]);
  const pruned: PrunedVersion[] = [];
  for (const [id, versions] of byLayer) {
    const cadence = findLayer(id)?.cadence ?? versions.at(-1)?.cadence ?? 'yearly';
    let doomed = expired(versions, retentionOf(db.engine, cadence), now);
    // A layer that is not live has nothing but its history: the last version of it stays.
    if (!versions[0]?.isLive && doomed.length === versions.length) doomed = doomed.slice(0, -1);
    for (const { table, pictures, cadence: _cadence, isLive: _isLive, ...version } of doomed) {
      const isGone =
        dryRun ||
        (table === null
          ? await removePictures(db, version.load, pictures ?? [], rasterDir)
          : await dropVersion(db, version.load, table));
      if (isGone) pruned.push(version);
    }
  }
  return pruned;
}

/** A version that could be removed. */
interface Kept extends PrunedVersion {
  table: string | null;
  pictures: RasterPicture[] | null;
  cadence: Cadence | null;
  isLive: boolean;
}

/** Notes that a version of a raster is gone, then removes its files: a reader gets an answer that says so, not half a picture. */
async function removePictures(
  db: Database,
  load: number,
  pictures: readonly RasterPicture[],
  rasterDir: string,
): Promise<true> {
  await db.sql`update app.load set raster = null where load_id = ${load}`;
  const [first] = pictures;
  if (first) await rm(join(rasterDir, dirname(first.file)), { recursive: true, force: true });
  return true;
}

/** Drops one table and notes that it is gone, both or neither. False when readers did not let go of it. */
async function dropVersion(db: Database, load: number, table: string): Promise<boolean> {
  try {
    await db.sql.begin(async (tx) => {
      await tx`set local lock_timeout = '2s'`;
      await tx.unsafe(`drop table if exists ${tableName({ id: table }, 'history')}`);
      await tx`update app.load set history_table = null where load_id = ${load}`;
    });
    return true;
  } catch (error) {
    // 55P03: lock_not_available.
    if ((error as { code?: unknown }).code === '55P03') return false;
    throw error;
  }
}
