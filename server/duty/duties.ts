import type { Sql } from '../db/connect.ts';
import { registerDuty, runDuty, type Duty } from './duty.ts';
import { followOnce, type LogFollower } from './log-follower.ts';

export interface DutiesOptions {
  sql: Sql;
  /** Told of every run that failed; it is tried again. */
  onError(name: string, cause: unknown): void;
  /** ms between looks at the log when nobody wakes us. Default 1000. */
  pollMs?: number;
}

/** Work that finds out by itself what there is to do. */
export interface Turns {
  /** Name in `app.duty`, e.g. `reading-rules`: who does it locks that row. */
  name: string;
  /** ms between two looks when nobody wakes us. */
  everyMs: number;
  /** Database channel that wakes us. */
  channel?: string;
  /** Does a part of the work, if nobody else is at it. True when there may be more. */
  turn(sql: Sql): Promise<boolean>;
}

interface Post {
  turn(): Promise<void>;
  timer: NodeJS.Timeout;
}

/** ms a failed turn is waited out: the database may be away. */
const RETRY_MS = 1000;

/** The duties of the service: every process offers to do each of them, one at a time does. */
export class Duties {
  readonly #options: DutiesOptions;
  readonly #posts = new Map<string, Post>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  /** Channel -> who is woken by it. */
  readonly #woken = new Map<string, string[]>();
  readonly #unlisten: (() => Promise<void>)[] = [];
  #closed = false;

  constructor(options: DutiesOptions) {
    this.#options = options;
  }

  /** Takes part in a periodic duty. */
  async every(duty: Duty): Promise<void> {
    await this.#add(duty.name, duty.everyMs, async () => void (await runDuty(this.#options.sql, duty)));
  }

  /** Takes part in following the live log. */
  async follow(follower: LogFollower): Promise<void> {
    const { pollMs = 1000 } = this.#options;
    await this.take({
      name: follower.name,
      everyMs: pollMs,
      channel: 'live',
      turn: (sql) => followOnce(sql, follower),
    });
  }

  /** Takes part in work of another kind, turn after turn until there is no more. */
  async take({ name, everyMs, channel, turn }: Turns): Promise<void> {
    if (channel !== undefined) await this.#listen(channel, name);
    await this.#add(name, everyMs, async () => {
      while (!this.#closed && (await turn(this.#options.sql)));
    });
  }

  async #add(name: string, ms: number, turn: () => Promise<void>): Promise<void> {
    if (this.#posts.has(name)) throw new Error(`duty ${name} is taken on already`);
    await registerDuty(this.#options.sql, name);
    this.#posts.set(name, { turn, timer: setInterval(() => this.#wake(name), ms) });
    this.#wake(name);
  }

  async #listen(channel: string, name: string): Promise<void> {
    const names = this.#woken.get(channel);
    if (names !== undefined) {
      names.push(name);
      return;
    }
    this.#woken.set(channel, [name]);
    const wake = () => this.#woken.get(channel)?.forEach((each) => this.#wake(each));
    const { unlisten } = await this.#options.sql.listen(channel, wake, wake);
    this.#unlisten.push(unlisten);
  }

  /** Calls while a turn is under way lead to one more turn after it. */
  #wake(name: string): void {
    // Woken before it is taken on: the first turn comes with that.
    if (!this.#posts.has(name)) return;
    this.#again.add(name);
    if (this.#closed || this.#running.has(name)) return;
    this.#running.set(
      name,
      this.#run(name).finally(() => this.#running.delete(name)),
    );
  }

  async #run(name: string): Promise<void> {
    while (!this.#closed && this.#again.delete(name)) {
      try {
        await this.#posts.get(name)?.turn();
      } catch (cause) {
        if (this.#closed) return;
        this.#options.onError(name, cause);
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }

  /** Stops after the turns under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#posts.values()) clearInterval(timer);
    await Promise.allSettled(this.#unlisten.map((unlisten) => unlisten()));
    await Promise.allSettled(this.#running.values());
  }
}
