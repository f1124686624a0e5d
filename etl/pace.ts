import { setTimeout } from 'node:timers/promises';
import type { Database } from '../server/db/connect.ts';
import type { CopyWriter, Loader } from '../server/db/copy.ts';

/** Connections that answer people, as the service names them. */
const READING = ['onemap-read', 'onemap-planner'];
/** One connection may work for a program that asks now and then. */
const FEW = 1;
/** How recently they must have worked, s. */
const LATELY_S = 2;

/** Between two looks whether people read, ms. */
const LOOK_MS = 1000;
/** The longest rest, ms: what is sent after it should not find the connection cold. */
const LONGEST_REST_MS = 250;

/** Services ask what is live every few seconds, whether somebody looks at them or not: that does not count. */
const BUSY = `select count(*)::int4 as busy from pg_stat_activity
  where application_name = any($1::text[]) and datname = current_database()
    and state_change > now() - make_interval(secs => $2) and query !~ 'app\\.(layer_state|user_layer)'`;

/**
 * Whether people are reading from this database. A load then leaves them room: its priority tells the system about this
 * process, but not about what the database does for it.
 */
export async function hasReaders(
  query: (text: string, parameters: [names: string[], seconds: number]) => Promise<readonly { busy: number }[]>,
): Promise<boolean> {
  const [row] = await query(BUSY, [READING, LATELY_S]);
  return (row?.busy ?? 0) > FEW;
}

/**
 * Keeps an eye on who reads while a load runs: after each piece of a COPY it rests as long as the database worked on it, so that
 * half of its time is for others. Nobody rests while nobody reads. On the embedded engine there is nothing to share out.
 */
export class Pace {
  private isRead = false;
  private readonly looking: NodeJS.Timeout | null;

  constructor(db: Database) {
    this.looking = db.engine === 'server' ? setInterval(() => void this.look(db), LOOK_MS).unref() : null;
    if (this.looking) void this.look(db);
  }

  private async look({ sql }: Database): Promise<void> {
    try {
      this.isRead = await hasReaders((text, parameters) => sql.unsafe(text, parameters));
    } catch {
      // A database that is away is what the load itself will meet.
      this.isRead = false;
    }
  }

  /** After `ms` of work. */
  async rest(ms: number): Promise<void> {
    if (this.isRead) await setTimeout(Math.min(ms, LONGEST_REST_MS));
  }

  /** The same connection, whose COPY keeps the pace. */
  keep(loader: Loader): Loader {
    return {
      exec: (sql) => loader.exec(sql),
      query: (sql, parameters) => loader.query(sql, parameters),
      copy: (table, columns, options) => this.keepCopy(loader.copy(table, columns, options)),
      begin: () => loader.begin(),
      commit: () => loader.commit(),
      rollback: () => loader.rollback(),
    };
  }

  private keepCopy(copy: CopyWriter): CopyWriter {
    return {
      write: async (rows) => {
        const start = performance.now();
        await copy.write(rows);
        await this.rest(performance.now() - start);
      },
      end: () => copy.end(),
      abort: () => copy.abort(),
    };
  }

  end(): void {
    if (this.looking) clearInterval(this.looking);
  }
}
