import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { Incident } from '../contract.ts';
import type { Actor } from '../workflow/history.ts';
import { moveIncident } from '../workflow/move-incident.ts';
import { firstClocks } from '../workflow/first-clocks.ts';
import type { CheckedIncident } from './validate.ts';

/** What became of one incident of a batch. `same` is false when its key belongs to an incident of other content. */
export interface StoredIncident {
  id: number;
  isNew: boolean;
  same: boolean;
  grid: string;
}

/** Stores incidents and logs the new ones, in one transaction. One result per incident, in order. */
export async function ingestBatch(sql: Sql, incidents: readonly CheckedIncident[]): Promise<StoredIncident[]> {
  const items = JSON.stringify(
    incidents.map((incident) => ({
      key: incident.key,
      source: incident.source,
      category: incident.category.code,
      category_zh: incident.category.title.zh,
      category_en: incident.category.title.en,
      title: incident.title,
      severity: incident.severity,
      lon: incident.lon,
      lat: incident.lat,
      grid_code: incident.grid,
      community_code: incident.community,
      town_code: incident.town,
      occurred_at: new Date(incident.occurredAt).toISOString(),
      received_at: new Date(incident.receivedAt).toISOString(),
      due_at: new Date(incident.dueAt).toISOString(),
      ...firstClocks(incident),
    })),
  );
  const rows = await sql<(StoredIncident & { ord: number })[]>`
    select ord::int4, incident_id::float8 as id, is_new as "isNew", same, grid_code as grid
    from app.ingest_batch(${items}::text::json)`;
  const results = Array.from<StoredIncident>({ length: incidents.length });
  for (const { ord, ...result } of rows) results[ord - 1] = result;
  return results;
}

/** Closes an incident the caller may see, at once; undefined when there is none. Closing twice changes nothing. */
export async function closeIncident(
  sql: Sql,
  role: Role,
  id: number,
  at: number,
  { actor, post, department }: Actor = { actor: role, post: 'shift_lead' },
): Promise<Incident | undefined> {
  return sql.begin(async (tx) => {
    // Locked, so that of two who close at once the second finds it closed.
    await tx`select from app.incident where id = ${id} for update`;
    const found = await findIncident(tx, role, id);
    if (!found || found.state === 'closed') return found;
    const move = found.stage === 'checked' ? 'close' : 'close_now';
    return moveIncident(tx, { incident: id, move, actor, post, department, at });
  });
}

/** The incident with this id, unless the caller may not see it. */
export async function findIncident(sql: Sql | TransactionSql, role: Role, id: number): Promise<Incident | undefined> {
  const [row] = await sql<{ incident: Incident }[]>`
    select app.incident_json(i) as incident from app.incident i where id = ${id} and (not restricted or ${role === 'staff'})`;
  return row?.incident;
}
