import { createRoute, z } from '@hono/zod-openapi';
import { ApiError } from '../errors.ts';
import { findCategory } from '../incidents/categories.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { makeCard } from '../situation/card.ts';
import { SITUATION_LIMITS, SituationCard, SituationInput } from '../situation/contract.ts';
import { failure, IncidentId, json } from './parameters.ts';
import { endpoint } from './router.ts';

const { radius, largestRadius } = SITUATION_LIMITS;
const tags = ['incidents'];

export const readSituation = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/situation',
    tags,
    summary: 'Everything around an incident in one answer',
    description:
      'People by age and kind, people under care, enterprises, risks, cameras, hydrants, shelters, hospitals, pipes, the nearest grid staff by road, other incidents, weather, and who is responsible. Counts of people are withheld (null) where they are small. Layers that the caller may not see are left out.',
    request: {
      params: IncidentId,
      query: z.object({
        radius: z
          .string()
          .regex(/^\d{1,4}$/, `must be a whole number of metres from 1 to ${largestRadius}`)
          .transform(Number)
          .pipe(z.int().min(1).max(largestRadius))
          .default(radius)
          .openapi({ type: 'integer', minimum: 1, maximum: largestRadius, default: radius }),
      }),
    },
    responses: {
      200: json(SituationCard, 'The card'),
      404: failure('INCIDENT_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { role } = c.var.caller;
    const incident = await getIncident(c.var.services.db.sql, role, id);
    const card = await makeCard(c.var.services, role, { incident, radius: c.req.valid('query').radius }, c.var.log);
    return c.json(card, 200, { 'Cache-Control': 'no-store' });
  },
);

export const makeSituation = endpoint(
  createRoute({
    method: 'post',
    path: '/api/situation',
    tags,
    summary: 'The same of any shape',
    description: 'Distances are from the middle of a circle, and from a place inside of any other shape.',
    request: { body: { required: true, ...json(SituationInput, 'The shape') } },
    responses: {
      200: json(SituationCard, 'The card'),
      404: failure('LAYER_NOT_FOUND, FEATURE_NOT_FOUND'),
      422: failure('LIMIT_EXCEEDED, UNKNOWN_CATEGORY'),
    },
  }),
  async (c) => {
    const { shape, category = null } = c.req.valid('json');
    if (category !== null && !findCategory(category)) {
      throw new ApiError('UNKNOWN_CATEGORY', `category: there is no category ${category}.`, {
        field: 'category',
        value: category,
      });
    }
    const card = await makeCard(c.var.services, c.var.caller.role, { shape, category }, c.var.log);
    return c.json(card, 200, { 'Cache-Control': 'no-store' });
  },
);
