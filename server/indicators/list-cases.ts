import type { Role } from '../../layers/access.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Sql } from '../db/connect.ts';
import { indicatorOf } from './definitions.ts';
import {
  countedActs,
  INDICATOR_DIMENSIONS,
  type ActFilters,
  type IndicatorDimension,
  type Period,
} from './read-indicators.ts';
import { sidesOf, type Side } from './sides-of.ts';

export interface CaseQuery extends ActFilters {
  indicator: string;
  by: IndicatorDimension;
  /** The group; null: what has none of the dimension; undefined: all groups. */
  key: string | null | undefined;
  period: Period;
  side: Side;
  limit: number;
  /** Behind this one, which was the last of the page before. */
  after: CasePlace | undefined;
}

/** Where an act stands in the list. */
export interface CasePlace {
  /** Working minutes of a mean, otherwise seconds since 1970. */
  order: number;
  incident: number;
  seq: number;
}

export interface CaseRow extends CasePlace {
  at: Date;
  inTime: boolean | null;
  minutes: number | null;
  content: Incident;
}

/** The acts behind one number, the longest of a mean first, otherwise the latest, and how many there are on each side. */
export async function listCases(
  sql: Sql,
  role: Role,
  { indicator, by, key, period: [from, to], side, limit, after, ...filters }: CaseQuery,
): Promise<{ rows: CaseRow[]; counts: Partial<Record<Side, number>> }> {
  const definition = indicatorOf(indicator);
  const sides = sidesOf(definition);
  const acts = sql`
    select a.*, ${sql.unsafe('mean' in definition.measure ? 'a.minutes' : 'extract(epoch from a.at)')}::float8 as "order"
    from app.indicator_act a
    where a.at >= ${new Date(from)} and a.at < ${new Date(to)} and ${countedActs(sql, role, filters)}
      ${key === undefined ? sql`` : sql`and ${sql.unsafe(INDICATOR_DIMENSIONS[by])} is not distinct from ${key}::text`}`;
  const columns = Object.entries(sides).map(
    ([each, condition]) => `count(*) filter (where ${condition})::float8 as "${each}"`,
  );
  const [counts, rows] = await Promise.all([
    sql<Partial<Record<Side, number>>[]>`select ${sql.unsafe(columns.join(', '))} from (${acts}) a`,
    sql<CaseRow[]>`
      select a."order", a.incident_id::float8 as incident, a.seq, a.at, a.in_time as "inTime", a.minutes,
        app.incident_json(i) as content
      from (${acts}) a join app.incident i on i.id = a.incident_id
      where (${sql.unsafe(sides[side] ?? 'false')}) and (not i.restricted or ${role === 'staff'})
        ${
          after === undefined
            ? sql``
            : sql`and (a."order", a.incident_id, a.seq) < (${after.order}::float8, ${after.incident}::bigint, ${after.seq}::int)`
        }
      order by a."order" desc, a.incident_id desc, a.seq desc limit ${limit}`,
  ]);
  return { rows, counts: { ...counts[0] } };
}
