import type { Loader } from '../server/db/copy.ts';

/** Connections that answer people, as the service names them. */
const READING = ['onemap-read', 'onemap-planner'];
/** A service that nobody looks at asks now and then what is live, on one or two connections. */
const FEW = 2;
/** How recently they must have worked, s. */
const LATELY_S = 2;

/**
 * Whether people are reading from this database. A load then leaves them one core of a small server: its priority tells
 * the system about this process, but not about what the database does for it.
 */
export async function hasReaders(loader: Loader): Promise<boolean> {
  const [row] = await loader.query<{ busy: number }>(
    `select count(*)::int4 as busy from pg_stat_activity
     where application_name = any($1::text[]) and datname = current_database()
       and state_change > now() - make_interval(secs => $2)`,
    [READING, LATELY_S],
  );
  return (row?.busy ?? 0) > FEW;
}
