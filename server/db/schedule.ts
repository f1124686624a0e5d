import type { Sql } from './connect.ts';

/** What the scheduler knows of a layer. */
export interface ScheduledLayer {
  layer: string;
  /** `missing`: there is no file. Null: looked at, never loaded by the scheduler. */
  status: 'published' | 'unchanged' | 'failed' | 'retrying' | 'missing' | null;
  load: number | null;
  attemptedAt: Date | null;
  lookedAt: Date | null;
  nextAt: Date;
  error: string | null;
  /** Where its load is in the queue; null when it is in none. */
  queue: 'waiting' | 'running' | null;
  /** When a waiting load is tried next. */
  runAt: Date | null;
}

export interface Schedule {
  layers: ScheduledLayer[];
  /** The process that works off the queue; null when none has the right to. */
  worker: { seenAt: Date } | null;
}

/** Every layer the scheduler has looked at. */
export async function listSchedule(sql: Sql): Promise<Schedule> {
  // The queue makes its schema with its first use.
  const [made] = await sql<{ yes: boolean }[]>`select to_regclass('graphile_worker.jobs') is not null as yes`;
  const jobs = made?.yes
    ? sql`select substr(key, 6) as layer_id, locked_at, run_at from graphile_worker.jobs
        where key like 'load:%' and attempts < max_attempts`
    : sql`select null::text as layer_id, null::timestamptz as locked_at, null::timestamptz as run_at where false`;
  const layers = await sql<ScheduledLayer[]>`
    select layer_id as layer, s.status, s.load_id as load, s.attempted_at as "attemptedAt", s.looked_at as "lookedAt",
      coalesce(s.next_at, now()) as "nextAt", s.error,
      case when j.locked_at is not null then 'running' when j.run_at is not null then 'waiting' end as queue,
      j.run_at as "runAt"
    from app.schedule s full join (${jobs}) j using (layer_id) order by layer_id`;
  const [worker] = await sql<{ seenAt: Date }[]>`
    select seen_at as "seenAt" from app.schedule_lease where seen_at > now() - interval '1 minute'`;
  return { layers: [...layers], worker: worker ?? null };
}
