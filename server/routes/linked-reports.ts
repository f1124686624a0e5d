import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { LinkInput, ReportGroup, SimilarIncidents, UnlinkInput } from '../duplicates/contract.ts';
import { forgetApart, holdLinks, linkPairs, unlink, type Refusal } from '../duplicates/links.ts';
import { logChanges } from '../duplicates/log-changes.ts';
import { readGroup, readSimilar } from '../duplicates/read-group.ts';
import { ApiError } from '../errors.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import type { Actor } from '../workflow/history.ts';
import { failure, IncidentId, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint, type AppEnv } from './router.ts';

const tags = ['incidents'];
/** What the public is told. */
const STAFF_ONLY = 'Only staff may link incidents.';

export const readReports = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/reports',
    tags,
    summary: 'Everything that was reported of the same thing',
    description:
      'Asked of any incident of the group: `parent` is the one that stands for all, `reports` are the others.',
    request: { params: IncidentId },
    responses: { 200: json(ReportGroup, 'The group'), 404: failure('INCIDENT_NOT_FOUND') },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const group = await readGroup(c.var.services.db.sql, c.var.caller.role, id);
    if (!group) throw incidentNotFound(id);
    return c.json(group, 200, { 'Cache-Control': 'no-store' });
  },
);

export const readSimilarIncidents = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/similar',
    tags,
    summary: 'Open incidents that may be the same thing',
    description: 'Of the same or a near kind, near, lately; the likeliest first, at most 10. Staff only.',
    request: { params: IncidentId },
    responses: { 200: json(SimilarIncidents, 'The incidents'), 404: failure('INCIDENT_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    const { sql } = c.var.services.db;
    await getIncident(sql, c.var.caller.role, id);
    return c.json(await readSimilar(sql, id), 200, { 'Cache-Control': 'no-store' });
  },
);

export const linkReport = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/link',
    tags,
    summary: 'Say that two incidents are the same thing',
    description:
      'Both must be open, and both restricted or neither. The oldest of both groups stands for all, whichever was named as `parent`. Linking again changes nothing. Staff only.',
    request: { params: IncidentId, body: { required: true, ...json(LinkInput, 'The other one') } },
    responses: {
      200: json(ReportGroup, 'The group they belong to now'),
      404: failure('INCIDENT_NOT_FOUND'),
      409: failure('NOT_LINKABLE'),
    },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    const { parent, reason } = c.req.valid('json');
    const { sql } = c.var.services.db;
    await sql.begin(async (tx) => {
      await holdLinks(tx);
      const pair = { a: id, b: parent, ...(reason === undefined ? {} : { reason }) };
      const { refused, changed } = await linkPairs(tx, [pair], actorOf(c));
      const [refusal] = refused;
      if (refusal) throw refusedError(refusal.why, id, parent);
      await forgetApart(tx, id, parent);
      await logChanges(tx, { updated: changed, closed: [], reopened: [] });
    });
    return c.json(await groupOf(c, id), 200);
  },
);

export const unlinkReport = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/unlink',
    tags,
    summary: 'Say that a report is of something else',
    description:
      'It is an incident of its own again, and is not linked with its former parent by the service any more. Staff only.',
    request: { params: IncidentId, body: { required: true, ...json(UnlinkInput, 'Why, if it is to be said') } },
    responses: {
      200: json(ReportGroup, 'The incident, alone'),
      404: failure('INCIDENT_NOT_FOUND'),
      409: failure('NOT_LINKABLE: it is no report of another one'),
    },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    await c.var.services.db.sql.begin(async (tx) => {
      await holdLinks(tx);
      const result = await unlink(tx, id, actorOf(c), reason === undefined ? {} : { reason });
      if ('refused' in result) throw refusedError(result.refused, id, id);
      await logChanges(tx, { updated: result.changed, closed: [], reopened: [] });
    });
    return c.json(await groupOf(c, id), 200);
  },
);

async function groupOf(c: Context<AppEnv>, id: number): Promise<ReportGroup> {
  const group = await readGroup(c.var.services.db.sql, c.var.caller.role, id);
  if (!group) throw incidentNotFound(id);
  return group;
}

/** In the history. Linking is the business of those who judge what came in. */
function actorOf(c: Context<AppEnv>): Actor {
  const { name, posts, department } = c.var.caller;
  const post = (['shift_lead', 'acceptor'] as const).find((each) => posts.includes(each)) ?? posts[0];
  if (!post) throw new ApiError('FORBIDDEN', 'Only somebody who holds a post may link incidents.');
  return { actor: name, post, department };
}

const WHY: Record<Exclude<Refusal, 'missing'>, (id: number, other: number) => string> = {
  same: (id) => `Incident ${id} cannot be a report of itself.`,
  closed: (id, other) => `Incidents ${id} and ${other} are not both open, with what they are reports of.`,
  restricted: (id, other) => `Of incidents ${id} and ${other} one is restricted and the other is not.`,
  unlinked: (id) => `Incident ${id} is no report of another one.`,
};

function refusedError(why: Refusal, id: number, other: number): ApiError {
  if (why === 'missing') {
    return new ApiError('INCIDENT_NOT_FOUND', `There are no incidents ${id} and ${other}.`, {
      field: id === other ? 'id' : 'parent',
      value: other,
    });
  }
  return new ApiError('NOT_LINKABLE', WHY[why](id, other), { field: id === other ? 'id' : 'parent', value: other });
}
