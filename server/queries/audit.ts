import type { Sql } from '../db/connect.ts';

export interface AuditEntry {
  role: string;
  token: string | null;
  action: 'rejects.file' | 'export' | 'search.people' | 'incident.reporter' | 'intake.message' | 'result' | 'alert';
  layer: string;
  load: number | null;
  purpose: string;
  detail: Record<string, string | number>;
  requestId: string;
}

/** Notes that rows are handed out, before they are. */
export async function writeAudit(sql: Sql, entry: AuditEntry): Promise<void> {
  await sql`insert into app.audit (role, token, action, layer_id, load_id, purpose, detail, request_id)
    values (${entry.role}, ${entry.token}, ${entry.action}, ${entry.layer}, ${entry.load}, ${entry.purpose},
      ${JSON.stringify(entry.detail)}::text::jsonb, ${entry.requestId})`;
}
