import { answerWithin } from '../db/answer-within.ts';
import { IncidentInput } from '../contract/incidents.ts';
import type { Sql } from '../db/connect.ts';
import { isDatabaseUnreachable } from '../errors.ts';
import { Batcher } from './batcher.ts';
import { ingestBatch, isSameAsStated, type StoredIncident } from './store.ts';
import {
  addressToFind,
  checkIncident,
  IncidentDraft,
  type CheckedIncident,
  type FoundPlace,
  type GridLookup,
  type Rejection,
} from './validate.ts';

/** What became of one incident: stored (now or before), or refused with the reason. */
export type IntakeResult =
  | { stored: StoredIncident; incident: CheckedIncident; rejection?: undefined }
  | { rejection: Rejection };

export interface IntakeOptions {
  /** The micro-grids at this moment; undefined while none are loaded. */
  grids(): GridLookup | undefined;
  /** The place of an address; undefined where none is known. Without it no address leads anywhere. */
  locate?(address: string): Promise<FoundPlace | undefined>;
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
  /** Connections that reports share with nobody. */
  readonly sql: Sql;
  readonly #options: IntakeOptions;
  readonly #batcher: Batcher<CheckedIncident, StoredIncident>;
  #locate: IntakeOptions['locate'];

  constructor(sql: Sql, options: IntakeOptions) {
    this.sql = sql;
    this.#options = options;
    this.#locate = options.locate;
    this.#batcher = new Batcher({
      // Without an answer nobody knows whether it was stored; the sender repeats its keys and finds out.
      commit: (incidents) => answerWithin(options.deadlineMs ?? DEADLINE_MS, ingestBatch(sql, incidents)),
      isOutage,
      // While one is flushed to disk the other is being stored.
      lanes: 2,
      ...(options.maxQueue === undefined ? {} : { maxQueue: options.maxQueue }),
    });
  }

  /** Transactions and incidents committed, incidents waiting. */
  get load(): { batches: number; items: number; waiting: number } {
    return { ...this.#batcher.totals, waiting: this.#batcher.waiting };
  }

  /** Whether incidents wait while others are being stored. */
  get isPressed(): boolean {
    return this.#batcher.isPressed;
  }

  /** Whether incidents come in such numbers that everything else that can wait should. */
  get isFlooded(): boolean {
    return this.#batcher.isFlooded;
  }

  /** Where addresses are looked up, once that is known; what was said when this was made goes first. */
  locateBy(locate: NonNullable<IntakeOptions['locate']>): void {
    this.#locate ??= locate;
  }

  /**
   * Checks and stores incidents in the project's own format; one result per input, in order. Fulfilled after the commit,
   * so what is answered as stored stays stored. Throws `QueueFull`, {@link NoGrids}, or the cause of a database outage;
   * the sender repeats the same keys then, and those that were stored after all are found as known.
   */
  submit(inputs: readonly unknown[]): Promise<IntakeResult[]> {
    return this.#take(inputs, IncidentInput);
  }

  /** Like `submit`, for what the readers of other formats made of their messages. */
  submitDrafts(drafts: readonly IncidentDraft[]): Promise<IntakeResult[]> {
    return this.#take(drafts, IncidentDraft);
  }

  /** @throws {@link NoGrids} */
  requireGrids(): GridLookup {
    const grids = this.#options.grids();
    if (!grids || grids.codes.length === 0) throw new NoGrids();
    return grids;
  }

  async #take(
    inputs: readonly unknown[],
    schema: typeof IncidentInput | typeof IncidentDraft,
  ): Promise<IntakeResult[]> {
    const grids = this.requireGrids();
    const places = inputs.some((input) => addressToFind(input) !== undefined)
      ? await this.#findPlaces(inputs)
      : undefined;
    const now = Date.now();
    const checked = inputs.map((input, index) => checkIncident(input, grids, now, schema, places?.get(index)));
    const incidents = checked.filter((item): item is CheckedIncident => !('rejection' in item));
    const settled = await this.#batcher.push(incidents);
    let next = 0;
    const results: IntakeResult[] = [];
    for (const item of checked) {
      if ('rejection' in item) {
        results.push(item);
        continue;
      }
      const result = settled[next++] as PromiseSettledResult<StoredIncident>;
      if (result.status === 'fulfilled') {
        const answer = this.#answer(item, result.value);
        results.push(answer instanceof Promise ? await answer : answer);
      } else {
        if (isOutage(result.reason)) throw result.reason;
        this.#options.onRefused?.(item, result.reason);
        const message = `incident ${item.key} passed the checks but the database refused it`;
        results.push({ rejection: { code: 'NOT_STORABLE', message, field: 'key', value: item.key } });
      }
    }
    return results;
  }

  /** The places of those that have an address only, by index. */
  async #findPlaces(inputs: readonly unknown[]): Promise<Map<number, FoundPlace>> {
    const places = new Map<number, FoundPlace>();
    if (!this.#locate) return places;
    for (const [index, input] of inputs.entries()) {
      const address = addressToFind(input);
      const place = address === undefined ? undefined : await this.#locate(address);
      if (place) places.set(index, place);
    }
    return places;
  }

  #answer(incident: CheckedIncident, stored: StoredIncident): IntakeResult | Promise<IntakeResult> {
    if (stored.same) return { stored, incident };
    const message = `key ${incident.key} belongs to incident ${stored.id}, whose content is different`;
    const reused: IntakeResult = { rejection: { code: 'KEY_REUSED', message, field: 'key', value: incident.key } };
    if (!incident.assumed) return reused;
    return isSameAsStated(this.sql, incident).then((isSame) => (isSame ? { stored, incident } : reused));
  }
}

/** Unreachable, out of connections, memory or disk, or a lost race: the same statement may work later. */
export function isOutage(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return isDatabaseUnreachable(cause) || (typeof code === 'string' && /^(40|53|57|58)/.test(code));
}
