import { answerWithin } from '../db/answer-within.ts';
import type { Sql } from '../db/connect.ts';
import { isDatabaseUnreachable } from '../errors.ts';
import { Batcher } from './batcher.ts';
import { ingestBatch, type StoredIncident } from './store.ts';
import { checkIncident, type CheckedIncident, type GridLookup, type Rejection } from './validate.ts';

/** What became of one incident: stored (now or before), or refused with the reason. */
export type IntakeResult =
  | { stored: StoredIncident; incident: CheckedIncident; rejection?: undefined }
  | { rejection: Rejection };

export interface IntakeOptions {
  /** The micro-grids at this moment; undefined while none are loaded. */
  grids(): GridLookup | undefined;
  /** Told of every incident the database refused although it had passed the checks. */
  onRefused?(incident: CheckedIncident, cause: unknown): void;
  maxQueue?: number;
  /** ms after which a commit that nobody answered counts as an outage. Default 30 000. */
  deadlineMs?: number;
}

const DEADLINE_MS = 30_000;

/** Thrown while the district has no micro-grids: nothing can be placed, so nothing can be checked. */
export class NoGrids extends Error {
  constructor() {
    super('The micro-grids of the district are not loaded yet.');
    this.name = 'NoGrids';
  }
}

/** The way in for incidents: check, place, commit in batches. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #batcher: Batcher<CheckedIncident, StoredIncident>;

  constructor(sql: Sql, options: IntakeOptions) {
    this.#options = options;
    this.#batcher = new Batcher({
      // Without an answer nobody knows whether it was stored; the sender repeats its keys and finds out.
      commit: (incidents) => answerWithin(options.deadlineMs ?? DEADLINE_MS, ingestBatch(sql, incidents)),
      isOutage,
      ...(options.maxQueue === undefined ? {} : { maxQueue: options.maxQueue }),
    });
  }

  /** Transactions and incidents committed, incidents waiting. */
  get load(): { batches: number; items: number; waiting: number } {
    return { ...this.#batcher.totals, waiting: this.#batcher.waiting };
  }

  /**
   * Checks and stores incidents; one result per input, in order. Fulfilled after the commit, so what is answered as
   * stored stays stored. Throws `QueueFull`, {@link NoGrids}, or the cause of a database outage; the sender repeats
   * the same keys then, and those that were stored after all are found as known.
   */
  async submit(inputs: readonly unknown[]): Promise<IntakeResult[]> {
    const grids = this.#options.grids();
    if (!grids || grids.codes.length === 0) throw new NoGrids();
    const now = Date.now();
    const checked = inputs.map((input) => checkIncident(input, grids, now));
    const incidents = checked.filter((item): item is CheckedIncident => !('rejection' in item));
    const settled = await this.#batcher.push(incidents);
    let next = 0;
    return checked.map((item) => {
      if ('rejection' in item) return item;
      const result = settled[next++] as PromiseSettledResult<StoredIncident>;
      if (result.status === 'fulfilled') return this.#answer(item, result.value);
      if (isOutage(result.reason)) throw result.reason;
      this.#options.onRefused?.(item, result.reason);
      const message = `incident ${item.key} passed the checks but the database refused it`;
      return { rejection: { code: 'NOT_STORABLE', message, field: 'key', value: item.key } };
    });
  }

  #answer(incident: CheckedIncident, stored: StoredIncident): IntakeResult {
    if (stored.same) return { stored, incident };
    const message = `key ${incident.key} belongs to incident ${stored.id}, whose content is different`;
    return { rejection: { code: 'KEY_REUSED', message, field: 'key', value: incident.key } };
  }
}

/** Unreachable, out of connections, memory or disk, or a lost race: the same statement may work later. */
export function isOutage(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return isDatabaseUnreachable(cause) || (typeof code === 'string' && /^(40|53|57|58)/.test(code));
}
