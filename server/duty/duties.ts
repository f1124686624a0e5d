import type { Sql } from '../db/connect.ts';
import { registerDuty, runDuty, type Duty } from './duty.ts';
import { followOnce, type LogFollower } from './log-follower.ts';

export interface DutiesOptions {
  sql: Sql;
  /** Told of every run that failed; it is tried again. */
  onError(name: string, cause: unknown): void;
  /** ms between looks at the log when nobody wakes us. Default 1000. */
  pollMs?: number;
  /**
   * ms between the beginnings of two turns of a follower, however often it is woken: under load one turn takes what many
   * commits left, in one transaction. The first turn after a quiet time comes at once. Default 200.
   */
  restMs?: number;
  /** Whether somebody waits for what is reported: followers who are behind then leave the machine to the intake for a while. */
  isPressed?(): boolean;
  /** Whether so much is reported that all followers together get only a small share of the machine until it is over. */
  isFlooded?(): boolean;
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
  restMs: number;
  timer: NodeJS.Timeout;
}

/** ms a failed turn is waited out: the database may be away. */
const RETRY_MS = 1000;
const REST_MS = 200;
/** Of the time that they work on a backlog under pressure, followers rest so many times as long, but not for longer than that. */
const PRESSED_REST = 4;
const LONGEST_REST_MS = 2000;
/** In a flood all followers together rest so many times as long as one of them works. */
const FLOODED_REST = 9;
/** ms that a duty which can wait is put off in a flood. */
const LONGEST_WAIT_MS = 120_000;

/** The duties of the service: every process offers to do each of them, one at a time does. */
export class Duties {
  readonly #options: DutiesOptions;
  readonly #posts = new Map<string, Post>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  /** Channel -> who is woken by it. */
  readonly #woken = new Map<string, string[]>();
  readonly #unlisten: (() => Promise<void>)[] = [];
  /** Ends the rests under way. */
  readonly #resting = new Set<() => void>();
  /** In a flood followers rest one after the other: the end of the last rest. */
  #flood = Promise.resolve();
  #closed = false;

  constructor(options: DutiesOptions) {
    this.#options = options;
  }

  /** Takes part in a periodic duty. */
  async every(duty: Duty): Promise<void> {
    let ran = performance.now();
    await this.#add(duty.name, duty.everyMs, async () => {
      const now = performance.now();
      if (duty.canWait && this.#options.isFlooded?.() && now - ran < LONGEST_WAIT_MS) return;
      ran = now;
      await runDuty(this.#options.sql, duty);
    });
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
    const { sql, restMs = REST_MS, isPressed, isFlooded } = this.#options;
    const work = async (): Promise<void> => {
      for (;;) {
        const began = performance.now();
        if (this.#closed || !(await turn(sql))) return;
        const worked = performance.now() - began;
        if (isFlooded?.()) await this.#restInLine(worked * FLOODED_REST);
        else if (isPressed?.()) await this.#rest(Math.min(worked * PRESSED_REST, LONGEST_REST_MS));
      }
    };
    await this.#add(name, everyMs, work, restMs);
  }

  async #add(name: string, ms: number, turn: () => Promise<void>, restMs = 0): Promise<void> {
    if (this.#posts.has(name)) throw new Error(`duty ${name} is taken on already`);
    await registerDuty(this.#options.sql, name);
    this.#posts.set(name, { turn, restMs, timer: setInterval(() => this.#wake(name), ms) });
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

  /** Calls while a turn is under way, or in the rest after it, lead to one more turn. */
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
      const post = this.#posts.get(name);
      const began = performance.now();
      try {
        await post?.turn();
      } catch (cause) {
        if (this.#closed) return;
        this.#options.onError(name, cause);
        await this.#rest(RETRY_MS);
      }
      await this.#rest((post?.restMs ?? 0) - (performance.now() - began));
    }
  }

  /** After the rests of those who came before. When the flood is over nobody waits any longer. */
  #restInLine(ms: number): Promise<void> {
    const rest = async (): Promise<void> => {
      if (this.#options.isFlooded?.()) await this.#rest(Math.min(ms, LONGEST_REST_MS));
    };
    return (this.#flood = this.#flood.then(rest));
  }

  /** Ends early when the duties are laid down. */
  async #rest(ms: number): Promise<void> {
    if (ms <= 0 || this.#closed) return;
    await new Promise<void>((done) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#resting.delete(end);
        done();
      };
      const timer = setTimeout(end, ms);
      this.#resting.add(end);
    });
  }

  /** Stops after the turns under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#resting) end();
    for (const { timer } of this.#posts.values()) clearInterval(timer);
    await Promise.allSettled(this.#unlisten.map((unlisten) => unlisten()));
    await Promise.allSettled(this.#running.values());
  }
}
