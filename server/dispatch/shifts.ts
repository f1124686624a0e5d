import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';

/** What the staff of the demo district are trained for, by turns. */
const SKILLS: readonly (readonly string[])[] = [['Z01', 'Z04'], ['Z02', '09012'], ['06', '07', '09'], ['01', '02'], []];

/**
 * Makes up a rota for the grid staff of the demo district, today's and tomorrow's: who is on duty in the layer has the day
 * (08-20) or the night (20-08), a post and skills, always the same ones. Where somebody has a rota of another source
 * nothing is made up. Returns the number of shifts added.
 */
export async function seedShifts(tx: TransactionSql, now: Date): Promise<number> {
  const [there] = await tx<[{ table: string | null; isReal: boolean }]>`
    select to_regclass('layers.grid_staff_position')::text as table,
      exists (select from app.shift where source <> 'demo') as "isReal"`;
  if (there.table === null || there.isReal) return 0;
  const added = await tx`
    insert into app.shift (staff, starts_at, ends_at, post, skills, source)
    select s.source_id, d.day + s.start, d.day + s.start + interval '12 hours', s.post,
      array(select jsonb_array_elements_text(${JSON.stringify(SKILLS)}::text::jsonb -> s.skill)), 'demo'
    from (
      select source_id, case when n % 10 < 7 then interval '8 hours' else interval '20 hours' end as start,
        case n / 10 % 10 when 0 then 'leader' when 1 then 'part_time' when 2 then 'part_time' else 'full_time' end as post,
        n / 100 % ${SKILLS.length}::int4 as skill
      from (
        select source_id, ('x' || left(md5(source_id), 6))::bit(24)::int4 as n from layers.grid_staff_position where on_duty
      ) h
    ) s
    cross join lateral (
      select (date_trunc('day', ${now}::timestamptz at time zone 'Asia/Shanghai') + make_interval(days => k)) at time zone 'Asia/Shanghai' as day
      from generate_series(-1, 1) k
    ) d
    on conflict (staff, starts_at) do nothing`;
  await tx`delete from app.shift where source = 'demo' and ends_at < ${now}::timestamptz - interval '7 days'`;
  return added.count;
}

/** Takes part in keeping up the rota of the demo district. */
export async function takeOnDemoShifts(duties: Duties): Promise<void> {
  await duties.every({
    name: 'demo-shifts',
    everyMs: 60_000,
    run: async (tx) => void (await seedShifts(tx, new Date())),
  });
}
