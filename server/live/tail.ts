import { setTimeout as pause } from 'node:timers/promises';
import { answerWithin } from '../db/answer-within.ts';
import type { Sql } from '../db/connect.ts';
import { readHead, readLog, type LogEntry, type LogPage } from './log.ts';
import type { Cursor } from './cursor.ts';

const PAGE = 5000;
const DEADLINE_MS = 10_000;

export interface TailOptions {
  /** ms between looks at the log when nobody wakes us. */
  pollMs: number;
  /**
   * ms between the beginnings of two looks, however often we are woken: under load one look finds what many commits
   * left. The first look after a quiet time comes at once. Asked after each look; default 0.
   */
  restMs?(): number;
  /** ms after which a look at the log counts as failed and is repeated. Default 10 000. */
  deadlineMs?: number;
  /** New entries in order, each exactly once. */
  onEntries(entries: LogEntry[]): void;
  /** The log is another one now (restore, failover): ids go on after `head`. */
  onNewEpoch(head: Cursor): void;
}

/**
 * Follows the live log. Since ids are visible in order, `id > head` never skips an entry. NOTIFY only wakes the
 * reader; a wake-up that gets lost costs one poll interval, never an event.
 */
export class Tail {
  readonly #sql: Sql;
  readonly #options: TailOptions;
  #epoch = '';
  #head = 0;
  #reading = false;
  #again = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: (() => Promise<void>) | undefined;
  /** Why the last look at the log failed; null after one that worked. */
  error: unknown = null;

  constructor(sql: Sql, options: TailOptions) {
    this.#sql = sql;
    this.#options = options;
  }

  /** Starts following after the present end of the log, which is returned. */
  async start(): Promise<Cursor> {
    const head = await readHead(this.#sql);
    this.#epoch = head.epoch;
    this.#head = head.id;
    this.#timer = setInterval(() => this.wake(), this.#options.pollMs);
    // The last argument is called after each (re)connection: what was committed in between is read then.
    const { unlisten } = await this.#sql.listen(
      'live',
      () => this.wake(),
      () => this.wake(),
    );
    this.#unlisten = unlisten;
    return head;
  }

  /** Reads what is new. Calls while a read is under way, or in the rest after it, lead to one more read. */
  wake(): void {
    this.#again = true;
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const began = performance.now();
        const page = await this.#look();
        if (page === undefined) return;
        if (page.entries.length > 0) this.#options.onEntries(page.entries);
        if (page.entries.length === PAGE) this.#again = true;
        else await pause(Math.max(0, (this.#options.restMs?.() ?? 0) - (performance.now() - began)));
      }
    } finally {
      this.#reading = false;
    }
  }

  /** The next page; undefined while the database is away: the poll timer tries again, the clients keep their cursors. */
  async #look(): Promise<LogPage | undefined> {
    try {
      const page = await answerWithin(
        this.#options.deadlineMs ?? DEADLINE_MS,
        readLog(this.#sql, { after: this.#head, withRestricted: true, limit: PAGE }),
      );
      this.error = null;
      if (page.epoch === this.#epoch && page.prunedTo <= this.#head) {
        this.#head = page.entries.at(-1)?.id ?? this.#head;
        return page;
      }
      // Pruned beyond our head: entries we never saw are gone, which is as bad as another epoch.
      await this.#restart();
    } catch (error) {
      this.error = error;
    }
    return undefined;
  }

  async #restart(): Promise<void> {
    const head = await readHead(this.#sql);
    this.#epoch = head.epoch;
    this.#head = head.id;
    this.#options.onNewEpoch(head);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#unlisten?.().catch(() => undefined);
  }
}
