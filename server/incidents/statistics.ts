import type { Sql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { IncidentStats } from '../contract/indicators.ts';
import { placeInLog } from '../replay/snapshot-at.ts';
import { findCategory } from './categories.ts';
import { COUNTS_AS_CLOSED, COUNTS_AS_OPEN } from './counts-as-open.ts';

const HOUR = 3_600_000;
/** SQL of each dimension: what an incident is grouped by. Hours are those of receipt. */
const DIMENSIONS = {
  town: 'town_code',
  community: 'community_code',
  category: 'category',
  hour: "app.iso_time(date_trunc('hour', received_at))",
} as const;

export type Dimension = keyof typeof DIMENSIONS;
export const dimensions = Object.keys(DIMENSIONS) as [Dimension, ...Dimension[]];

/**
 * Counts of the last 24 hours by one dimension: `created` are reports that were received and `closed` matters that were
 * closed in that time; `open` and `overdue` are matters that are open now, whenever they came in. By hour, `closed` stands at the hour of closing, `open` and
 * `overdue` at the hour of receipt, and hours without incidents are there too.
 */
export async function readStatistics(sql: Sql, role: Role, by: Dimension, now: number): Promise<IncidentStats> {
  const from = new Date(by === 'hour' ? Math.floor(now / HOUR) * HOUR - 23 * HOUR : now - 24 * HOUR);
  const to = new Date(now);
  const key = sql.unsafe(DIMENSIONS[by]);
  const closedKey = by === 'hour' ? sql`app.iso_time(date_trunc('hour', closed_at))` : key;
  const window = by === 'hour' ? sql`and received_at >= ${from}` : sql``;
  const groups = await sql<IncidentStats['groups']>`
    with part as (
      select ${key} as key, 1 as created, 0 as open, 0 as overdue, 0 as closed, category_zh, category_en
      from app.incident where received_at >= ${from} and (not restricted or ${role === 'staff'})
      union all
      select ${key}, 0, 1, coalesce(due_at < ${to}, false)::int, 0, category_zh, category_en
      from app.incident where ${sql.unsafe(COUNTS_AS_OPEN)} and (not restricted or ${role === 'staff'}) ${window}
      union all
      select ${closedKey}, 0, 0, 0, 1, category_zh, category_en
      from app.incident where closed_at >= ${from} and ${sql.unsafe(COUNTS_AS_CLOSED)} and (not restricted or ${role === 'staff'})
    )
    select key, sum(created)::int4 as created, sum(open)::int4 as open, sum(overdue)::int4 as overdue,
      sum(closed)::int4 as closed,
      ${by === 'category' ? sql`json_build_object('zh', max(category_zh), 'en', max(category_en))` : sql`null::json`} as title
    from part group by key order by ${by === 'hour' ? sql`key` : sql`sum(open) desc, key`}`;
  return {
    by,
    from: from.toISOString(),
    to: to.toISOString(),
    groups: by === 'hour' ? everyHour(groups, from) : groups,
  };
}

/** What each dimension is in the columns of the log. */
const OF_ENTRY = {
  town: 'town',
  community: 'community',
  category: 'category',
  hour: "app.iso_time(date_trunc('hour', received))",
} as const;

/**
 * The same as of an earlier time, from the live log. Unlike `readStatistics` it also counts as closed what was reopened
 * later, since that had not happened yet.
 * @throws ApiError `REPLAY_TOO_OLD` when the log no longer reaches back to the time
 */
export async function readStatisticsAt(sql: Sql, role: Role, by: Dimension, at: Date): Promise<IncidentStats> {
  const { id } = await placeInLog(sql, at);
  const from = new Date(by === 'hour' ? Math.floor(at.getTime() / HOUR) * HOUR - 23 * HOUR : at.getTime() - 24 * HOUR);
  const key = sql.unsafe(OF_ENTRY[by]);
  const closedKey = by === 'hour' ? sql`app.iso_time(date_trunc('hour', closed))` : key;
  const window = by === 'hour' ? sql`and received >= ${from}` : sql``;
  const isVisible = sql`(not restricted or ${role === 'staff'})`;
  const groups = await sql<IncidentStats['groups']>`
    with entry as materialized (
      select * from app.log_entries(0, ${id}, ${from})
      where (type = 'created' or (type = 'closed' and not report)) and ${isVisible}
    ), part as (
      select ${key} as key, 1 as created, 0 as open, 0 as overdue, 0 as closed from entry where type = 'created'
      union all
      select ${key}, 0, 1, coalesce(due < ${at}, false)::int, 0
      from app.open_incidents_at(${id}) where not report and ${isVisible} ${window}
      union all
      select ${closedKey}, 0, 0, 0, 1 from entry where type = 'closed'
    )
    select key, sum(created)::int4 as created, sum(open)::int4 as open, sum(overdue)::int4 as overdue,
      sum(closed)::int4 as closed, null::json as title
    from part group by key order by ${by === 'hour' ? sql`key` : sql`sum(open) desc, key`}`;
  return {
    by,
    from: from.toISOString(),
    to: at.toISOString(),
    groups:
      by === 'hour'
        ? everyHour(groups, from)
        : by === 'category'
          ? groups.map((group) => ({ ...group, title: findCategory(group.key)?.title ?? null }))
          : groups,
  };
}

function everyHour(groups: IncidentStats['groups'], from: Date): IncidentStats['groups'] {
  const known = new Map(groups.map((group) => [group.key, group]));
  return Array.from({ length: 24 }, (_, hour) => {
    const key = new Date(from.getTime() + hour * HOUR).toISOString();
    return known.get(key) ?? { key, title: null, created: 0, open: 0, overdue: 0, closed: 0 };
  });
}

/** Reporting systems heard of in the last 24 hours, with the time of their last incident and how many there were. */
export async function listFeeds(sql: Sql): Promise<{ source: string; lastEventAt: string; events: number }[]> {
  return sql<{ source: string; lastEventAt: string; events: number }[]>`
    select source, app.iso_time(max(received_at)) as "lastEventAt", count(*)::int4 as events
    from app.incident where received_at > now() - interval '24 hours' group by source order by source`;
}
