import type { TransactionSql } from '../db/connect.ts';
import type { Actor } from '../workflow/history.ts';

/** An entry of the history that leaves the incident in its stage (`notes` of the workflow's machine). */
export interface Note {
  incident: number;
  note: string;
  reason: string | null;
  detail: Readonly<Record<string, unknown>>;
}

/** Appends notes to the history of many incidents at once. The rows themselves are changed by the caller. */
export async function addNotes(tx: TransactionSql, notes: readonly Note[], actor: Actor): Promise<void> {
  if (notes.length === 0) return;
  await tx`
    with note as (
      select * from rows from (json_to_recordset(${JSON.stringify(notes)}::text::json)
        as (incident bigint, note text, reason text, detail jsonb)) with ordinality n(incident, note, reason, detail, ord)
    ), counted as (
      update app.incident i set version = i.version + n.notes
      from (select incident, count(*)::int as notes from note group by incident) n where i.id = n.incident
    )
    insert into app.incident_event (incident_id, at, move, from_stage, to_stage, actor, post, department, reason, detail)
    select n.incident, clock_timestamp(), n.note, i.stage, i.stage, ${actor.actor}, ${actor.post},
      ${actor.department ?? null}, n.reason, n.detail
    from note n join app.incident i on i.id = n.incident order by n.ord`;
}
