import { Readable } from 'node:stream';
import { typescriptWorker } from '../db/embedded/typescript-worker.ts';
import { ApiError } from '../errors.ts';
import type { ExportEvent, ExportOrder, ExportTask } from './task.ts';

export interface RowProgress {
  rows: number;
  unlocated: number;
  cut: number;
}

export interface RowExport {
  /** The bytes, as they are written. Ends with an error when the export fails, is cancelled or counts other rows than expected. */
  stream: Readable;
  progress: RowProgress;
}

/** How long a cancelled thread may take to put its statement down before it is ended, ms. */
const GRACE_MS = 2000;

/**
 * Starts to export rows in a thread of its own. Destroying the stream, or aborting `signal`, cancels the statement that
 * runs and ends the thread.
 */
export function exportRows(task: ExportTask, expected: number, signal: AbortSignal): RowExport {
  const worker = typescriptWorker(new URL('./export-worker.ts', import.meta.url), task);
  const progress: RowProgress = { rows: 0, unlocated: 0, cut: 0 };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const order = (what: ExportOrder): void => worker.postMessage(what);
  let isOwed = false;
  let isOver = false;

  const stream = new Readable({
    highWaterMark: 1 << 20,
    read() {
      if (!isOwed) return;
      isOwed = false;
      order('more');
    },
    destroy(error, done) {
      signal.removeEventListener('abort', abort);
      if (!isOver) {
        order('cancel');
        setTimeout(() => void worker.terminate(), GRACE_MS).unref();
      }
      done(error);
    },
  });
  const abort = (): void => void stream.destroy(new Error('cancelled'));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });

  worker.on('message', (event: ExportEvent) => {
    switch (event.kind) {
      case 'chunk':
        isOwed = true;
        if (stream.push(Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.byteLength))) {
          isOwed = false;
          order('more');
        }
        break;
      case 'progress':
        Object.assign(progress, { rows: event.rows, unlocated: event.unlocated, cut: event.cut });
        break;
      case 'end':
        isOver = true;
        // One number everywhere: what was exported is what the count of the same predicate says.
        if (event.rows === expected) stream.push(null);
        else
          stream.destroy(new Error(`exported ${event.rows} rows of ${task.layer.id} where ${expected} were counted`));
        break;
      case 'error':
        isOver = true;
        stream.destroy(toError(event, task));
        break;
    }
  });
  worker.once('error', (error) => {
    isOver = true;
    stream.destroy(error);
  });
  worker.once('exit', (code) => {
    if (!isOver) stream.destroy(new Error(`the export ended with ${code}`));
    isOver = true;
  });
  return { stream, progress };
}

function toError(event: Extract<ExportEvent, { kind: 'error' }>, task: ExportTask): Error {
  if (event.code === 'VERSION_GONE') {
    return new ApiError(
      'VERSION_GONE',
      `The version of layer ${task.layer.id} by load ${task.load} is no longer kept.`,
    );
  }
  // The code tells a timeout or a lost database, as everywhere.
  return Object.assign(new Error(event.message), event.sqlState === null ? {} : { code: event.sqlState });
}
