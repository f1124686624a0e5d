import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Role } from '../../layers/access.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Actor } from '../workflow/history.ts';
import { moveIncident } from '../workflow/move-incident.ts';
import { firstClocks, type FirstClocks } from '../workflow/first-clocks.ts';
import { isRestricted } from './category-group.ts';
import { newBody } from './new-body.ts';
import type { CheckedIncident } from './validate.ts';

/** What became of one incident of a batch. `same` is false when its key belongs to an incident of other content. */
export interface StoredIncident {
  id: number;
  isNew: boolean;
  same: boolean;
  grid: string;
}

/** Of an incident that was there before: place in the batch, from 1, and what became of it. */
type KnownRow = [place: number, id: number, same: boolean, grid: string];

/** Cuts the texts of a column: a control character, which no text that is stored holds. */
const CUT = '\u001F';

/** Stores incidents and logs the new ones, in one transaction. One result per incident, in order. */
export async function ingestBatch(
  sql: Sql | TransactionSql,
  incidents: readonly CheckedIncident[],
): Promise<StoredIncident[]> {
  const columns = columnsOf(incidents);
  const ingest = (on: Sql | TransactionSql) => on<TakenAnswer[]>`
    select ids, known from app.take_incidents(${incidents.length}, ${columns.place}, ${columns.key}, ${columns.source},
      ${columns.category}, ${columns.categoryZh}, ${columns.categoryEn}, ${columns.title}, ${columns.severity},
      ${columns.lon}, ${columns.lat}, ${columns.grid}, ${columns.occurredAt}, ${columns.receivedAt}, ${columns.dueAt},
      ${columns.warnAt}, ${columns.stageDueAt}, ${columns.stageWarnAt}, ${columns.limitAmount}, ${columns.limitUnit},
      ${columns.escalateAt}, ${columns.logTown}, ${columns.logRestricted}, ${columns.logRest})`;
  const detailed = incidents.filter(({ details }) => details !== undefined);
  const withDetails = async (tx: TransactionSql) => {
    await storeDetails(tx, detailed);
    // Last, since it holds the order of the live log until the commit.
    return ingest(tx);
  };
  const [row] =
    detailed.length === 0 ? await ingest(sql) : await ('savepoint' in sql ? withDetails(sql) : sql.begin(withDetails));
  const results = Array.from<StoredIncident>({ length: incidents.length });
  (row?.ids ?? '').split(',').forEach((id, index) => {
    if (id === '') return;
    const { grid } = incidents[index] as CheckedIncident;
    results[index] = { id: Number(id), isNew: true, same: true, grid };
  });
  for (const [place, id, same, grid] of row?.known ?? []) results[place - 1] = { id, isNew: false, same, grid };
  return results;
}

interface TakenAnswer {
  ids: string;
  known: KnownRow[] | null;
}

/**
 * The columns of a batch as `app.take_incidents` takes them: those of the incidents in the order of the keys, those of the
 * log as they came. A text for each: the driver takes several times as long for an array, and the database for JSON.
 */
function columnsOf(incidents: readonly CheckedIncident[]) {
  const clocks = incidents.map(firstClocks);
  const order = incidents.map((_, index) => index);
  order.sort((a, b) => {
    const [one, other] = [(incidents[a] as CheckedIncident).key, (incidents[b] as CheckedIncident).key];
    return one < other ? -1 : one > other ? 1 : a - b;
  });
  const sorted = order.map((index) => incidents[index] as CheckedIncident);
  const column = (value: (incident: CheckedIncident) => string | number): string => cut(sorted.map(value));
  // What is null becomes an empty text.
  const clock = (value: (of: FirstClocks) => string | number | null): string =>
    cut(order.map((index) => value(clocks[index] as FirstClocks)));
  const text = (value: (incident: CheckedIncident) => string): string => {
    const values = cut(sorted.map(value));
    if (values.split(CUT).length > sorted.length) throw new Error('a text with a control character cannot be stored');
    return values;
  };
  return {
    place: cut(order.map((index) => index + 1)),
    key: text(({ key }) => key),
    source: text(({ source }) => source),
    category: column(({ category }) => category.code),
    categoryZh: column(({ category }) => category.title.zh),
    categoryEn: column(({ category }) => category.title.en),
    title: text(({ title }) => title),
    severity: column(({ severity }) => severity),
    lon: column(({ lon }) => lon),
    lat: column(({ lat }) => lat),
    grid: column(({ grid }) => grid),
    occurredAt: column(({ occurredAt }) => occurredAt),
    receivedAt: column(({ receivedAt }) => receivedAt),
    dueAt: column(({ dueAt }) => dueAt),
    warnAt: clock(({ warnAt }) => warnAt),
    stageDueAt: clock(({ stageDueAt }) => stageDueAt),
    stageWarnAt: clock(({ stageWarnAt }) => stageWarnAt),
    limitAmount: clock(({ limitAmount }) => limitAmount),
    limitUnit: clock(({ limitUnit }) => limitUnit),
    escalateAt: clock(({ escalateAt }) => escalateAt),
    logTown: cut(incidents.map(({ town }) => town)),
    logRestricted: incidents.map(({ category }) => (isRestricted(category.code) ? '1' : '0')).join(''),
    logRest: cut(incidents.map((incident, index) => newBody(incident, clocks[index] as FirstClocks))),
  };
}

function cut(values: readonly (string | number | null)[]): string {
  return values.join(CUT);
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
