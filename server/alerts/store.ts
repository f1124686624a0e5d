import type { Role } from '../../layers/access.ts';
import type { Alert } from '../contract/alerts.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { DISTRICT } from '../live/log.ts';
import { CAP_SEVERITIES, type AlertDraft, type Ring } from './alert.ts';
import { circleRing } from './circle-ring.ts';

export interface StoredAlert {
  alert: Alert;
  isNew: boolean;
}

/**
 * Stores a warning, settles what it replaces or calls off, and logs what changed, in one transaction. A warning of the
 * same sender and identifier is the same one: the second is answered with the first.
 *
 * Messages may overtake each other: a warning that another one already refers to is stored as replaced.
 * @throws ApiError `KEY_REUSED` when the known one says something else, `OUTSIDE_DISTRICT` when it has shapes, none here
 */
export async function storeAlert(sql: Sql, draft: AlertDraft): Promise<StoredAlert> {
  return sql.begin(async (tx) => {
    const known = await findByName(tx, draft);
    if (known) return { alert: sameOrThrow(known, draft), isNew: false };
    const { rings, towns } = await placeOf(tx, draft.areas);
    const name = referenceOf(draft);
    const [later] = await tx<{ id: number; msgType: string }[]>`
      select id::float8, msg_type as "msgType" from app.alert a
      where exists (select from unnest(refs) r where split_part(r, ',', 1) = ${draft.sender}
        and split_part(r, ',', 2) = ${draft.identifier}) order by a.id desc limit 1`;
    const state = draft.msgType === 'Cancel' ? 'cancelled' : later ? ending(later.msgType) : 'active';
    const geometry =
      rings.length === 0 ? null : JSON.stringify({ type: 'MultiPolygon', coordinates: rings.map((r) => [r]) });
    const [row] = await tx<{ id: number }[]>`
      insert into app.alert (identifier, sender, sent, origin, status, msg_type, scope, category, response_type, urgency,
        certainty, cap_severity, severity, event, headline, description, instruction, sender_name, effective, onset,
        expires, areas, geom, towns, refs, state, replaced_by)
      values (${draft.identifier}, ${draft.sender}, ${new Date(draft.sent)}, ${draft.origin}, ${draft.status},
        ${draft.msgType}, ${draft.scope}, ${draft.category}::text[], ${draft.responseType}::text[], ${draft.urgency},
        ${draft.certainty}, ${CAP_SEVERITIES[draft.severity] ?? 'Unknown'}, ${draft.severity},
        ${JSON.stringify(draft.event)}::text::jsonb, ${JSON.stringify(draft.headline)}::text::jsonb, ${JSON.stringify(draft.description)}::text::jsonb,
        ${JSON.stringify(draft.instruction)}::text::jsonb, ${draft.senderName}, ${new Date(draft.effective)},
        ${draft.onset === null ? null : new Date(draft.onset)}, ${draft.expires === null ? null : new Date(draft.expires)},
        ${JSON.stringify(draft.areas)}::text::jsonb,
        st_multi(st_collectionextract(st_makevalid(st_setsrid(st_geomfromgeojson(${geometry}::text), 4326)), 3)),
        ${towns}::text[], ${draft.references}::text[], ${state}, ${later?.id ?? null})
      on conflict (sender, identifier) do nothing returning id::float8`;
    if (!row) {
      // Another transaction stored it while this one waited.
      const other = await findByName(tx, draft);
      if (!other) throw new Error(`alert ${name} is neither new nor known`);
      return { alert: sameOrThrow(other, draft), isNew: false };
    }
    const replaced = await tx<{ id: number }[]>`
      update app.alert a set state = ${ending(draft.msgType)}, replaced_by = ${row.id}
      from unnest(${draft.references}::text[]) r
      where ${draft.msgType !== 'Alert'} and a.id <> ${row.id} and a.state = 'active'
        and a.sender = split_part(r, ',', 1) and a.identifier = split_part(r, ',', 2)
      returning a.id::float8`;
    const [stored] = await tx<
      { alert: Alert }[]
    >`select app.alert_json(a) as alert from app.alert a where id = ${row.id}`;
    const entries = [
      ...replaced.map(({ id }) => ({ id, type: draft.msgType === 'Cancel' ? 'alert.cancelled' : 'alert.updated' })),
      // What only calls others off is no warning itself.
      ...(state === 'active' ? [{ id: row.id, type: 'alert.raised' }] : []),
    ];
    await logAlerts(tx, entries);
    return { alert: stored?.alert as Alert, isNew: true };
  });
}

function ending(msgType: string): 'replaced' | 'cancelled' | 'active' {
  return msgType === 'Cancel' ? 'cancelled' : 'replaced';
}

/** `sender,identifier,sent`: how CAP speaks of another message. */
export function referenceOf({ sender, identifier, sent }: Pick<AlertDraft, 'sender' | 'identifier' | 'sent'>): string {
  return `${sender},${identifier},${sent}`;
}

async function findByName(tx: TransactionSql, { sender, identifier }: AlertDraft): Promise<Alert | undefined> {
  const [row] = await tx<{ alert: Alert }[]>`
    select app.alert_json(a) as alert from app.alert a where sender = ${sender} and identifier = ${identifier}`;
  return row?.alert;
}

function sameOrThrow(known: Alert, draft: AlertDraft): Alert {
  const isSame =
    Date.parse(known.sent) === Date.parse(draft.sent) &&
    known.msgType === draft.msgType &&
    known.headline.zh === draft.headline.zh &&
    known.severity === draft.severity;
  if (isSame) return known;
  throw new ApiError(
    'KEY_REUSED',
    `identifier ${draft.identifier} belongs to alert ${known.id}, whose content is different`,
    {
      field: 'identifier',
      value: draft.identifier,
    },
  );
}

/** Where a warning holds. @throws ApiError `OUTSIDE_DISTRICT` */
export async function placeOf(
  sql: Sql | TransactionSql,
  areas: AlertDraft['areas'],
): Promise<{ rings: Ring[]; towns: string[] }> {
  const rings = areas.flatMap(({ polygons, circles }) => [...polygons, ...circles.map(circleRing)]);
  const towns = await townsOf(sql, rings);
  if (rings.length > 0 && towns.length === 0) {
    throw new ApiError('OUTSIDE_DISTRICT', 'area: none of its shapes touches the district', { field: 'area' });
  }
  return { rings, towns };
}

/** Square degrees, about 10 m²: neighbours of what has their border for its own are not concerned. */
const SLIVER = 1e-9;

/** The towns that shapes lie in, by their micro-grids. The shape is made valid once, not for every grid: of many circles that took a minute. */
async function townsOf(tx: Sql | TransactionSql, rings: readonly Ring[]): Promise<string[]> {
  if (rings.length === 0) return [];
  const geometry = JSON.stringify({ type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) });
  const rows = await tx<{ town: string }[]>`
    with shape as materialized (select st_makevalid(st_setsrid(st_geomfromgeojson(${geometry}::text), 4326)) as geom)
    select distinct g.town_code as town from layers.governance_grid g, shape
    where g.geom && shape.geom and st_intersects(g.geom, shape.geom)
      and st_area(st_intersection(g.geom, shape.geom)) > ${SLIVER} order by 1`;
  return rows.map(({ town }) => town);
}

/** The LAST statement before the commit. */
async function logAlerts(tx: TransactionSql, entries: readonly { id: number; type: string }[]): Promise<void> {
  if (entries.length === 0) return;
  await tx`
    select app.append_entries(array_agg(e.type order by e.ord),
      array_agg(case when cardinality(a.towns) = 1 then a.towns[1] else ${DISTRICT} end order by e.ord),
      array_agg(a.restricted order by e.ord), array_agg(app.alert_json(a) order by e.ord))
    from unnest(${entries.map(({ id }) => id)}::bigint[], ${entries.map(({ type }) => type)}::text[])
      with ordinality e(id, type, ord) join app.alert a on a.id = e.id`;
}

/** Warnings the caller may see, newest first: those in force, or all of them. */
export async function listAlerts(sql: Sql, role: Role, options: { all: boolean; limit: number }): Promise<Alert[]> {
  const rows = await sql<{ alert: Alert }[]>`
    select app.alert_json(a) as alert from app.alert a
    where (not restricted or ${role === 'staff'})
      and (${options.all} or (state = 'active' and (expires is null or expires > now())))
    order by id desc limit ${options.limit}`;
  return rows.map(({ alert }) => alert);
}

/** When the warning of this name was sent; undefined when there is none. */
export async function findSent(sql: Sql, sender: string, identifier: string): Promise<string | undefined> {
  const [row] = await sql<{ sent: string }[]>`
    select app.iso_time(sent) as sent from app.alert where sender = ${sender} and identifier = ${identifier}`;
  return row?.sent;
}

/** The warning with this id, unless the caller may not see it. */
export async function findAlert(sql: Sql, role: Role, id: number): Promise<Alert | undefined> {
  const [row] = await sql<{ alert: Alert }[]>`
    select app.alert_json(a) as alert from app.alert a where id = ${id} and (not restricted or ${role === 'staff'})`;
  return row?.alert;
}
