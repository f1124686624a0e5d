import { join } from 'node:path';
import { connectDatabase, type Database } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { until } from '../support/event-stream.ts';
import { publishSquareGrids } from '../support/square-grids.ts';

export interface LiveService {
  api: ApiProcess;
  db: Database;
  close(): Promise<void>;
}

/** A service with a database of its own on a server, over a small district. Commits are flushed to disk. */
export async function startLiveService(options: {
  /** A PostgreSQL server on which databases may be made. */
  url: string;
  name: string;
  /** Folder for its files and its log. */
  dir: string;
  entry?: readonly string[];
  /** Loads the layers of its district; a small one of squares when left out. */
  fill?: (db: Database) => Promise<unknown>;
}): Promise<LiveService> {
  const { url, name, dir, entry = ['server/main.ts', '--api'], fill = ({ sql }) => publishSquareGrids(sql) } = options;
  const admin = await connectDatabase({ url, max: 1 });
  const database = `bench_live_${name}_${process.pid}`;
  await admin.sql`create database ${admin.sql(database)}`;
  const own = new URL(url);
  own.pathname = `/${database}`;
  const db = await connectDatabase({ url: own.href, max: 1 });
  await migrate(db);
  await fill(db);
  const settings = { DATABASE_URL: own.href, DATA_DIR: join(dir, name) };
  const api = new ApiProcess(await freePort(), settings, join(dir, `${name}.log`), entry);
  await api.start();
  return {
    api,
    db,
    close: async () => {
      await api.kill();
      await db.close();
      await admin.sql`drop database ${admin.sql(database)} with (force)`;
      await admin.close();
    },
  };
}

/** Lets `work` run while every commit of the server is flushed to disk, as in real life. */
export async function flushingToDisk<T>(url: string, work: () => Promise<T>): Promise<T> {
  const admin = await connectDatabase({ url, max: 1 });
  await admin.sql`alter system set fsync = on`;
  await admin.sql`select pg_reload_conf()`;
  try {
    return await work();
  } finally {
    await admin.sql`alter system reset fsync`;
    await admin.sql`select pg_reload_conf()`;
    await admin.close();
  }
}

/** Entries that the slowest follower of the live log has not dealt with. */
export async function backlog({ db }: LiveService): Promise<number> {
  const [row] = await db.sql<{ behind: number }[]>`
    select coalesce(max((select max(id) from app.live_log) - log_id), 0)::int4 as behind from app.duty
    where name in ('duplicates', 'notify', 'rules', 'indicators') and log_id is not null`;
  return row?.behind ?? 0;
}

/** What is written to the log by those who follow it is followed, too: a few entries are always under way. */
export async function caughtUp(service: LiveService): Promise<void> {
  await until('the followers of the log', async () => (await backlog(service)) < 500, 600_000);
}
