import { answerWithin } from '../db/answer-within.ts';
import type { Sql } from '../db/connect.ts';
import { Batcher } from '../incidents/batcher.ts';
import { isOutage } from '../incidents/intake.ts';
import { checkReading, type ReadingRejection } from './check-reading.ts';
import type { Reading } from './reading.ts';
import { RejectLog } from './reject-log.ts';
import type { SensorList } from './sensor-list.ts';
import { storeReadings, type StoreResult } from './store.ts';

/** What became of one reading: stored now, known before, or refused with the reason. */
export type ReadingResult = { state: 'stored' | 'known' } | { state: 'refused'; rejection: ReadingRejection };

export interface ReadingIntakeOptions {
  sensors: Pick<SensorList, 'ready' | 'metricsOf'>;
  /** Days that readings are kept: older ones are refused. */
  keepDays: number;
  /** Told of every failure that no sender is told of. */
  onError(cause: unknown): void;
  maxQueue?: number;
}

/** Readings of one transaction, and those that may wait for one. */
const MAX_BATCH = 5000;
const MAX_QUEUE = 50_000;
const DEADLINE_MS = 30_000;
const DAY_MS = 86_400_000;

/** The way in for readings, whatever they come by: check, commit in batches, tell. */
export class ReadingIntake {
  readonly #options: ReadingIntakeOptions;
  readonly #batcher: Batcher<Reading, StoreResult>;
  readonly #rejects: RejectLog;
  readonly #listeners: ((readings: readonly Reading[]) => void)[] = [];
  readonly totals = { refused: 0 };

  constructor(sql: Sql, options: ReadingIntakeOptions) {
    this.#options = options;
    this.#rejects = new RejectLog(sql, options.onError);
    this.#batcher = new Batcher({
      // Without an answer nobody knows whether they were stored; the sender repeats them and finds out.
      commit: async (readings) => {
        const results = await answerWithin(DEADLINE_MS, storeReadings(sql, readings));
        this.#tell(readings.filter((_, i) => results[i] === 'stored'));
        return results;
      },
      isOutage,
      maxBatch: MAX_BATCH,
      maxQueue: options.maxQueue ?? MAX_QUEUE,
      // One that comes alone may wait for company: nobody sees 10 ms, and commits are what costs.
      waitMs: 10,
    });
  }

  /** Transactions and readings committed, readings waiting and refused. */
  get load(): { batches: number; items: number; waiting: number; refused: number } {
    return { ...this.#batcher.totals, waiting: this.#batcher.waiting, ...this.totals };
  }

  /** Calls `listener` with what this process has stored, after each commit (see `reading.ts` for what may rely on it). */
  onReadings(listener: (readings: readonly Reading[]) => void): void {
    this.#listeners.push(listener);
  }

  #tell(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(readings);
      } catch (cause) {
        this.#options.onError(cause);
      }
    }
  }

  /**
   * Checks and stores readings; one result per input, in order. Fulfilled after the commit, so what is answered as stored stays
   * stored. Throws `QueueFull`, or the cause of a database outage; the sender repeats the same readings then.
   */
  async submit(inputs: readonly unknown[], via: string): Promise<ReadingResult[]> {
    await this.#options.sensors.ready();
    const now = Date.now();
    const check = {
      metricsOf: this.#options.sensors.metricsOf,
      now,
      // The day that is dropped next takes no more.
      oldest: now - (this.#options.keepDays - 1) * DAY_MS,
    };
    const checked = inputs.map((input) => checkReading(input, check));
    const readings = checked.filter((item): item is Reading => !('code' in item));
    const settled = await this.#batcher.push(readings);
    let next = 0;
    return checked.map((item) => {
      if ('code' in item) return this.#refuse(item, via);
      const result = settled[next++] as PromiseSettledResult<StoreResult>;
      const told = { field: 'value' as const, sensor: item.sensor, metric: item.metric, value: String(item.value) };
      if (result.status === 'rejected') {
        if (isOutage(result.reason)) throw result.reason;
        this.#options.onError(result.reason);
        return this.#refuse({ ...told, code: 'NOT_STORABLE', message: 'the database refused this reading' }, via);
      }
      if (result.value !== 'differs') return { state: result.value };
      const message = 'value: at this instant this sensor has another value already, which stands';
      return this.#refuse({ ...told, code: 'VALUE_DIFFERS', message }, via);
    });
  }

  /** Keeps account of what was not even a reading. */
  refuse(rejection: ReadingRejection, via: string): void {
    this.#refuse(rejection, via);
  }

  #refuse(rejection: ReadingRejection, via: string): ReadingResult {
    this.totals.refused += 1;
    this.#rejects.note(rejection, via);
    return { state: 'refused', rejection };
  }

  /** Writes down what was refused so far. */
  flush(): Promise<void> {
    return this.#rejects.flush();
  }

  close(): Promise<void> {
    return this.#rejects.close();
  }
}
