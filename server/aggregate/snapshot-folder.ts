import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readSnapshot, SnapshotRefused, writeSnapshot } from './snapshot-file.ts';
import type { SharedTable } from './shared-table.ts';

const ENDING = '.columns';
/** A file that was being written this long ago was left behind by a process that has ended. */
const ABANDONED_MS = 3_600_000;

/**
 * Snapshots of columns, one file per layer: `<layer>.columns`. The time of a file says when its layer was last asked
 * about. Personal data is in them as it is in memory, so folder and files are the service's alone.
 */
export interface SnapshotFolder {
  /** Null when there is none, or none that can be used: the reason is reported, and a damaged file removed. */
  read(layer: string, mark: string): Promise<SharedTable | null>;
  /** Replaces the snapshot of a layer, and removes the least recently used ones beyond the limit. */
  write(mark: string, table: SharedTable): Promise<void>;
}

export interface SnapshotFolderOptions {
  /** All files together. */
  bytes: number;
  /** Told of files that are not used. One of another version is the usual case after a publication. */
  onRefused: (layer: string, reason: string, isDamaged: boolean) => void;
}

function fileOf(folder: string, layer: string): string {
  // Ids of layers are names of tables: letters, digits and underscores.
  return join(folder, `${layer}${ENDING}`);
}

export function openSnapshotFolder(folder: string, options: SnapshotFolderOptions): SnapshotFolder {
  const { bytes, onRefused } = options;
  return {
    async read(layer, mark) {
      const path = fileOf(folder, layer);
      try {
        return await readSnapshot(path, mark);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        const isOther = error instanceof SnapshotRefused && !error.isDamaged;
        onRefused(layer, error instanceof Error ? error.message : String(error), !isOther);
        // What is of another version is replaced when this one is written.
        if (error instanceof SnapshotRefused && error.isDamaged) await rm(path, { force: true });
        return null;
      }
    },
    async write(mark, table) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A name of its own: several processes may write the same layer.
      const temporary = join(folder, `${table.layer}.${randomUUID()}.part`);
      try {
        await writeSnapshot(temporary, mark, table);
        await rename(temporary, fileOf(folder, table.layer));
      } finally {
        await rm(temporary, { force: true });
      }
      await shrink(folder, bytes);
    },
  };
}

async function shrink(folder: string, limit: number): Promise<void> {
  const files = await filesIn(folder);
  let total = 0;
  for (const { path, name, size, usedAt } of files) {
    if (!name.endsWith(ENDING)) {
      if (Date.now() - usedAt > ABANDONED_MS) await rm(path, { force: true });
      continue;
    }
    total += size;
    if (total > limit) await rm(path, { force: true });
  }
}

/** The most recently used first. Files that go away meanwhile are left out. */
async function filesIn(folder: string): Promise<{ path: string; name: string; size: number; usedAt: number }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      return found === null ? null : { path, name, size: found.size, usedAt: found.mtimeMs };
    }),
  );
  return files.filter((file) => file !== null).toSorted((a, b) => b.usedAt - a.usedAt);
}

/** Layers that have a snapshot, the most recently used first. */
export async function listSnapshots(folder: string): Promise<string[]> {
  const files = await filesIn(folder);
  return files.filter(({ name }) => name.endsWith(ENDING)).map(({ name }) => name.slice(0, -ENDING.length));
}

/** Notes that a layer was asked about now, if it has a snapshot. */
export async function touchSnapshot(folder: string, layer: string): Promise<void> {
  const now = new Date();
  await utimes(fileOf(folder, layer), now, now).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
