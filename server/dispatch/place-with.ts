import type { TransactionSql } from '../db/connect.ts';
import type { Incident } from '../contract.ts';

/** What is noted of an incident when somebody is asked, answers or does not. */
export interface Placing {
  incident: number;
  /** `dispatch_ask`, `dispatch_acknowledge`, `dispatch_decline`, `dispatch_escalate`, `dispatch_withdraw`, `dispatch_exhaust`. */
  note: string;
  actor: string;
  post: string | null;
  department?: string | null;
  reason?: string | null;
  detail?: Record<string, unknown>;
  /** Who has it from now on. */
  holder?: { department?: string; assignee?: string | null };
  at: Date;
}

/**
 * Writes into the history of an incident what became of a request, and who has it now. The one place where requests
 * touch the workflow.
 */
export async function placeWith(tx: TransactionSql, placing: Placing): Promise<void> {
  const { incident, note, actor, post, department = null, reason = null, detail = {}, holder, at } = placing;
  const [row] = await tx<{ stage: string }[]>`
    update app.incident set department = coalesce(${holder?.department ?? null}, department),
      assignee = ${holder?.assignee === undefined ? tx`assignee` : tx`${holder.assignee}::text`}, updated_at = ${at}
    where id = ${incident} returning stage`;
  await tx`
    insert into app.incident_event (incident_id, at, move, from_stage, to_stage, actor, post, department, reason, detail)
    values (${incident}, ${at}, ${note}, ${row?.stage ?? null}, ${row?.stage ?? null}, ${actor}, ${post}, ${department}, ${reason},
      ${JSON.stringify(detail)}::text::jsonb)`;
}

/** Tells the screens: the LAST statement before the commit. */
export async function tellScreens(tx: TransactionSql, incidents: readonly number[]): Promise<void> {
  await tx`select app.log_incidents('incident.updated', ${[...incidents]}::int8[])`;
}

/** Locks an incident, which comes before its requests. */
export async function lockIncident(
  tx: TransactionSql,
  id: number,
): Promise<{ incident: Incident; isOpen: boolean } | null> {
  const [row] = await tx<{ incident: Incident; isOpen: boolean }[]>`
    select app.incident_json(i) as incident, i.state = 'open' as "isOpen" from app.incident i where i.id = ${id} for update`;
  return row ?? null;
}
