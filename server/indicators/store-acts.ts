import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { followIn } from '../duty/log-follower.ts';
import { findCategory } from '../incidents/categories.ts';
import { dueAt } from '../incidents/deadline.ts';
import { isoTime } from '../iso-time.ts';
import { firstClocks } from '../workflow/first-clocks.ts';
import type { IncidentEventRow } from '../workflow/history.ts';
import { matterLimit } from '../workflow/limits.ts';
import type { Act } from './acts.ts';
import { actsOf, type ActSource } from './acts-of.ts';

/** Metres and days within which another incident of the same category makes one a repeat. */
const REPEAT_METRES = 50;
const REPEAT_DAYS = 30;
/** A little more than 50 m in degrees, in any direction at the latitude of the district: what the index is asked for. */
const REPEAT_DEGREES = 0.0005;

interface SourceRow {
  id: number;
  category: string;
  severity: number;
  source: string;
  receivedAt: string;
  dueAt: string | null;
  isRepeat: boolean;
  ratedAt: string | null;
  rating: number | null;
}

/**
 * Incidents with what is looked for around them. The index is walked until the first neighbour of the kind is found: gathered first, all that
 * lies at one point would be read for each that lies there.
 */
async function readSources(tx: TransactionSql, list: number[]): Promise<SourceRow[]> {
  await tx`select set_config('enable_bitmapscan', 'off', true)`;
  const rows = await tx<SourceRow[]>`
    select i.id::float8, coalesce(i.reported_category, i.category) as category,
      coalesce(i.reported_severity, i.severity) as severity, i.source, app.iso_time(i.received_at) as "receivedAt",
      app.iso_time(i.due_at) as "dueAt", app.iso_time(r.at) as "ratedAt", r.score as rating,
      exists (
        -- offset 0: by place. Of a kind there may be thousands, and the planner does not know.
        select from (
          select * from app.incident o where o.geom && st_expand(i.geom, ${REPEAT_DEGREES}::float8) offset 0
        ) o
        where o.category = i.category and o.id < i.id
          and o.received_at > i.received_at - make_interval(days => ${REPEAT_DAYS}) and o.received_at <= i.received_at
          and st_distancesphere(o.geom, i.geom) <= ${REPEAT_METRES}
      ) as "isRepeat"
    from app.incident i left join app.incident_rating r on r.incident_id = i.id
    where i.id = any (${list}::bigint[])`;
  await tx`select set_config('enable_bitmapscan', 'on', true)`;
  return rows;
}

/** The acts of incidents, made from their rows and histories as they are now, by id. */
export async function readActs(sql: Sql | TransactionSql, ids: readonly number[]): Promise<Map<number, Act[]>> {
  const list = ids as number[];
  const rows =
    'savepoint' in sql
      ? await readSources(sql, list)
      : ((await sql.begin((tx) => readSources(tx, list))) as unknown as SourceRow[]);
  const entries = await sql<(IncidentEventRow & { incident: number })[]>`
    select incident_id::float8 as incident, id::float8, app.iso_time(at) as at, move, from_stage as "from",
      to_stage as "to", actor, post, department, reason, app.iso_time(due_before) as "dueBefore",
      app.iso_time(due_after) as "dueAfter", app.iso_time(stage_due_after) as "stageDueAfter", detail
    from app.incident_event where incident_id = any (${list}::bigint[]) order by incident_id, id`;
  const histories = new Map<number, IncidentEventRow[]>();
  for (const { incident, ...entry } of entries) {
    const history = histories.get(incident);
    if (history) history.push(entry);
    else histories.set(incident, [entry]);
  }
  return new Map(rows.map((row) => [row.id, actsOf(sourceOf(row), histories.get(row.id) ?? [])]));
}

/** What the clocks said at the receipt: the row holds only what they say now. */
function sourceOf({ ratedAt, rating, ...row }: SourceRow): ActSource {
  const receivedAt = Date.parse(row.receivedAt);
  const { category: code, severity } = row;
  const limit = findCategory(code)?.limit ?? matterLimit({ category: code, severity });
  const { stageDueAt } = firstClocks({ category: { code, limit }, severity, receivedAt });
  return {
    ...row,
    // The first change of a limit says what it was before; where there was none, it is what the row says.
    dueAt: row.dueAt ?? new Date(dueAt(receivedAt, limit)).toISOString(),
    stageDueAt: stageDueAt === null ? null : isoTime(stageDueAt),
    rating: ratedAt === null || rating === null ? null : { score: rating, at: ratedAt },
  };
}

/** Makes the stored acts of incidents anew. */
export async function storeActs(tx: TransactionSql, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const acts = await readActs(tx, ids);
  const rows = [...acts].flatMap(([incident, list]) =>
    list.map(({ inTime, ...act }, seq) => ({ incident, seq, in_time: inTime, ...act })),
  );
  await tx`delete from app.indicator_act where incident_id = any (${ids as number[]}::bigint[])`;
  await tx`
    insert into app.indicator_act (incident_id, seq, act, at, in_time, ok, flag, minutes, department, person, grid,
      community, town, category, source, restricted)
    select a.incident, a.seq, a.act, a.at, a.in_time, a.ok, a.flag, a.minutes, a.department, a.person, i.grid_code,
      i.community_code, i.town_code, i.category, i.source, i.restricted
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as a (incident bigint, seq int, act text, at timestamptz,
      in_time boolean, ok boolean, flag boolean, minutes float8, department text, person text)
    join app.incident i on i.id = a.incident`;
}

const NAME = 'indicators';
/** Incidents at a time; a flood of reports is worked off in turns. */
const PAGE = 500;
const EVERY_MS = 5000;

/** Makes the acts of what changed since the last time; all of them the first time. True when there may be more. */
export function followActs(tx: TransactionSql): Promise<boolean> {
  return followIn(tx, {
    name: NAME,
    page: PAGE,
    handle: async (_, events) => {
      const changed = events.flatMap((event) => ('incident' in event ? [event.incident.id] : []));
      await storeActs(tx, [...new Set(changed)]);
    },
    onGap: () => storeAll(tx),
    onFirst: () => storeAll(tx, true),
  });
}

/** Acts of every incident, whose changes may have been missed, or only of those that have none. */
async function storeAll(tx: TransactionSql, onlyMissing = false): Promise<void> {
  for (let after = 0; ;) {
    const rows = await tx<{ id: number }[]>`
      select id::float8 from app.incident i where i.id > ${after}
        and (not ${onlyMissing} or not exists (select from app.indicator_act a where a.incident_id = i.id))
      order by i.id limit ${PAGE}`;
    const last = rows.at(-1);
    if (!last) return;
    await storeActs(
      tx,
      rows.map(({ id }) => id),
    );
    after = last.id;
  }
}

/** Takes part in keeping the acts: every few seconds, since no figure of a month hurries, and the live path does. */
export async function takeOnIndicators(duties: Duties): Promise<void> {
  await duties.take({
    name: NAME,
    everyMs: EVERY_MS,
    turn: async (sql) => (await sql.begin((tx) => followActs(tx))) as boolean,
  });
}
