import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { Incident } from '../contract/incidents.ts';
import { isoTime } from '../iso-time.ts';
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

/** Place in the batch, and what became of it. */
type StoredRow = [ord: number, id: number, isNew: boolean, same: boolean, grid: string];

/** Stores incidents and logs the new ones, in one transaction. One result per incident, in order. */
export async function ingestBatch(
  sql: Sql | TransactionSql,
  incidents: readonly CheckedIncident[],
): Promise<StoredIncident[]> {
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
      occurred_at: isoTime(incident.occurredAt),
      received_at: isoTime(incident.receivedAt),
      due_at: isoTime(incident.dueAt),
      ...firstClocks(incident),
    })),
  );
  // One text: the driver takes several times as long for the columns of a row as the parser of JSON for the whole row.
  const ingest = (on: Sql | TransactionSql) => on<{ stored: string }[]>`
    select json_agg(json_build_array(ord, incident_id, is_new, same, grid_code))::text as stored
    from app.ingest_batch(${items}::text::json)`;
  const detailed = incidents.filter(({ details }) => details !== undefined);
  const withDetails = async (tx: TransactionSql) => {
    await storeDetails(tx, detailed);
    // Last, since it holds the order of the live log until the commit.
    return ingest(tx);
  };
  const [row] =
    detailed.length === 0 ? await ingest(sql) : await ('savepoint' in sql ? withDetails(sql) : sql.begin(withDetails));
  const results = Array.from<StoredIncident>({ length: incidents.length });
  for (const [ord, id, isNew, same, grid] of JSON.parse(row?.stored ?? '[]') as StoredRow[]) {
    results[ord - 1] = { id, isNew, same, grid };
  }
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

/** Stores what reports say besides their incidents; the first report of a key wins, as with the incident. */
async function storeDetails(tx: TransactionSql, incidents: readonly CheckedIncident[]): Promise<void> {
  // In the order of keys, so that two batches with common keys do not wait for each other in a circle.
  const items = incidents
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, details }) => ({ key, ...details, ...details?.reporter }));
  const text = JSON.stringify(items);
  await tx`
    with item as (
      select distinct on (key) * from json_to_recordset(${text}::text::json) as (key text, description text,
        address text, token text, name text, phone text, email text)
      order by key
    ), known as (
      insert into app.incident_report (key, description, address, token)
      select key, description, address, token from item
      where not exists (select from app.incident i where i.key = item.key)
      on conflict (key) do nothing returning key
    )
    insert into app.incident_reporter (key, name, phone, email)
    select key, name, phone, email from item join known using (key)
    where coalesce(name, phone, email) is not null`;
}

/** Whether the stored incident of this key is what the message says, leaving out what was assumed for it. */
export async function isSameAsStated(sql: Sql, incident: CheckedIncident): Promise<boolean> {
  const { key, source, category, title, severity, lon, lat, occurredAt, assumed } = incident;
  const rows = await sql`
    select from app.incident i left join app.incident_report r using (key)
    where key = ${key} and source = ${source} and coalesce(i.reported_category, i.category) = ${category.code} and title = ${title}
      and coalesce(i.reported_severity, i.severity) = ${severity}
      and (${assumed?.time ?? false} or occurred_at = ${new Date(occurredAt)})
      and (case when ${assumed?.place ?? false} then r.address is not distinct from ${incident.details?.address ?? null}
        else lon = ${lon} and lat = ${lat} end)`;
  return rows.length > 0;
}

/** The incident with this id, unless the caller may not see it. */
export async function findIncident(sql: Sql | TransactionSql, role: Role, id: number): Promise<Incident | undefined> {
  const [row] = await sql<{ incident: Incident }[]>`
    select app.incident_json(i) as incident from app.incident i where id = ${id} and (not restricted or ${role === 'staff'})`;
  return row?.incident;
}
