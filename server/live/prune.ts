import type { Sql } from '../db/connect.ts';

const HOUR = 3_600_000;

/** Drops log entries older than `hours`; a reader who stayed away longer is told to load a snapshot. */
export async function pruneLog(sql: Sql, hours: number): Promise<number> {
  const [row] = await sql<{ dropped: number }[]>`
    select app.prune_live_log(make_interval(secs => ${hours * 3600}))::float8 as dropped`;
  return row?.dropped ?? 0;
}

/** Prunes the log every hour. Several processes may do so at once. Returns the timer. */
export function pruneHourly(sql: Sql, hours: number): NodeJS.Timeout {
  // When the database is away the next hour does it.
  return setInterval(() => void pruneLog(sql, hours).catch(() => undefined), HOUR);
}
