import type { Sql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { IncidentStats } from '../contract.ts';

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
 * Counts of the last 24 hours by one dimension: `created` were received and `closed` were closed in that time; `open`
 * and `overdue` are open now, whenever they came in. By hour, `closed` stands at the hour of closing, `open` and
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
      select ${key}, 0, 1, (due_at < ${to})::int, 0, category_zh, category_en
      from app.incident where state = 'open' and (not restricted or ${role === 'staff'}) ${window}
      union all
      select ${closedKey}, 0, 0, 0, 1, category_zh, category_en
      from app.incident where closed_at >= ${from} and (not restricted or ${role === 'staff'})
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
