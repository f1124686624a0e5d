/** The queue is full: the caller may come back after `retryAfter` seconds with the same keys. */
export class QueueFull extends Error {
  readonly retryAfter: number;
  constructor(waiting: number) {
    super(`${waiting} items are waiting to be stored`);
    this.name = 'QueueFull';
    this.retryAfter = 1;
  }
}

/** ms a flood is felt. */
const FLOOD_MS = 250;

/** Items that came together, with one promise for all of them. */
interface Push<O> {
  results: PromiseSettledResult<O>[];
  unsettled: number;
  done(results: PromiseSettledResult<O>[]): void;
}

interface Waiting<I, O> {
  item: I;
  push: Push<O>;
  /** Place of the item in its push. */
  index: number;
}

function settle<O>({ push, index }: Waiting<unknown, O>, result: PromiseSettledResult<O>): void {
  push.results[index] = result;
  push.unsettled -= 1;
  if (push.unsettled === 0) push.done(push.results);
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
  /** When the flood is over, `performance.now()`. */
  #floodedUntil = 0;
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

  /**
   * Whether so much comes, or came a moment ago, that several transactions are in flight or one does not hold it: between two
   * of them the queue is empty now and then, and the flood goes on all the same.
   */
  get isFlooded(): boolean {
    return performance.now() < this.#floodedUntil;
  }

  /** Stores the items, all or none of them queued. Settles like `Promise.allSettled`. Throws {@link QueueFull}. */
  push(items: readonly I[]): Promise<PromiseSettledResult<O>[]> {
    if (this.#queue.length > 0 && this.#queue.length + items.length > this.#options.maxQueue) {
      throw new QueueFull(this.#queue.length);
    }
    if (items.length === 0) return Promise.resolve([]);
    const results = Array.from<PromiseSettledResult<O>>({ length: items.length });
    return new Promise((done) => {
      const push: Push<O> = { results, unsettled: items.length, done };
      items.forEach((item, index) => this.#queue.push({ item, push, index }));
      this.#schedule();
    });
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
      if (this.#running > 1 || this.#queue.length > this.#options.maxBatch) {
        this.#floodedUntil = performance.now() + FLOOD_MS;
      }
      await this.#store(this.#queue.splice(0, this.#options.maxBatch));
    }
    this.#running -= 1;
  }

  async #store(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.#options.commit(batch.map((waiting) => waiting.item));
      this.totals.batches += 1;
      this.totals.items += batch.length;
      batch.forEach((waiting, i) => settle(waiting, { status: 'fulfilled', value: results[i] as O }));
    } catch (cause) {
      if (batch.length === 1 || this.#options.isOutage(cause)) {
        for (const waiting of batch) settle(waiting, { status: 'rejected', reason: cause });
      } else {
        const middle = batch.length >> 1;
        await this.#store(batch.slice(0, middle));
        await this.#store(batch.slice(middle));
      }
    }
  }
}
