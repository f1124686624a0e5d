import type { Feed, FeedInput } from '../contract/intake.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';

/** A feed whose turn it is. */
export interface DueFeed extends Pick<FeedInput, 'url' | 'format' | 'map' | 'everySeconds' | 'closed' | 'onClosed'> {
  id: string;
  etag: string | null;
  lastModified: string | null;
  failures: number;
}

/** After failures a feed is asked more and more seldom, down to once in this time. */
const LONGEST_PAUSE_S = 3600;

/** Feeds, with what became of the last tries. */
export async function listFeedStates(sql: Sql): Promise<Feed[]> {
  return sql<Feed[]>`
    select id, title, url, format, map, every_seconds as "everySeconds", silent_seconds as "silentSeconds",
      is_on as "isOn", closed, on_closed as "onClosed", app.iso_time(tried_at) as "triedAt", app.iso_time(succeeded_at) as "succeededAt",
      app.iso_time(changed_at) as "changedAt", failures, error,
      is_on and coalesce(succeeded_at, created_at) < now() - make_interval(secs => silent_seconds) as "isSilent"
    from app.intake_feed order by id`;
}

/** Sets a feed up, or changes it; it is asked at once. */
export async function saveFeed(sql: Sql, id: string, feed: FeedInput): Promise<void> {
  const { title, url, format, map, everySeconds, silentSeconds, isOn, closed, onClosed } = feed;
  await sql`
    insert into app.intake_feed (id, title, url, format, map, every_seconds, silent_seconds, is_on, closed, on_closed)
    values (${id}, ${JSON.stringify(title)}::text::jsonb, ${url}, ${format}, ${JSON.stringify(map)}::text::jsonb,
      ${everySeconds}, ${silentSeconds}, ${isOn}, ${closed}::text[], ${onClosed})
    on conflict (id) do update set title = excluded.title, url = excluded.url, format = excluded.format,
      map = excluded.map, every_seconds = excluded.every_seconds, silent_seconds = excluded.silent_seconds,
      is_on = excluded.is_on, closed = excluded.closed, on_closed = excluded.on_closed, etag = null, last_modified = null, next_at = now(), failures = 0, error = null`;
}

export async function removeFeed(sql: Sql, id: string): Promise<boolean> {
  return (await sql`delete from app.intake_feed where id = ${id} returning 1`).length > 0;
}

/** Takes the feeds whose turn it is: until their next turn nobody else asks them. */
export async function claimFeeds(tx: TransactionSql, limit: number): Promise<DueFeed[]> {
  return tx<DueFeed[]>`
    update app.intake_feed f set tried_at = now(), next_at = now() + make_interval(secs => every_seconds)
    from (select id from app.intake_feed where is_on and next_at <= now() order by next_at limit ${limit}) due
    where f.id = due.id
    returning f.id, f.url, f.format, f.map, f.every_seconds as "everySeconds", f.closed, f.on_closed as "onClosed", f.etag,
      f.last_modified as "lastModified", f.failures`;
}

export interface FeedSuccess {
  etag: string | null;
  lastModified: string | null;
  hasNews: boolean;
}

export async function noteSuccess(sql: Sql, id: string, { etag, lastModified, hasNews }: FeedSuccess): Promise<void> {
  await sql`
    update app.intake_feed set succeeded_at = now(), failures = 0, error = null, etag = ${etag},
      last_modified = ${lastModified}, changed_at = case when ${hasNews} then now() else changed_at end
    where id = ${id}`;
}

export async function noteFailure(sql: Sql, { id, everySeconds, failures }: DueFeed, error: string): Promise<void> {
  const pause = Math.max(everySeconds, Math.min(LONGEST_PAUSE_S, everySeconds * 2 ** Math.min(failures, 12)));
  await sql`
    update app.intake_feed set failures = failures + 1, error = ${error.slice(0, 300)},
      next_at = now() + make_interval(secs => ${pause})
    where id = ${id}`;
}
