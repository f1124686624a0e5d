/** The queue is full: the caller may come back after `retryAfter` seconds with the same keys. */
export class QueueFull extends Error {
  readonly retryAfter: number;
  constructor(waiting: number) {
    super(`${waiting} items are waiting to be stored`);
    this.name = 'QueueFull';
    this.retryAfter = 1;
  }
}

interface Waiting<I, O> {
  item: I;
  resolve(result: O): void;
  reject(cause: unknown): void;
}

export interface BatcherOptions<I, O> {
  /** Stores a batch in one transaction: one result per item, in order. */
  commit(items: readonly I[]): Promise<readonly O[]>;
  /** True when the store as a whole is away, so that smaller batches would help nobody. */
  isOutage(cause: unknown): boolean;
  /** Items of one transaction at most. */
  maxBatch?: number;
  /** Items that may wait; more are refused. */
  maxQueue?: number;
  /** ms an item waits for company when nothing is in flight. */
  waitMs?: number;
  /** Transactions in flight at most; default 1. Another one is begun only for as many items as `worthIt`. */
  lanes?: number;
  worthIt?: number;
}

/**
 * Adaptive group commit: what arrives while a transaction is in flight rides the next one. A promise
 * is fulfilled after the commit. When a batch fails for another reason than an outage it is halved until the
 * poisonous item fails alone.
 */
export class Batcher<I, O> {
  readonly #options: Required<BatcherOptions<I, O>>;
  #queue: Waiting<I, O>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = 0;
  /** Transactions and items committed so far. */
  readonly totals = { batches: 0, items: 0 };

  constructor(options: BatcherOptions<I, O>) {
    this.#options = { maxBatch: 1000, maxQueue: 20_000, waitMs: 2, lanes: 1, worthIt: 200, ...options };
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether more has come than fits into the transaction under way. */
  get isPressed(): boolean {
    return this.#running > 0 && this.#queue.length > 0;
  }

  /** Stores the items, all or none of them queued. Settles like `Promise.allSettled`. Throws {@link QueueFull}. */
  push(items: readonly I[]): Promise<PromiseSettledResult<O>[]> {
    if (this.#queue.length > 0 && this.#queue.length + items.length > this.#options.maxQueue) {
      throw new QueueFull(this.#queue.length);
    }
    const results = items.map(
      (item) => new Promise<O>((resolve, reject) => this.#queue.push({ item, resolve, reject })),
    );
    this.#schedule();
    return Promise.allSettled(results);
  }

  #schedule(): void {
    if (this.#running > 0) {
      if (this.#running < this.#options.lanes && this.#isWorthIt) void this.#drain();
      return;
    }
    if (this.#timer || this.#queue.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#drain();
    }, this.#options.waitMs);
  }

  /** Whether so many wait that another transaction beside the one in flight serves them sooner. */
  get #isWorthIt(): boolean {
    return this.#queue.length >= this.#options.worthIt;
  }

  async #drain(): Promise<void> {
    this.#running += 1;
    while (this.#queue.length > 0 && (this.#running === 1 || this.#isWorthIt)) {
      await this.#store(this.#queue.splice(0, this.#options.maxBatch));
    }
    this.#running -= 1;
  }

  async #store(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.#options.commit(batch.map((waiting) => waiting.item));
      this.totals.batches += 1;
      this.totals.items += batch.length;
      batch.forEach((waiting, i) => waiting.resolve(results[i] as O));
    } catch (cause) {
      if (batch.length === 1 || this.#options.isOutage(cause)) for (const waiting of batch) waiting.reject(cause);
      else {
        const middle = batch.length >> 1;
        await this.#store(batch.slice(0, middle));
        await this.#store(batch.slice(middle));
      }
    }
  }
}
