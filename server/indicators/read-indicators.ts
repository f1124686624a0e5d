import type { Role } from '../../layers/access.ts';
import type { Sql } from '../db/connect.ts';
import { type Counted, indicatorIds, indicatorOf, type Indicator } from './definitions.ts';
import type { ActId } from './acts.ts';

/** SQL of what indicators may be broken down by. */
export const INDICATOR_DIMENSIONS = {
  district: `'district'`,
  town: 'town',
  community: 'community',
  grid: 'grid',
  department: 'department',
  person: 'person',
  category: 'category',
  class: "left(category, case when category like 'Z%' then 3 else 2 end)",
  source: 'source',
} as const;
export type IndicatorDimension = keyof typeof INDICATOR_DIMENSIONS;

/** A time from the first to before the second, ms since 1970. */
export type Period = readonly [from: number, to: number];

/** An indicator of one group in one period. Null where there is nothing to divide by. */
export interface IndicatorValue {
  value: number | null;
  /** What was divided by what; absent for means and scores. */
  of?: readonly [number, number];
}

export type IndicatorValues = Record<string, IndicatorValue>;

interface Sums {
  [column: string]: number | null;
}

/** Name of the column in which a number is counted: the same number is counted once. */
function columnOf({ act, where }: Counted): string {
  return `${act}${where === undefined ? '' : `.${where}`}`;
}

export const CONDITIONS: Record<NonNullable<Counted['where']>, string> = {
  in_time: 'in_time',
  ok: 'ok',
  flag: 'flag',
  'not ok': 'not ok',
};

/** SQL of every number that some indicator needs. All of it comes from the definitions, none from a caller. */
function columnsSql(): string {
  const counted = new Map<string, string>();
  const count = (each: Counted) => {
    const condition = each.where === undefined ? '' : ` and ${CONDITIONS[each.where]}`;
    counted.set(columnOf(each), `(count(*) filter (where act = '${each.act}'${condition}))::float8`);
    if (each.less !== undefined) count({ act: each.less });
  };
  for (const id of indicatorIds) {
    const { measure } = indicatorOf(id);
    if ('count' in measure) count(measure.count);
    else if ('share' in measure) measure.share.forEach(count);
    else if ('mean' in measure)
      counted.set(`mean ${measure.mean}`, `avg(minutes) filter (where act = '${measure.mean}')`);
    else if ('top3' in measure) count({ act: measure.top3 });
  }
  return [...counted].map(([name, sql]) => `${sql} as "${name}"`).join(', ');
}

const COLUMNS = columnsSql();

function numberOf(sums: Sums, counted: Counted): number {
  const less = counted.less === undefined ? 0 : (sums[counted.less] ?? 0);
  return (sums[columnOf(counted)] ?? 0) - less;
}

function valueOf({ measure }: Indicator, sums: Sums, known: IndicatorValues): IndicatorValue {
  if ('count' in measure) return { value: numberOf(sums, measure.count) };
  if ('share' in measure) {
    const [part, whole] = measure.share.map((counted) => numberOf(sums, counted)) as [number, number];
    return { value: whole === 0 ? null : part / whole, of: [part, whole] };
  }
  if ('mean' in measure) return { value: sums[`mean ${measure.mean}`] ?? null };
  if ('top3' in measure) {
    const [part, whole] = [sums['top3'] ?? 0, sums[measure.top3] ?? 0];
    return { value: whole === 0 ? null : part / whole, of: [part, whole] };
  }
  // What nothing can be said of leaves its weight to the others.
  let [points, weights] = [0, 0];
  for (const { key, weight, rest } of measure.score) {
    const share = known[key]?.value ?? null;
    if (share === null) continue;
    points += weight * (rest ? 1 - share : share);
    weights += weight;
  }
  return { value: weights === 0 ? null : (100 * points) / weights };
}

/** Every indicator, from the numbers of one group. Pure. */
export function valuesOf(sums: Sums): IndicatorValues {
  const values: IndicatorValues = {};
  for (const id of indicatorIds) values[id] = valueOf(indicatorOf(id), sums, values);
  return values;
}

/** Only acts of these; each may be left out. */
export interface ActFilters {
  town?: string | undefined;
  department?: string | undefined;
  category?: string | undefined;
}

export interface IndicatorQuery extends ActFilters {
  by: IndicatorDimension;
  periods: readonly Period[];
}

/** SQL of which acts `a` a caller's figures are made of: whatever tells of figures must count the same. */
export function countedActs(sql: Sql, role: Role, { town, department, category }: ActFilters) {
  return sql`(not a.restricted or ${role === 'staff'})
    -- What is due later is owed by nobody yet, unless it is done already.
    and (a.act not in ('due', 'archive_due') or a.at <= now() or a.ok)
    and (${town ?? null}::text is null or a.town = ${town ?? null})
    and (${department ?? null}::text is null or a.department = ${department ?? null})
    and (${category ?? null}::text is null or a.category like ${category === undefined ? null : `${category}%`})`;
}

const TOP3: ActId = 'report';

/** Every indicator by group (null: acts that have none of the dimension), in each period, in their order. */
export async function readIndicators(
  sql: Sql,
  role: Role,
  { by, periods, ...filters }: IndicatorQuery,
): Promise<Map<string | null, IndicatorValues[]>> {
  const key = sql.unsafe(INDICATOR_DIMENSIONS[by]);
  const spans = JSON.stringify(
    periods.map(([from, to], period) => ({
      period,
      from_at: new Date(from).toISOString(),
      to_at: new Date(to).toISOString(),
    })),
  );
  const rows = await sql<(Sums & { key: string | null; period: number })[]>`
    with act as (
      select a.*, p.period, ${key} as key
      from json_to_recordset(${spans}::text::json) as p (period int, from_at timestamptz, to_at timestamptz)
      join app.indicator_act a on a.at >= p.from_at and a.at < p.to_at
      where ${countedActs(sql, role, filters)}
    ), ranked as (
      select key, period, n, row_number() over (partition by key, period order by n desc) as rank
      from (select key, period, category, count(*)::float8 as n from act where act = ${TOP3} group by 1, 2, 3) each
    ), top as (
      select key, period, sum(n)::float8 as n from ranked where rank <= 3 group by 1, 2
    )
    select act.key, act.period, max(top.n) as top3, ${sql.unsafe(COLUMNS)}
    from act left join top on top.key is not distinct from act.key and top.period = act.period
    group by act.key, act.period`;
  const groups = new Map<string | null, IndicatorValues[]>();
  for (const { key: group, period, ...sums } of rows) {
    const values = groups.get(group) ?? periods.map(() => valuesOf({}));
    values[period] = valuesOf(sums as Sums);
    groups.set(group, values);
  }
  return groups;
}
