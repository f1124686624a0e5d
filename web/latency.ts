/** Latency from event to pixel: when each step was reached, and quantiles over the last minutes. */

/** ms since 1970 of each step of one event on its way to the screen. */
export interface Stamps {
  /** Stated by the source. */
  occurred: number;
  /** Taken in by the API. */
  received: number;
  /** In the database. */
  committed: number;
  /** Handed to the socket. */
  pushed: number;
  /** Drawn by this screen. */
  painted: number;
}

export const STAGES = ['received', 'committed', 'pushed', 'painted'] as const;
export type Stage = (typeof STAGES)[number];

const GROWTH = 1.08;
const BUCKETS = 180; // 1.08^180 ≈ 1e6 ms ≈ 17 min: everything slower counts as the last bucket

function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / Math.log(GROWTH)));
}

/**
 * Histogram with buckets 8 % wide: quantiles are at most 8 % too high, memory is constant however long a wall runs.
 * Two generations turn over every `windowMs`, so that the numbers tell of now, not of last week.
 */
export class LatencyHistogram {
  #current = new Uint32Array(BUCKETS);
  #previous = new Uint32Array(BUCKETS);
  #turnedAt: number;
  readonly #windowMs: number;

  constructor(windowMs = 300_000, now = 0) {
    this.#windowMs = windowMs;
    this.#turnedAt = now;
  }

  add(ms: number, now: number): void {
    this.#turn(now);
    const bucket = bucketOf(ms);
    this.#current[bucket] = (this.#current[bucket] ?? 0) + 1;
  }

  count(now: number): number {
    this.#turn(now);
    let total = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      total += (this.#current[index] ?? 0) + (this.#previous[index] ?? 0);
    }
    return total;
  }

  /** Upper bound of the bucket in which the quantile lies, ms; null without samples. `q` is in 0 … 1. */
  quantile(q: number, now: number): number | null {
    const total = this.count(now);
    if (total === 0) return null;
    const wanted = Math.max(1, Math.ceil(q * total));
    let seen = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      seen += (this.#current[index] ?? 0) + (this.#previous[index] ?? 0);
      if (seen >= wanted) return Math.round(GROWTH ** index);
    }
    return Math.round(GROWTH ** (BUCKETS - 1));
  }

  #turn(now: number): void {
    if (now - this.#turnedAt < this.#windowMs) return;
    const isLongAgo = now - this.#turnedAt >= 2 * this.#windowMs;
    this.#previous = isLongAgo ? new Uint32Array(BUCKETS) : this.#current;
    this.#current = new Uint32Array(BUCKETS);
    this.#turnedAt = now;
  }
}

export interface LatencyReport {
  /** Events measured in the window. */
  count: number;
  /** Received → painted: what this system answers for, ms. */
  p50: number | null;
  p99: number | null;
  /** Median of each step since the one before it, ms; `received` counts from the source's own clock. */
  stages: Record<Stage, number | null>;
}

/** Keeps one histogram per step and one for the whole way. */
export class LatencyMeter {
  readonly #total: LatencyHistogram;
  readonly #stages: Record<Stage, LatencyHistogram>;

  constructor(now: number, windowMs = 300_000) {
    const histogram = () => new LatencyHistogram(windowMs, now);
    this.#total = histogram();
    this.#stages = { received: histogram(), committed: histogram(), pushed: histogram(), painted: histogram() };
  }

  add(stamps: Stamps, now: number): void {
    this.#total.add(stamps.painted - stamps.received, now);
    this.#stages.received.add(stamps.received - stamps.occurred, now);
    this.#stages.committed.add(stamps.committed - stamps.received, now);
    this.#stages.pushed.add(stamps.pushed - stamps.committed, now);
    this.#stages.painted.add(stamps.painted - stamps.pushed, now);
  }

  report(now: number): LatencyReport {
    const median = (stage: Stage) => this.#stages[stage].quantile(0.5, now);
    return {
      count: this.#total.count(now),
      p50: this.#total.quantile(0.5, now),
      p99: this.#total.quantile(0.99, now),
      stages: {
        received: median('received'),
        committed: median('committed'),
        pushed: median('pushed'),
        painted: median('painted'),
      },
    };
  }
}
