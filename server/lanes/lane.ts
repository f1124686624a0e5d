import { ApiError } from '../errors.ts';

export interface LaneOptions {
  /** Requests that run at a time. */
  running: number;
  /** Requests that wait for their turn; more are turned away at once. */
  waiting: number;
  /** The longest one waits before it is turned away, ms. */
  waitMs: number;
}

interface Waiting {
  start: () => void;
}

/**
 * A lane lets a number of requests run at a time; others wait in their order, and those that would wait too long are
 * told to come back. So expensive questions stand in their own way, and in nobody else's.
 */
export class Lane {
  readonly options: LaneOptions;
  private running = 0;
  private readonly queue: Waiting[] = [];

  constructor(options: LaneOptions) {
    this.options = options;
  }

  /** How many run and wait now. */
  get load(): { running: number; waiting: number } {
    return { running: this.running, waiting: this.queue.length };
  }

  /**
   * Waits for a turn. The answer gives it back; call it once. Throws `BUSY` when the queue is full or the wait too long,
   * and when the caller has gone.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    const { running, waiting, waitMs } = this.options;
    if (this.running < running) {
      this.running++;
      return () => this.leave();
    }
    if (this.queue.length >= waiting) {
      throw new ApiError(
        'BUSY',
        `${waiting} expensive requests are waiting already, which is the limit. Try again soon.`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          stop();
          resolve();
        },
      };
      const give = (message: string): void => {
        stop();
        this.queue.splice(this.queue.indexOf(entry), 1);
        reject(new ApiError('BUSY', message));
      };
      const timer = setTimeout(
        () =>
          give(
            `${running} expensive requests run at a time, and none ended within ${waitMs / 1000} s. Try again soon.`,
          ),
        waitMs,
      );
      const gone = (): void => give('The caller has gone.');
      const stop = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', gone);
      };
      signal?.addEventListener('abort', gone);
      this.queue.push(entry);
    });
    return () => this.leave();
  }

  /** The place of who leaves goes to the one who has waited longest. */
  private leave(): void {
    const next = this.queue.shift();
    if (next === undefined) this.running--;
    else next.start();
  }
}
