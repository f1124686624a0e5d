import type { Logger } from 'pino';
import type { Sql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { claimFeeds, noteFailure, noteSuccess, type DueFeed } from '../queries/intake-feeds.ts';
import { askFeed } from './ask-feed.ts';
import { KEEP_DAYS } from './messages.ts';
import {
  findKnownItems,
  isOver,
  rememberFirst,
  saidOf,
  takeChange,
  type KnownItem,
  type Said,
} from './feed-changes.ts';
import { readFeed, type FeedItem } from './read-feed.ts';
import { receiveMessages, type Receiver } from './receive.ts';
import { REPORT_DAYS } from './report.ts';

const LOOK_MS = 2000;
const PRUNE_MS = 3_600_000;
/** Feeds that one process asks at a time. */
const AT_ONCE = 8;

interface IntakeDuties extends Receiver {
  sql: Sql;
  log: Logger;
  /** ms between looks for feeds whose turn it is. */
  lookMs?: number;
}

/** Polls feeds and removes what has been kept for long enough. Returns what waits for the polls under way. */
export async function takeOnIntake(duties: Duties, options: IntakeDuties): Promise<{ close(): Promise<void> }> {
  const polls = new Set<Promise<void>>();
  await duties.every({
    name: 'intake-feeds',
    everyMs: options.lookMs ?? LOOK_MS,
    // Feeds are only claimed inside the transaction: asking them takes seconds, and the embedded engine would stand still.
    run: async (tx) => {
      for (const feed of await claimFeeds(tx, Math.max(0, AT_ONCE - polls.size))) {
        const poll = pollFeed(feed, options).finally(() => polls.delete(poll));
        polls.add(poll);
      }
    },
  });
  await duties.every({ name: 'intake-prune', everyMs: PRUNE_MS, run: (tx) => pruneIntake(tx as unknown as Sql) });
  return { close: async () => void (await Promise.allSettled(polls)) };
}

function keyOf({ read }: FeedItem): string | null {
  return read.rejection ? null : read.draft.key;
}

/** Asks one feed and takes what is new, and what is different from what it said before. Never throws: what went wrong is noted with the feed. */
export async function pollFeed(feed: DueFeed, { sql, log, ...receiver }: IntakeDuties): Promise<void> {
  try {
    const answer = await askFeed(feed);
    if (!answer.isNew) {
      await noteSuccess(sql, feed.id, { etag: feed.etag, lastModified: feed.lastModified, hasNews: false });
      return;
    }
    const { text, contentType, etag, lastModified } = answer;
    const read = readFeed(text, feed.id, feed);
    const known = await findKnownItems(
      sql,
      read.flatMap((item) => keyOf(item) ?? []),
    );
    const isKnown = (item: FeedItem) => known.has(keyOf(item) ?? '');
    const message = { channel: 'feed', sender: feed.id, contentType, once: true } as const;
    const fresh = read.filter((item) => !isKnown(item));
    const results = await receiveMessages(receiver, fresh, message);
    let hasNews = false;
    const first: { key: string; content: Said }[] = [];
    for (const [index, result] of results.entries()) {
      const item = fresh[index] as FeedItem;
      if (result.rejection || item.read.rejection) continue;
      hasNews ||= result.stored.isNew;
      const { draft } = item.read;
      const said = saidOf(draft, item.state);
      const { title, severity, occurredAt } = said;
      // At first sight there is nothing to compare with; but it may be over in the source already.
      if (!isOver(feed, said)) first.push({ key: draft.key, content: said });
      else
        await takeChange(
          sql,
          feed,
          draft.key,
          { incident: result.stored.id, said: null, title, severity, occurredAt },
          said,
        );
    }
    await rememberFirst(sql, feed.id, first);
    for (const item of read) {
      if (item.read.rejection || !isKnown(item)) continue;
      const { draft } = item.read;
      const { key } = draft;
      const before = known.get(key) as KnownItem;
      if (!(await takeChange(sql, feed, key, before, saidOf(draft, item.state)))) continue;
      hasNews = true;
      await receiver.messages.keep([{ ...message, body: item.body, outcome: 'known', incident: before.incident }]);
    }
    await noteSuccess(sql, feed.id, { etag, lastModified, hasNews });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.warn({ err: error, feed: feed.id }, 'a feed failed');
    await noteFailure(sql, feed, message).catch((cause: unknown) =>
      log.warn({ err: cause }, 'the failure was not noted'),
    );
  }
}

/** Removes messages after their time, and who reported what is long over. */
export async function pruneIntake(sql: Sql): Promise<void> {
  await sql`delete from app.intake_message where received_at < now() - make_interval(days => ${KEEP_DAYS})`;
  await sql`
    delete from app.incident_reporter r using app.incident i
    where i.key = r.key and i.closed_at < now() - make_interval(days => ${REPORT_DAYS})`;
}
