import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { typescriptWorker } from '../db/embedded/typescript-worker.ts';
import type { FollowerAnswer, FollowerInput, FollowerMessage } from './follower-worker.ts';

/** ms after which a thread that failed is started again: the database may be away. */
const RETRY_MS = 2000;
/** ms between two looks at whether incidents wait. */
const LOOK_MS = 50;

export interface Followers {
  /** Fulfilled when what happens is followed. */
  ready: Promise<void>;
  /** Lets the turns under way end. */
  close(): Promise<void>;
}

export interface FollowersOptions extends Omit<FollowerInput, 'pressed'> {
  /** Whether incidents wait to be stored: followers who are behind then leave the machine to the intake. */
  isPressed(): boolean;
  /** Whether they are so many that followers do no more than a small share of their work. */
  isFlooded(): boolean;
  log: Logger;
}

/** Starts the thread of those who follow what happens; one that fails is started again. */
export function startFollowers({ isPressed, isFlooded, log, ...input }: FollowersOptions): Followers {
  const pressed = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const look = setInterval(() => {
    Atomics.store(pressed, 0, isPressed() ? 1 : 0);
    Atomics.store(pressed, 1, isFlooded() ? 1 : 0);
  }, LOOK_MS);
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;
  let worker: Worker | null = null;
  let isUp = false;
  let wasReady: (() => void) | undefined;
  const ready = new Promise<void>((done) => {
    wasReady = done;
  });

  function start(): void {
    // As important as the others to the system: until it has committed it may hold the order of the live log.
    const started = typescriptWorker(new URL('./follower-worker.ts', import.meta.url), {
      ...input,
      pressed,
    } satisfies FollowerInput);
    worker = started;
    started.on('message', (_: FollowerAnswer) => {
      isUp = true;
      wasReady?.();
    });
    started.on('error', (error) => log.error({ err: error }, 'the thread that follows what happens has failed'));
    started.once('exit', () => {
      worker = null;
      isUp = false;
      if (!isClosed) again = setTimeout(start, RETRY_MS);
    });
  }

  start();
  return {
    ready,
    async close() {
      isClosed = true;
      clearTimeout(again);
      clearInterval(look);
      if (worker === null) return;
      const gone = once(worker, 'exit');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      if (isUp) worker.postMessage('close' satisfies FollowerMessage);
      else void worker.terminate();
      await gone;
    },
  };
}
