import { setTimeout as pause } from 'node:timers/promises';
import { isInTopic, type LiveClient } from './client.ts';
import { eventFrame } from './frame.ts';
import type { Hub } from './hub.ts';
import { readLog, type LogEntry } from './log.ts';

/**
 * Sends a client what it has not seen, page by page, until it is where the hub is; there it becomes live in the same
 * tick as the check, so that nothing fits in between. Never writes to a socket that wants a pause.
 */
export async function catchUp(hub: Hub, client: LiveClient): Promise<void> {
  while (!client.closed) {
    if (client.cursor >= hub.sent.id) {
      client.state = 'live';
      return;
    }
    let flowing = true;
    if (hub.sent.id - client.cursor > hub.settings.maxLag) flowing = hub.reset(client);
    else {
      const page = await nextPage(hub, client);
      if (client.closed) return;
      if (page === 'away') {
        await pause(hub.settings.pollMs);
        continue;
      }
      if (page === 'gone') flowing = hub.reset(client);
      else {
        client.cursor = page.cursor;
        if (page.entries.length > 0) {
          flowing = client.write(eventFrame({ epoch: hub.sent.epoch, id: page.cursor }, page.entries));
        }
      }
    }
    if (!flowing) await client.drained();
  }
}

/** The next entries for a client and its cursor after them; `gone` when they left the log, `away` when the database did. */
async function nextPage(
  hub: Hub,
  client: LiveClient,
): Promise<{ entries: LogEntry[]; cursor: number } | 'gone' | 'away'> {
  const { cursor: after, topic } = client;
  const { epoch, id: upTo } = hub.sent;
  const limit = hub.settings.pageSize;
  if (hub.ring.covers(after)) {
    hub.counts.resumedFromRing += 1;
    const entries = hub.ring.slice(after, upTo, limit);
    const cursor = entries.length === limit ? (entries.at(-1) as LogEntry).id : upTo;
    return { entries: entries.filter((entry) => isInTopic(topic, entry)), cursor };
  }
  hub.counts.resumedFromTable += 1;
  const range = { after, upTo, town: topic.town, withRestricted: topic.role === 'staff', limit };
  try {
    const page = await readLog(hub.sql, range);
    if (page.epoch !== epoch || page.prunedTo > after) return 'gone';
    const { entries } = page;
    return { entries, cursor: entries.length === limit ? (entries.at(-1) as LogEntry).id : upTo };
  } catch {
    // The tail reports the cause; the client keeps its cursor meanwhile.
    return 'away';
  }
}
