import type { Role } from '../../layers/access.ts';
import type { Sql } from '../db/connect.ts';
import type { Incident } from '../contract/incidents.ts';
import { readCandidates } from './candidates.ts';
import type { ReportGroup, SimilarIncidents } from './contract.ts';
import { matchGroups, SURE } from './likeness.ts';

const MOST = 500;
const MOST_SIMILAR = 10;

/** The group of an incident, itself included; undefined when the caller may not see it. */
export async function readGroup(sql: Sql, role: Role, id: number): Promise<ReportGroup | undefined> {
  const rows = await sql<{ incident: Incident }[]>`
    select app.incident_json(i) as incident from app.incident i
    join app.incident asked on asked.id = ${id}
    where (i.id = coalesce(asked.parent_id, asked.id) or i.parent_id = coalesce(asked.parent_id, asked.id))
      and (not asked.restricted or ${role === 'staff'}) and (not i.restricted or ${role === 'staff'})
    order by i.id limit ${MOST}`;
  const all = rows.map(({ incident }) => incident);
  const parent = all.find((incident) => incident.parent === null);
  return parent && { parent, reports: all.filter((incident) => incident !== parent) };
}

/** Groups that an open incident may belong to, with what speaks for it. Of those it belongs to already: none. */
export async function readSimilar(sql: Sql, id: number): Promise<SimilarIncidents> {
  const [report] = await readCandidates(sql, [id]);
  if (!report) return { similar: [], sure: SURE };
  const [own] = await sql<
    { root: number }[]
  >`select coalesce(parent_id, id) as root from app.incident where id = ${id}`;
  const matches = matchGroups(
    report,
    report.others.filter(({ root }) => root !== own?.root),
  ).slice(0, MOST_SIMILAR);
  const rows = await sql<{ incident: Incident }[]>`
    select app.incident_json(i) as incident from app.incident i where id = any (${matches.map(({ root }) => root)}::bigint[])`;
  const incidents = new Map(rows.map(({ incident }) => [incident.id, incident]));
  const apart = new Set(report.apart);
  return {
    sure: SURE,
    similar: matches.flatMap(({ root, score, metres, minutes }) => {
      const incident = incidents.get(root);
      return incident
        ? [{ incident, score, metres: Math.round(metres), minutes: Math.round(minutes), apart: apart.has(root) }]
        : [];
    }),
  };
}
