import type { Worker } from 'node:worker_threads';
import { typescriptWorker } from '../../server/db/embedded/typescript-worker.ts';
import { LoadError } from '../errors.ts';
import type { TextOptions, TextPiece, TextPosition } from './text-reader.ts';
import type { TextWorkerAnswer, TextWorkerInput, TextWorkerOrder } from './text-worker.ts';

/**
 * Reads, decodes and cuts a text file in a thread of its own, a few pieces ahead of whoever checks the rows. The thread takes
 * a moment to start: until `isReady` the file is read here, and then handed over.
 */
export class TextAhead {
  isReady = false;
  private readonly worker: Worker;
  private readonly waiting: TextWorkerAnswer[] = [];
  private wake: (() => void) | null = null;

  constructor(path: string, options: TextOptions) {
    const input: TextWorkerInput = { path, options };
    this.worker = typescriptWorker(new URL('./text-worker.ts', import.meta.url), input);
    this.worker.on('message', (message: TextWorkerAnswer) => this.receive(message));
    this.worker.on('error', (error) => this.receive({ error }));
    this.worker.on('exit', () => this.receive({ error: new Error('the thread that reads the file has ended') }));
  }

  /** All pieces from a position on. */
  async *pieces(from: TextPosition): AsyncGenerator<TextPiece> {
    this.order({ from });
    for (;;) {
      const message = this.waiting.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      if (message === 'ready') continue;
      if ('end' in message) return;
      if ('fault' in message) throw new LoadError(message.fault.code, message.fault.text);
      if ('error' in message) throw message.error;
      this.order('taken');
      yield message.piece;
    }
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private order(order: TextWorkerOrder): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.worker.postMessage(order);
  }

  private receive(message: TextWorkerAnswer): void {
    if (message === 'ready') this.isReady = true;
    else this.waiting.push(message);
    this.wake?.();
  }
}
