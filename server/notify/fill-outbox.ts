import type { Incident } from '../contract/incidents.ts';
import type { LiveEvent } from '../contract/live.ts';
import type { TransactionSql } from '../db/connect.ts';
import { compose } from './compose.ts';
import type { ChannelId, Wants } from './contract.ts';
import { factOf, factOfIncident, isWanted, type Fact } from './fact.ts';

interface Subscriber {
  id: number;
  channel: ChannelId;
  wants: Wants;
  role: 'public' | 'staff';
  fullText: boolean;
  createdAt: Date;
}

/** How long a new incident waits: reports of something known find their parent meanwhile and are not told. */
const SETTLE_SECONDS = { red: 1, other: 2 };

/** Puts a message into the outbox for everybody who wants to be told of an entry, in the transaction that follows it. */
export function fillOutbox(publicUrl: string | undefined) {
  return async (tx: TransactionSql, events: readonly LiveEvent[]): Promise<void> => {
    const facts = events.flatMap((event) => factOf(event) ?? []);
    await tellFacts(tx, facts, publicUrl);
  };
}

/** Stages whose limit has passed since the last time. Runs as a duty: one process at a time. */
export function tellOverdue(publicUrl: string | undefined) {
  return async (tx: TransactionSql): Promise<void> => {
    const rows = await tx<{ incident: Incident }[]>`
      with mark as (
        select overdue_to as since from app.notify_state for update
      ), moved as (
        update app.notify_state set overdue_to = now() where exists (select from mark)
      )
      select app.incident_json(i) as incident from app.incident i, mark
      where i.state = 'open' and i.parent_id is null and i.stage_due_at > mark.since and i.stage_due_at <= now()
      order by i.id`;
    const facts = rows.map(({ incident }) =>
      factOfIncident(
        incident,
        'overdue',
        `overdue:${incident.id}:${incident.stage}:${incident.stageDueAt}`,
        incident.stageDueAt ?? new Date().toISOString(),
      ),
    );
    await tellFacts(tx, facts, publicUrl);
  };
}

async function tellFacts(tx: TransactionSql, facts: readonly Fact[], publicUrl: string | undefined): Promise<void> {
  if (facts.length === 0) return;
  const subscribers = await tx<Subscriber[]>`
    select id, channel, wants, role, full_text as "fullText", created_at as "createdAt"
    from app.subscription where active order by id`;
  const rows = subscribers.flatMap((subscriber) =>
    facts
      .filter((fact) => isFor(subscriber, fact))
      .map((fact) => ({
        subscription: subscriber.id,
        cause: fact.cause,
        kind: fact.kind,
        incident: fact.incident?.id ?? null,
        message: compose(fact, {
          leaves: subscriber.channel !== 'inapp',
          fullText: subscriber.fullText,
          publicUrl,
        }),
        wait: fact.kind !== 'incident' ? 0 : SETTLE_SECONDS[fact.severity === 1 ? 'red' : 'other'],
      })),
  );
  if (rows.length === 0) return;
  await tx`
    insert into app.outbox (subscription_id, cause, kind, incident_id, message, next_at)
    select r.subscription, r.cause, r.kind, r.incident, r.message, now() + make_interval(secs => r.wait)
    from rows from (json_to_recordset(${JSON.stringify(rows)}::text::json)
      as (subscription bigint, cause text, kind text, incident bigint, message jsonb, wait float8))
      with ordinality r(subscription, cause, kind, incident, message, wait, ord)
    order by r.ord
    on conflict (subscription_id, cause) do nothing`;
}

function isFor({ role, wants, createdAt }: Subscriber, fact: Fact): boolean {
  if (fact.restricted && role === 'public') return false;
  // An old incident that changes is no news to somebody who subscribed after it.
  if (fact.receivedAt !== null && Date.parse(fact.receivedAt) < createdAt.getTime()) return false;
  return isWanted(wants, fact);
}
