import type { Role } from '../../layers/access.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Sql } from '../db/connect.ts';
import { incidentNotFound } from './incident-not-found.ts';
import { findIncident } from './store.ts';

/** The incident with this id, as the role may see it. @throws ApiError INCIDENT_NOT_FOUND */
export async function getIncident(sql: Sql, role: Role, id: number): Promise<Incident> {
  const incident = await findIncident(sql, role, id);
  if (!incident) throw incidentNotFound(id);
  return incident;
}
