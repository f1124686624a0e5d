import type { Sql } from '../db/connect.ts';
import type { ReadingRejection } from './check-reading.ts';

const FLUSH_MS = 2000;
/** Sensors, metrics and reasons told apart between two writings, and altogether: a feed of made-up names must not fill the disk. */
const MOST_PENDING = 2000;
const MOST_KEPT = 20_000;

interface Counted extends ReadingRejection {
  via: string;
  count: number;
}

/** Keeps account of readings that were refused, in `app.reading_reject`: how many, by sensor, metric and reason. */
export class RejectLog {
  readonly #sql: Sql;
  readonly #onError: (cause: unknown) => void;
  #pending = new Map<string, Counted>();
  #writing = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(sql: Sql, onError: (cause: unknown) => void) {
    this.#sql = sql;
    this.#onError = onError;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  /** @param via how it came: `http`, `mqtt` */
  note(rejection: ReadingRejection, via: string): void {
    const key = `${rejection.sensor}\n${rejection.metric}\n${rejection.code}`;
    const known = this.#pending.get(key);
    const count = (known?.count ?? 0) + 1;
    if (known === undefined && this.#pending.size >= MOST_PENDING) return;
    this.#pending.set(key, { ...rejection, via, count });
  }

  /** Writes what was noted. */
  flush(): Promise<void> {
    return (this.#writing = this.#writing.then(async () => {
      if (this.#pending.size === 0) return;
      const rows = [...this.#pending.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      this.#pending = new Map();
      await this.#write(rows).catch(this.#onError);
    }));
  }

  async #write(rows: readonly Counted[]): Promise<void> {
    const column = (name: 'sensor' | 'metric' | 'code' | 'message' | 'via') => rows.map((row) => row[name]);
    const sql = this.#sql;
    await sql`
      insert into app.reading_reject as r (sensor, metric, code, message, value, via, count)
      select u.* from unnest(${column('sensor')}::text[], ${column('metric')}::text[], ${column('code')}::text[],
        ${column('message')}::text[], ${rows.map(({ value }) => value)}::text[], ${column('via')}::text[],
        ${rows.map(({ count }) => count)}::int8[]) u(sensor, metric, code, message, value, via, count)
      where (select count(*) from app.reading_reject) < ${MOST_KEPT}
        or exists (select from app.reading_reject k where (k.sensor, k.metric, k.code) = (u.sensor, u.metric, u.code))
      on conflict (sensor, metric, code) do update set message = excluded.message, value = excluded.value,
        via = excluded.via, count = r.count + excluded.count, last_at = clock_timestamp()`;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
