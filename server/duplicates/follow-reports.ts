import type { LiveEvent } from '../contract/live.ts';
import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { readFresh } from './candidates.ts';
import { findPairs } from './find-pairs.ts';
import { endWithParents, leaveClosedParents, reopenWithParents } from './follow-ends.ts';
import { holdLinks, linkPairs, MACHINE } from './links.ts';
import { logChanges } from './log-changes.ts';
import { tidyGroups } from './tidy-groups.ts';

/** Reports of the same thing find each other: takes part in following the live log. */
export function takeOnDuplicates(duties: Duties): Promise<void> {
  return duties.follow({ name: 'duplicates', handle: linkReports, onGap: linkLately });
}

/** Links what is new, and lets reports follow the end and the reopening of what they are reports of. */
export async function linkReports(tx: TransactionSql, events: readonly LiveEvent[]): Promise<void> {
  const ids = {
    created: new Set<number>(),
    updated: new Set<number>(),
    closed: new Set<number>(),
    reopened: new Set<number>(),
  };
  for (const event of events) {
    if (event.type === 'incident.created') ids.created.add(event.incident.id);
    else if (event.type === 'incident.closed') ids.closed.add(event.incident.id);
    else if (event.type === 'incident.reopened') ids.reopened.add(event.incident.id);
    else if (event.type === 'incident.updated') ids.updated.add(event.incident.id);
  }
  const all = [...ids.created, ...ids.updated, ...ids.closed, ...ids.reopened];
  if (all.length === 0) return;
  await holdLinks(tx);
  const updated = await tidyGroups(tx, [...ids.updated, ...ids.closed, ...ids.reopened]);
  const fresh = await unlinked(tx, [...ids.created]);
  if (fresh.length > 0) {
    const pairs = findPairs(await readFresh(tx, fresh));
    if (pairs.length > 0) (await linkPairs(tx, pairs, MACHINE)).changed.forEach((id) => updated.add(id));
  }
  const closed = ids.closed.size > 0 ? await endWithParents(tx, [...ids.closed]) : [];
  const reopened = ids.reopened.size > 0 ? await reopenWithParents(tx, [...ids.reopened]) : [];
  if (ids.reopened.size > 0) (await leaveClosedParents(tx, [...ids.reopened])).forEach((id) => updated.add(id));
  await logChanges(tx, { updated, closed, reopened });
}

/** Those that are in no group yet: nobody was quicker. */
async function unlinked(tx: TransactionSql, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await tx<{ id: number }[]>`
    select id from app.incident
    where id = any (${[...ids]}::bigint[]) and parent_id is null and report_count = 1 and state = 'open' order by id`;
  return rows.map(({ id }) => id);
}

/** What was received in the last hour while nobody followed; older open incidents stay as they are. */
async function linkLately(tx: TransactionSql): Promise<void> {
  await holdLinks(tx);
  const missed = await tx<{ id: number }[]>`
    select id from app.incident
    where state = 'open' and parent_id is null and report_count = 1 and received_at > now() - interval '1 hour'
    order by id limit 5000`;
  const pairs = findPairs(
    await readFresh(
      tx,
      missed.map(({ id }) => id),
    ),
  );
  const { changed } = await linkPairs(tx, pairs, MACHINE);
  const orphans = await tx<{ id: number }[]>`
    select distinct p.id from app.incident p join app.incident c on c.parent_id = p.id
    where p.state = 'closed' and c.state = 'open'`;
  const closed = await endWithParents(
    tx,
    orphans.map(({ id }) => id),
  );
  await logChanges(tx, { updated: changed, closed, reopened: [] });
}
