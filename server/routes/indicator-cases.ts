import { createRoute, z } from '@hono/zod-openapi';
import { IndicatorCases } from '../contract/indicators.ts';
import { listCases, type CasePlace } from '../indicators/list-cases.ts';
import { indicatorOf } from '../indicators/definitions.ts';
import { SIDES, sidesOf } from '../indicators/sides-of.ts';
import { ApiError } from '../errors.ts';
import { checkIndicatorQuery, IndicatorId, IndicatorParameters } from './indicators.ts';
import { PageLimit } from './loads.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

/** Where the page before ended: order, incident, act. */
const CasesCursor = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,17})?(e-?\d{1,3})?_\d{1,15}_\d{1,6}$/, 'is not a cursor that was handed out')
  .transform((text): CasePlace => {
    const [order = 0, incident = 0, seq = 0] = text.split('_').map(Number);
    return { order, incident, seq };
  })
  .optional()
  .openapi({ type: 'string', description: '`next` of the page before' });

export const listIndicatorCases = endpoint(
  createRoute({
    method: 'get',
    path: '/api/indicators/{indicator}/cases',
    tags: ['incidents'],
    summary: 'The incidents behind one figure: those counted, those missing, or all of them',
    description:
      'Of a share `part` and `all` are what was divided by what, `rest` is what is missing to the whole; the counts are those of the figure. The latest first, of a mean the longest. An incident is listed once for each time it was counted. A score has none: it is made of other indicators.',
    request: {
      params: IndicatorId,
      query: z.object({
        ...IndicatorParameters,
        key: z
          .string()
          .max(64)
          .optional()
          .openapi({ description: 'The group; empty: what has none of the dimension; left out: all groups' }),
        side: z.enum(SIDES).default('all'),
        limit: PageLimit,
        cursor: CasesCursor,
      }),
    },
    responses: {
      200: json(IndicatorCases, 'The incidents'),
      400: failure('PARAMETER_INVALID: the figure has no such side'),
      403: failure('FORBIDDEN: persons are for staff'),
      422: failure('LIMIT_EXCEEDED: more than 366 days'),
    },
  }),
  async (c) => {
    const query = c.req.valid('query');
    const { indicator } = c.req.valid('param');
    const { by, key, side, limit, cursor, from: _from, to: _to, ...filters } = query;
    const { role } = c.var.caller;
    const period = checkIndicatorQuery(role, query);
    const sides = sidesOf(indicatorOf(indicator));
    if (sides[side] === undefined) {
      const known = Object.keys(sides);
      const message =
        known.length > 0 ? `this figure has only ${known.join(', ')}` : 'a score is made of other indicators';
      throw new ApiError('PARAMETER_INVALID', `side: ${message}`, { field: 'side', value: side });
    }
    const { rows, counts } = await listCases(c.var.services.db.sql, role, {
      indicator,
      by,
      key: key === '' ? null : key,
      period,
      side,
      limit: limit + 1,
      after: cursor,
      ...filters,
    });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const body: IndicatorCases = {
      indicator,
      side,
      counts,
      cases: page.map(({ content, at, inTime, minutes }) => ({
        incident: content,
        at: at.toISOString(),
        inTime,
        minutes,
      })),
      next: last ? `${last.order}_${last.incident}_${last.seq}` : null,
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
);
