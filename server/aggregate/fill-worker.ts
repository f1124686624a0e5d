/**
 * The thread that reads columns: unpacking, sorting and interning 1.3 million rows takes seconds, which nobody who asks for
 * a tile should wait for. Started by `createFillThread`; ends after the message `close`.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { connectTo, type DatabaseAddress } from '../db/connect.ts';
import type { SharedTable } from './shared-table.ts';
import { fillVersion, type VersionToFill } from './fill-version.ts';
import { openSnapshotFolder } from './snapshot-folder.ts';

export interface FillInput {
  address: DatabaseAddress;
  /** Folder of snapshots; null keeps none. */
  folder: string | null;
  /** The most that all snapshots may take. */
  folderBytes: number;
}

export type FillMessage =
  | { kind: 'fill'; id: number; version: VersionToFill; isWaitedFor: boolean }
  /** Somebody has begun to wait for it. */
  | { kind: 'hurry'; id: number }
  | { kind: 'close' };

export type FillAnswer =
  | { kind: 'filled'; id: number; table: SharedTable | null }
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'note'; level: 'info' | 'warn'; layer: string; text: string };

if (parentPort === null) throw new Error('fill-worker.ts runs as a worker thread only');
const port = parentPort;
const { address, folder, folderBytes } = workerData as FillInput;

const sql = connectTo(address, { max: 2, applicationName: 'onemap-columns' });
const say = (answer: FillAnswer): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  port.postMessage(answer);
};
const snapshots =
  folder === null
    ? null
    : openSnapshotFolder(folder, {
        bytes: folderBytes,
        onRefused: (layer, reason, isDamaged) =>
          say({
            kind: 'note',
            level: isDamaged ? 'warn' : 'info',
            layer,
            text: `the snapshot of columns is not used: ${reason}`,
          }),
      });

/** Fills that somebody waits for. */
const hurried = new Set<number>();
/** Fills nobody waits for come one after the other. */
let background: Promise<void> = Promise.resolve();

/** Between two pieces of a fill nobody waits for: as long as the piece took, so that half of the time is for others. */
function paceOf(id: number): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (hurried.has(id)) await setImmediate();
    else await setTimeout(Math.min(500, performance.now() - since));
    since = performance.now();
  };
}

async function fill(id: number, version: VersionToFill): Promise<void> {
  try {
    const filled = await fillVersion(sql, snapshots, version, paceOf(id));
    say({ kind: 'filled', id, table: filled?.table ?? null });
    await filled?.save?.().catch((error: unknown) => {
      say({
        kind: 'note',
        level: 'warn',
        layer: version.layer.id,
        text: `the columns could not be kept in a file: ${String(error)}`,
      });
    });
  } catch (error) {
    say({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    hurried.delete(id);
  }
}

port.on('message', (message: FillMessage) => {
  switch (message.kind) {
    case 'fill':
      if (message.isWaitedFor) {
        hurried.add(message.id);
        void fill(message.id, message.version);
      } else {
        background = background.then(() => fill(message.id, message.version));
      }
      break;
    case 'hurry':
      hurried.add(message.id);
      break;
    case 'close':
      void sql.end({ timeout: 1 }).finally(() => port.close());
      break;
  }
});
