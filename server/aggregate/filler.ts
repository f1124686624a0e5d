import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Sql } from '../db/connect.ts';
import { typescriptWorker } from '../db/embedded/typescript-worker.ts';
import type { FillAnswer, FillInput, FillMessage } from './fill-worker.ts';
import { fillVersion, type VersionToFill } from './fill-version.ts';
import type { SharedTable } from './shared-table.ts';
import { openSnapshotFolder } from './snapshot-folder.ts';

/** A fill under way. */
export interface Fill {
  /** Null when the table was exchanged while it was read. */
  table: Promise<SharedTable | null>;
  /** Says that somebody waits for it now. */
  hurry(): void;
}

/** Reads the columns of versions. */
export interface Filler {
  /** `isWaitedFor`: at full speed; else with pauses, one after the other, behind everything else. */
  start(version: VersionToFill, isWaitedFor: boolean): Fill;
  close(): Promise<void>;
}

/** Fills in this thread: for tools, which have nothing else to do meanwhile. */
export function createLocalFiller(sql: Sql, folder: string | null = null): Filler {
  const snapshots = folder === null ? null : openSnapshotFolder(folder, { bytes: Infinity, onRefused: () => {} });
  return {
    start(version) {
      const table = fillVersion(sql, snapshots, version).then(async (filled) => {
        await filled?.save?.();
        return filled?.table ?? null;
      });
      return { table, hurry: () => {} };
    },
    close: async () => {},
  };
}

interface Waiting {
  resolve: (table: SharedTable | null) => void;
  reject: (error: Error) => void;
}

/** Fills in a thread of its own, which starts with the first fill, and again after it has failed. */
export function createFillThread(input: FillInput, log: Logger): Filler {
  let worker: Worker | null = null;
  let next = 1;
  let isClosed = false;
  const waiting = new Map<number, Waiting>();

  function startThread(): Worker {
    const started = typescriptWorker(new URL('./fill-worker.ts', import.meta.url), input, {
      standsBack: true,
    });
    // The process ends when its work is done, not when this thread is.
    started.unref();
    started.on('message', (answer: FillAnswer) => {
      if (answer.kind === 'note') {
        log[answer.level]({ layer: answer.layer }, answer.text);
        return;
      }
      const request = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (answer.kind === 'filled') request?.resolve(answer.table);
      else request?.reject(new Error(answer.message));
    });
    started.on('error', (error) => log.error({ err: error }, 'the thread that reads columns has failed'));
    started.once('exit', () => {
      worker = null;
      for (const { reject } of waiting.values()) reject(new Error('the thread that reads columns has ended'));
      waiting.clear();
    });
    return started;
  }

  function send(message: FillMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker?.postMessage(message);
  }

  return {
    start(version, isWaitedFor) {
      if (isClosed) return { table: Promise.reject(new Error('the service is closing')), hurry: () => {} };
      worker ??= startThread();
      const id = next++;
      const table = new Promise<SharedTable | null>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ kind: 'fill', id, version, isWaitedFor });
      });
      return { table, hurry: () => send({ kind: 'hurry', id }) };
    },
    async close() {
      isClosed = true;
      const ending = worker;
      if (ending === null) return;
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      send({ kind: 'close' });
      const late = setTimeout(() => void ending.terminate(), 2000);
      await ended;
      clearTimeout(late);
    },
  };
}
