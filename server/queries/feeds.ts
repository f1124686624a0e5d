import type { Role } from '../../layers/access.ts';
import type { Sql } from '../db/connect.ts';

/** A system that reports incidents. */
export interface Feed {
  source: string;
  lastEventAt: Date;
  /** Incidents received in the last 24 hours. */
  events: number;
}

/** The systems that reported in the last 24 hours. */
export async function listFeeds(sql: Sql, role: Role): Promise<Feed[]> {
  return await sql<Feed[]>`
    select source, max(received_at) as "lastEventAt", count(*)::int4 as events from app.incident
    where received_at > now() - interval '24 hours' and (not restricted or ${role === 'staff'}::bool)
    group by source order by source limit 100`;
}
