import type { Incident } from '../contract/incidents.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { addToHistory, type Actor } from './history.ts';
import { lockIncidents } from './incident-row.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { checkExpected, logMoves, type Moved } from './move-incident.ts';

export interface NoteRequest extends Actor {
  incident: number;
  /** One of `notes` of the machine, or a word of the part of the service that writes it. */
  note: string;
  reason?: string | null | undefined;
  detail?: Readonly<Record<string, unknown>> | undefined;
  /** What the note changes of the incident, the stage aside. */
  changes?: { assignee?: string | null; severity?: number } | undefined;
  expectedVersion?: number | undefined;
  /** When it happens, ms since 1970; now when left out. */
  at?: number | undefined;
}

/**
 * Writes something into the history of an incident that leaves it in its stage, and tells the screens, in one
 * transaction. Inside a transaction of the caller's (`tx`) it must be the last thing done there.
 * @throws ApiError INCIDENT_NOT_FOUND, INCIDENT_CHANGED
 */
export async function noteIncident(db: Sql | TransactionSql, request: NoteRequest): Promise<Incident> {
  const run = async (tx: TransactionSql): Promise<Incident> => {
    const noted = await applyNote(tx, request);
    await logMoves(tx, [noted]);
    return noted.incident;
  };
  return 'savepoint' in db ? run(db) : db.begin(run);
}

/** A note without its entry in the live log, for who does more in the transaction and then calls `logMoves`. */
export async function applyNote(tx: TransactionSql, request: NoteRequest): Promise<Moved> {
  const row = (await lockIncidents(tx, [request.incident])).get(request.incident);
  if (!row) throw incidentNotFound(request.incident);
  checkExpected(row, request);
  const { assignee = row.assignee, severity = row.severity } = request.changes ?? {};
  const [written] = await tx<{ incident: Incident }[]>`
    update app.incident i set version = version + 1, assignee = ${assignee}, 
      reported_severity = coalesce(reported_severity, nullif(severity, ${severity}::int2)), severity = ${severity}, updated_at = now()
    where id = ${row.id} returning app.incident_json(i) as incident`;
  if (!written) throw incidentNotFound(row.id);
  await addToHistory(tx, {
    incident: row.id,
    at: request.at ?? Date.now(),
    move: request.note,
    from: row.stage,
    to: row.stage,
    actor: request.actor,
    post: request.post,
    department: request.department ?? null,
    reason: request.reason?.trim() || null,
    detail: { ...request.detail, ...request.changes },
  });
  return { incident: written.incident, entries: [{ type: 'incident.updated', id: row.id }] };
}
