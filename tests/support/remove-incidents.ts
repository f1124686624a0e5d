import type { Sql } from '../../server/db/connect.ts';

/** Removes incidents with everything that hangs on them. Their history refuses that: it is switched off for the moment. */
export async function removeIncidents(sql: Sql, after: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`alter table app.incident_event disable trigger incident_event_is_history`;
    await tx`delete from app.incident_event where incident_id > ${after}`;
    await tx`alter table app.incident_event enable trigger incident_event_is_history`;
    await tx`delete from app.incident_task where incident_id > ${after}`;
    await tx`delete from app.incident_media where incident_id > ${after}`;
    await tx`delete from app.incident_rating where incident_id > ${after}`;
    await tx`delete from app.indicator_act where incident_id > ${after}`;
    await tx`update app.alarm set incident_id = null where incident_id > ${after}`;
    await tx`delete from app.dispatch where incident_id > ${after}`;
    await tx`delete from app.incident where id > ${after}`;
  });
}
