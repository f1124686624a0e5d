import { createRoute, z } from '@hono/zod-openapi';
import { IndicatorTrend } from '../contract/indicators.ts';
import { ApiError } from '../errors.ts';
import { STEPS, stepsOf } from '../indicators/periods.ts';
import { readIndicators, valuesOf } from '../indicators/read-indicators.ts';
import { checkIndicatorQuery, IndicatorId, IndicatorParameters, span, titleOf } from './indicators.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

/** More would be no trend but noise, and each is counted anew. */
const MOST_STEPS = 100;

export const readIndicatorTrend = endpoint(
  createRoute({
    method: 'get',
    path: '/api/indicators/{indicator}/trend',
    tags: ['incidents'],
    summary: 'One indicator over time, by one dimension',
    request: {
      params: IndicatorId,
      query: z.object({ ...IndicatorParameters, step: z.enum(STEPS).default('day') }),
    },
    responses: {
      200: json(IndicatorTrend, 'The indicator, step by step'),
      403: failure('FORBIDDEN: persons are for staff'),
      400: failure('PARAMETER_INVALID'),
      422: failure(`LIMIT_EXCEEDED: more than 366 days, or than ${MOST_STEPS} steps`),
    },
  }),
  async (c) => {
    const query = c.req.valid('query');
    const { indicator } = c.req.valid('param');
    const { by, from: _from, to, step, ...filters } = query;
    const { role } = c.var.caller;
    const steps = stepsOf(checkIndicatorQuery(role, query), step);
    if (steps.length > MOST_STEPS) {
      throw new ApiError('LIMIT_EXCEEDED', `from, to: more than ${MOST_STEPS} steps of a ${step}`, {
        field: 'to',
        value: to,
      });
    }
    const groups = await readIndicators(c.var.services.db.sql, role, { by, periods: steps, ...filters });
    if (by === 'district' && groups.size === 0) {
      groups.set(
        'district',
        steps.map(() => valuesOf({})),
      );
    }
    const body: IndicatorTrend = {
      indicator,
      by,
      step,
      steps: steps.map(span),
      groups: [...groups]
        .toSorted(([a], [b]) => (a ?? '￿').localeCompare(b ?? '￿'))
        .map(([key, values]) => ({
          key,
          title: titleOf(by, key),
          values: values.map((each) => each[indicator]?.value ?? null),
        })),
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
);
