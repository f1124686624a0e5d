import type { Text } from '../../layers/define.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ANSWER_WITHIN, type Dispatch, type Reasons } from './contract.ts';

/** Who is to be asked, and why. */
export interface Asked {
  kind: Dispatch['kind'];
  id: string;
  title: Text;
  rank: number | null;
  reasons: Reasons | null;
}

const WAITING = 'num_nonnulls(acknowledged_at, declined_at, escalated_at, withdrawn_at) = 0';

function selection(sql: Sql | TransactionSql) {
  return sql`
    d.id::float8 as id, d.incident_id::float8 as incident, d.kind, d.candidate, d.title, d.rank,
    nullif(d.reasons, 'null'::jsonb) as reasons, d.override_reason as "overrideReason", d.actor,
    case when d.acknowledged_at is not null then 'acknowledged' when d.declined_at is not null then 'declined'
      when d.escalated_at is not null then 'escalated' when d.withdrawn_at is not null then 'withdrawn' else 'asked' end as state,
    app.iso_time(d.asked_at) as "askedAt", app.iso_time(d.due_at) as "dueAt",
    app.iso_time(coalesce(d.acknowledged_at, d.declined_at, d.escalated_at, d.withdrawn_at)) as "settledAt",
    d.decline_reason as "declineReason", d.follows::float8 as follows,
    (select coalesce(json_agg(json_build_object('kind', n ->> 'kind', 'title', n -> 'title')), '[]')
      from jsonb_array_elements(d.next) n) as next`;
}

/** Requests for an incident, the newest first. */
export async function listRequests(sql: Sql, incident: number): Promise<Dispatch[]> {
  return await sql<Dispatch[]>`
    select ${selection(sql)} from app.dispatch d where d.incident_id = ${incident} order by d.id desc limit 100`;
}

export async function findRequest(sql: Sql | TransactionSql, id: number): Promise<Dispatch | null> {
  const [row] = await sql<Dispatch[]>`select ${selection(sql)} from app.dispatch d where d.id = ${id}`;
  return row ?? null;
}

/** The request of an incident that waits for an answer. */
export async function findWaiting(tx: TransactionSql, incident: number): Promise<Dispatch | null> {
  const [row] = await tx<Dispatch[]>`
    select ${selection(tx)} from app.dispatch d where d.incident_id = ${incident} and ${tx.unsafe(WAITING)}`;
  return row ?? null;
}

/** Requests nobody has answered in time. */
export async function listSilent(
  tx: TransactionSql,
  now: Date,
  limit: number,
): Promise<{ id: number; incident: number }[]> {
  return await tx<{ id: number; incident: number }[]>`
    select id::float8, incident_id::float8 as incident from app.dispatch
    where due_at <= ${now} and ${tx.unsafe(WAITING)} order by incident_id limit ${limit}::int4`;
}

export async function addRequest(
  tx: TransactionSql,
  request: {
    incident: number;
    asked: Asked;
    next: readonly Asked[];
    override: string | null;
    actor: string;
    follows: number | null;
    at: Date;
  },
): Promise<Dispatch> {
  const { incident, asked, next, override, actor, follows, at } = request;
  const due = new Date(at.getTime() + ANSWER_WITHIN * 1000);
  const [row] = await tx<{ id: number }[]>`
    insert into app.dispatch (incident_id, kind, candidate, title, rank, reasons, next, override_reason, actor, asked_at, due_at, follows)
    values (${incident}, ${asked.kind}, ${asked.id}, ${JSON.stringify(asked.title)}::text::jsonb, ${asked.rank},
      ${JSON.stringify(asked.reasons)}::text::jsonb, ${JSON.stringify(next)}::text::jsonb, ${override}, ${actor}, ${at}, ${due}, ${follows})
    returning id::float8`;
  return (await findRequest(tx, row!.id))!;
}

/** Who follows a request when it is declined or not answered. */
export async function readNext(tx: TransactionSql, id: number): Promise<Asked[]> {
  const [row] = await tx<{ next: Asked[] }[]>`select next from app.dispatch where id = ${id}`;
  return row?.next ?? [];
}

/** Notes the answer, or that there was none. */
export async function settle(
  tx: TransactionSql,
  id: number,
  how: 'acknowledged' | 'declined' | 'escalated' | 'withdrawn',
  at: Date,
  reason: string | null = null,
): Promise<Dispatch> {
  await tx`update app.dispatch set ${tx(`${how}_at`)} = ${at}, decline_reason = ${reason} where id = ${id}`;
  return (await findRequest(tx, id))!;
}
