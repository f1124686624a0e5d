import type { Sql, TransactionSql } from '../db/connect.ts';
import type { IncidentDraft } from '../incidents/validate.ts';
import type { DueFeed } from '../queries/intake-feeds.ts';
import type { Actor } from '../workflow/history.ts';
import { moveIncident } from '../workflow/move-incident.ts';
import { applyNote, noteIncident } from '../workflow/note-incident.ts';

/** What a source says of an item, as it says it. */
export interface Said {
  title: string;
  category: string;
  severity: number;
  occurredAt: string;
  lon: number | null;
  lat: number | null;
  address: string | null;
  description: string | null;
  state: string | null;
}

/** Fields whose values may be read by everybody who may read the incident. Of the others the history says only that they changed. */
const TOLD = ['title', 'category', 'severity', 'occurredAt', 'state'] as const;
const NAMED = ['lon', 'lat', 'address', 'description'] as const;

export function saidOf(draft: IncidentDraft, state: string | null): Said {
  const { title, category, severity, occurredAt, lon, lat, address, description } = draft;
  return {
    title,
    category,
    severity,
    occurredAt: String(occurredAt),
    lon: lon ?? null,
    lat: lat ?? null,
    address: address ?? null,
    description: description ?? null,
    state,
  };
}

/** An item that is an incident already. */
export interface KnownItem {
  incident: number;
  /** What the source said last; null: it was taken when nobody noted it, and only what the incident holds is known. */
  said: Said | null;
  title: string;
  severity: number;
  occurredAt: string;
}

/** Those of the items that are incidents already, by key. */
export async function findKnownItems(sql: Sql, keys: readonly string[]): Promise<Map<string, KnownItem>> {
  const rows = await sql<(KnownItem & { key: string })[]>`
    select i.key, i.id::float8 as incident, f.content as said, i.title,
      coalesce(i.reported_severity, i.severity) as severity, app.iso_time(i.occurred_at) as "occurredAt"
    from app.incident i left join app.intake_feed_item f using (key) where i.key = any (${[...keys]}::text[])`;
  return new Map(rows.map(({ key, ...item }) => [key, item]));
}

interface Change {
  field: string;
  before?: string | number | null;
  after?: string | number | null;
}

/** What is different, in the order of the fields. Pure. */
export function changesOf(known: KnownItem, now: Said): Change[] {
  const { said } = known;
  // Where it was not noted what the source said, what the incident holds as it was sent is compared.
  const { title, severity, occurredAt } = known;
  const before: Partial<Said> = said ?? { title, severity, occurredAt };
  const told = TOLD.filter((field) => field in before && before[field] !== now[field]).map((field) => ({
    field,
    before: before[field] ?? null,
    after: now[field],
  }));
  const named = NAMED.filter((field) => field in before && before[field] !== now[field]).map((field) => ({ field }));
  return [...told, ...named];
}

/** Whether the source is done with an item. */
export function isOver({ closed }: Pick<DueFeed, 'closed'>, said: Said | null): boolean {
  return said?.state != null && closed.includes(said.state);
}

/** Notes what a source says of items at first sight. */
export async function rememberFirst(
  sql: Sql,
  feed: string,
  items: readonly { key: string; content: Said }[],
): Promise<void> {
  if (items.length === 0) return;
  await sql`
    insert into app.intake_feed_item (key, feed, content)
    select key, ${feed}, content from json_to_recordset(${JSON.stringify(items)}::text::json) as (key text, content jsonb)
    on conflict (key) do nothing`;
}

/** Notes what the source says, unless somebody else has done so since it was looked. */
async function remember(
  tx: TransactionSql,
  feed: string,
  key: string,
  before: Said | null,
  now: Said,
): Promise<boolean> {
  const text = JSON.stringify(now);
  const rows =
    before === null
      ? await tx`
        insert into app.intake_feed_item (key, feed, content) values (${key}, ${feed}, ${text}::text::jsonb)
        on conflict (key) do nothing returning key`
      : await tx`
        update app.intake_feed_item set content = ${text}::text::jsonb, seen_at = now()
        where key = ${key} and content = ${JSON.stringify(before)}::text::jsonb returning key`;
  return rows.length > 0;
}

/**
 * Takes what a source says of an incident that it has reported. The incident keeps what it was reported as and what people made of
 * it here: the change goes into its history. When the source is done with it, the incident is closed here as well, where the
 * feed was set up so. All of it in one transaction.
 * @returns whether anything was new
 */
export async function takeChange(
  sql: Sql,
  feed: Pick<DueFeed, 'id' | 'closed' | 'onClosed'>,
  key: string,
  known: KnownItem,
  now: Said,
): Promise<boolean> {
  const changes = changesOf(known, now);
  if (changes.length === 0 && known.said !== null) return false;
  const isClosing = isOver(feed, now) && !isOver(feed, known.said);
  const actor: Actor = { actor: `feed:${feed.id}`, post: 'system' };
  return (await sql.begin(async (tx) => {
    if (!(await remember(tx, feed.id, key, known.said, now))) return false;
    const about = { incident: known.incident, ...actor };
    const rest = isClosing ? changes.filter(({ field }) => field !== 'state') : changes;
    const detail = { feed: feed.id, changes: rest };
    if (!isClosing) {
      if (changes.length > 0) await noteIncident(tx, { ...about, note: 'source_changed', detail });
      return changes.length > 0;
    }
    if (rest.length > 0) await applyNote(tx, { ...about, note: 'source_changed', detail });
    const closing = { feed: feed.id, state: now.state };
    const [row] = await tx<{ stage: string; state: string }[]>`
      select stage, state from app.incident where id = ${known.incident} for update`;
    if (feed.onClosed === 'close' && row?.state === 'open') {
      await applyNote(tx, { ...about, note: 'source_closed', detail: closing });
      const move = row.stage === 'checked' ? 'close' : 'close_now';
      await moveIncident(tx, { ...about, move, reason: `来源已办结：${now.state}` });
    } else await noteIncident(tx, { ...about, note: 'source_closed', detail: closing });
    return true;
  })) as boolean;
}
