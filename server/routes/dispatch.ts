import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Role } from '../../layers/access.ts';
import {
  ANSWER_WITHIN,
  DeclineInput,
  Dispatch,
  DispatchInput,
  DispatchList,
  Suggestions,
} from '../dispatch/contract.ts';
import { acknowledge, decline, dispatchIncident } from '../dispatch/dispatching.ts';
import type { Who } from '../dispatch/place-with.ts';
import { listRequests } from '../dispatch/requests.ts';
import { suggest } from '../dispatch/suggest.ts';
import { ApiError } from '../errors.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { failure, IncidentId, json, numberInPath } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint, type AppEnv } from './router.ts';

const tags = ['incidents'];
const DispatchId = z.object({
  id: numberInPath('id', 3),
});

function staffOnly(c: Context<AppEnv>): { role: Role; who: Who } {
  const { role, name, posts, department } = c.var.caller;
  requireStaff(c, 'Only staff may do this.');
  return { role, who: { actor: name, posts, department } };
}

export const readSuggestions = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/suggestions',
    tags,
    summary: 'Who could deal with an incident, the best first, with the reasons',
    description:
      'Departments in charge and grid staff in one ranking: points for what speaks for each, and the facts behind them.',
    request: { params: IncidentId },
    responses: {
      200: json(Suggestions, 'The ranking'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = staffOnly(c);
    const incident = await getIncident(c.var.services.db.sql, c.var.caller.role, c.req.valid('param').id);
    return c.json(await suggest(c.var.services, role, incident), 200, { 'Cache-Control': 'no-store' });
  },
);

export const readDispatches = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/dispatches',
    tags,
    summary: 'Who was asked to deal with an incident, and what they said, the newest first',
    request: { params: IncidentId },
    responses: {
      200: json(DispatchList, 'The requests'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND'),
    },
  }),
  async (c) => {
    staffOnly(c);
    const { id } = await getIncident(c.var.services.db.sql, c.var.caller.role, c.req.valid('param').id);
    return c.json({ dispatches: await listRequests(c.var.services.db.sql, id) }, 200, { 'Cache-Control': 'no-store' });
  },
);

export const askCandidate = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/dispatch',
    tags,
    summary: 'Ask somebody to deal with an incident',
    description: `Who is asked must acknowledge within ${ANSWER_WITHIN} s, or the next one is asked. Anybody but the first suggestion needs a reason (\`override\`). A request that still waits is withdrawn; the same one again changes nothing.`,
    request: { params: IncidentId, body: { required: true, ...json(DispatchInput, 'Who is asked') } },
    responses: {
      200: json(Dispatch, 'They are being asked already'),
      201: json(Dispatch, 'The request'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND, CANDIDATE_NOT_FOUND'),
      409: failure('INCIDENT_OVER'),
      422: failure('REASON_REQUIRED'),
    },
  }),
  async (c) => {
    const { role, who } = staffOnly(c);
    if (!who.posts.includes('dispatcher')) {
      throw new ApiError('FORBIDDEN', 'Only the dispatcher asks somebody to deal with an incident.');
    }
    const { dispatch, isNew } = await dispatchIncident(
      c.var.services,
      role,
      who,
      c.req.valid('param').id,
      c.req.valid('json'),
    );
    return c.json(dispatch, isNew ? 201 : 200);
  },
);

export const acknowledgeDispatch = endpoint(
  createRoute({
    method: 'post',
    path: '/api/dispatches/{id}/acknowledge',
    tags,
    summary: 'Say yes to a request; once more changes nothing',
    request: { params: DispatchId },
    responses: {
      200: json(Dispatch, 'The request'),
      403: failure('FORBIDDEN'),
      404: failure('DISPATCH_NOT_FOUND'),
      409: failure('DISPATCH_SETTLED'),
    },
  }),
  async (c) => {
    const { role, who } = staffOnly(c);
    return c.json(await acknowledge(c.var.services.db, role, who, c.req.valid('param').id), 200);
  },
);

export const declineDispatch = endpoint(
  createRoute({
    method: 'post',
    path: '/api/dispatches/{id}/decline',
    tags,
    summary: 'Say no to a request: the next one is asked at once',
    request: { params: DispatchId, body: { required: true, ...json(DeclineInput, 'Why') } },
    responses: {
      200: json(Dispatch, 'The request'),
      403: failure('FORBIDDEN'),
      404: failure('DISPATCH_NOT_FOUND'),
      409: failure('DISPATCH_SETTLED'),
    },
  }),
  async (c) => {
    const { role, who } = staffOnly(c);
    const { reason } = c.req.valid('json');
    return c.json(await decline(c.var.services.db, role, who, c.req.valid('param').id, reason), 200);
  },
);
