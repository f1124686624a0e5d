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
  #followers: string[] = [];
  #unlisten: (() => Promise<void>) | undefined;
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
    const { sql, pollMs = 1000 } = this.#options;
    this.#unlisten ??= await this.#listen();
    this.#followers.push(follower.name);
    await this.#add(follower.name, pollMs, async () => {
      while (!this.#closed && (await followOnce(sql, follower)));
    });
  }

  async #add(name: string, ms: number, turn: () => Promise<void>): Promise<void> {
    if (this.#posts.has(name)) throw new Error(`duty ${name} is taken on already`);
    await registerDuty(this.#options.sql, name);
    this.#posts.set(name, { turn, timer: setInterval(() => this.#wake(name), ms) });
    this.#wake(name);
  }

  async #listen(): Promise<() => Promise<void>> {
    const wake = () => this.#followers.forEach((name) => this.#wake(name));
    const { unlisten } = await this.#options.sql.listen('live', wake, wake);
    return unlisten;
  }

  /** Calls while a turn is under way lead to one more turn after it. */
  #wake(name: string): void {
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
    await this.#unlisten?.().catch(() => undefined);
    await Promise.allSettled(this.#running.values());
  }
}
