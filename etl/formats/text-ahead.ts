import type { Worker } from 'node:worker_threads';
import { typescriptWorker } from '../../server/db/embedded/typescript-worker.ts';
import { LoadError } from '../errors.ts';
import { buffersOf, type TextPiece } from './text-reader.ts';
import type { TextWorkerAnswer, TextWorkerFile, TextWorkerOrder } from './text-worker.ts';

/** Threads that nobody uses at the moment. */
const idle: TextAhead[] = [];

/**
 * Reads, decodes and cuts text files in a thread of its own, a few pieces ahead of whoever checks the rows. The thread takes a
 * moment to start and to warm up, so a process keeps it from one run of loads to the next: until `isReady` a file is read by
 * whoever wants it, and then handed over. One file at a time.
 */
export class TextAhead {
  isReady = false;
  private readonly worker: Worker;
  private readonly waiting: TextWorkerAnswer[] = [];
  private wake: (() => void) | null = null;
  private failure: Error | null = null;
  /** Number of the file that is read: what still comes of an earlier one, which was given up, is passed over. */
  private reading = 0;

  constructor() {
    this.worker = typescriptWorker(new URL('./text-worker.ts', import.meta.url), null);
    this.worker.on('message', (message: TextWorkerAnswer) => this.receive(message));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the thread that reads the file has ended')));
    // It waits for the next file as long as somebody might load one; that keeps nobody from ending.
    this.worker.unref();
  }

  /** One that nobody else uses, to be given back. */
  static take(): TextAhead {
    return TextAhead.takeKept() ?? new TextAhead();
  }

  /** The same, or null where none has been started yet. */
  static takeKept(): TextAhead | null {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) if (kept.isAlive) return kept;
    return null;
  }

  giveBack(): void {
    if (this.isAlive) idle.push(this);
  }

  /** False once the thread has ended, for whatever reason. */
  get isAlive(): boolean {
    return this.failure === null;
  }

  /** Begins to read a file from a position on, and to encode its rows if there is a plan for it. Take the `pieces`, or `end`. */
  begin(file: Omit<TextWorkerFile, 'reading'>): void {
    this.reading += 1;
    this.waiting.length = 0;
    this.worker.ref();
    this.order({ reading: this.reading, ...file });
  }

  /** All pieces of the file that was begun. */
  async *pieces(): AsyncGenerator<TextPiece> {
    try {
      for (;;) {
        const message = this.waiting.shift();
        if (message === undefined) {
          if (this.failure) throw this.failure;
          await new Promise<void>((resolve) => (this.wake = resolve));
          continue;
        }
        if ('end' in message) return;
        if ('fault' in message) throw new LoadError(message.fault.code, message.fault.text);
        if ('error' in message) throw message.error;
        this.order('taken');
        const { reading, piece } = message;
        yield { ...piece, release: () => this.release(reading, piece) };
      }
    } finally {
      this.end();
    }
  }

  /** No more is wanted of the file that was begun. */
  end(): void {
    this.order('stop');
    this.worker.unref();
  }

  /** Gives the memory of a piece back to the thread. */
  private release(reading: number, piece: TextPiece): void {
    const buffers = buffersOf(piece);
    if (reading === this.reading) this.order({ reading, buffers }, buffers);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private order(order: TextWorkerOrder, handedOver: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(order, handedOver);
  }

  private receive(message: TextWorkerAnswer | 'ready'): void {
    if (message === 'ready') this.isReady = true;
    else if (message.reading === this.reading) this.waiting.push(message);
    this.wake?.();
  }

  private fail(error: Error): void {
    this.isReady = false;
    this.failure ??= error;
    this.wake?.();
  }
}
