import type { LogEntry } from './log.ts';

/** The newest part of the live log in memory: every entry with an id above `floor`, in order. */
export class Ring {
  #entries: LogEntry[] = [];
  #floor: number;

  constructor(floor: number) {
    this.#floor = floor;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** True when every entry after `id` is still here. */
  covers(id: number): boolean {
    return id >= this.#floor;
  }

  push(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#entries.push(entry);
  }

  /**
   * Forgets the oldest entries above `capacity`, but none after `sent`: what has not been handed to the sockets yet
   * exists nowhere else in this process. A tenth of slack keeps the array from being moved for every entry.
   */
  trim(capacity: number, sent: number): void {
    if (this.#entries.length <= capacity * 1.1) return;
    const gone = this.#entries.splice(0, Math.min(this.#entries.length - capacity, this.#indexAfter(sent)));
    this.#floor = gone.at(-1)?.id ?? this.#floor;
  }

  /** At most `limit` entries with `after < id <= upTo`. */
  slice(after: number, upTo: number, limit = Number.POSITIVE_INFINITY): LogEntry[] {
    const from = this.#indexAfter(after);
    return this.#entries.slice(from, Math.min(this.#indexAfter(upTo), from + limit));
  }

  #indexAfter(id: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as LogEntry).id <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
