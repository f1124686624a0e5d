import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { findLiveLoad } from '../queries/layer-state.ts';
import { liveTable } from '../queries/layer-version.ts';
import { readColumns } from './fill.ts';
import type { SharedTable } from './shared-table.ts';
import { versionMark } from './snapshot-file.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';

/** A version of a layer whose columns are wanted. Plain data: it goes to another thread. */
export interface VersionToFill {
  layer: Layer;
  load: number;
  rows: number;
  /** `schema.table`. */
  table: string;
  /** When it was published; null where that is not known, and then there is no snapshot of it. */
  publishedAt: Date | null;
}

/**
 * The columns of a version, from its snapshot or from its table. Null when the table was exchanged while it was read.
 * What was read from a live table is handed to `save`, which keeps it for the next start.
 */
export async function fillVersion(
  sql: Sql,
  snapshots: SnapshotFolder | null,
  { layer, load, rows, table, publishedAt }: VersionToFill,
  pace?: () => Promise<void>,
): Promise<{ table: SharedTable; save: (() => Promise<void>) | null } | null> {
  const isLive = table === liveTable(layer.id);
  // Of earlier versions none is kept: they are asked about rarely, and there is one file per layer.
  const mark = isLive && publishedAt !== null ? versionMark(layer, load, publishedAt, rows) : null;
  const kept = mark === null ? null : ((await snapshots?.read(layer.id, mark)) ?? null);
  if (kept !== null) return { table: kept, save: null };
  const filled = await readColumns(sql, layer, load, rows, table, pace);
  // A load that was published meanwhile may have mixed its rows with the old ones. Tables of the history never change.
  if (isLive && (await findLiveLoad(sql, layer.id)) !== load) return null;
  return {
    table: filled,
    save: mark === null || snapshots === null ? null : () => snapshots.write(mark, filled),
  };
}
