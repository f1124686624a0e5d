import { createRoute, z } from '@hono/zod-openapi';
import type { Role } from '../../layers/access.ts';
import { departments } from '../../layers/departments.ts';
import { Indicators } from '../contract/indicators.ts';
import { ApiError } from '../errors.ts';
import { findCategory } from '../incidents/categories.ts';
import { indicatorIds, indicatorOf, unitOf } from '../indicators/definitions.ts';
import { comparedPeriods, periodOfDays } from '../indicators/periods.ts';
import {
  INDICATOR_DIMENSIONS,
  readIndicators,
  valuesOf,
  type ActFilters,
  type IndicatorDimension,
  type Period,
} from '../indicators/read-indicators.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

const day = z.string().max(40).openapi({ format: 'date', example: '2026-11-01' });
/** A year and a day: the periods compared with are as long. */
const LONGEST_DAYS = 366;

/** The indicator in a path. */
export const IndicatorId = z.object({
  indicator: z.enum(indicatorIds).openapi({ param: { name: 'indicator', in: 'path' }, example: 'inTimeArchiveRate' }),
});

/** What the routes of indicators are asked alike. */
export const IndicatorParameters = {
  by: z.enum(Object.keys(INDICATOR_DIMENSIONS) as [IndicatorDimension, ...IndicatorDimension[]]).default('town'),
  from: day.openapi({ description: 'First day, Asia/Shanghai' }),
  to: day.openapi({ description: 'Last day, itself included' }),
  town: z
    .string()
    .regex(/^\d{12}$/, 'must be a 12-digit town code')
    .optional(),
  department: z.string().max(64).optional(),
  category: z
    .string()
    .regex(/^(\d{2}(\d{3})?|Z\d{2}(\d{2})?)$/, 'must be a code, or the beginning of codes, such as 06 or Z09')
    .optional(),
};

/** The days that were asked for, as a period. Throws where they are none, too many, or the caller may not ask for this. */
export function checkIndicatorQuery(
  role: Role,
  { by, from, to, department }: { by: IndicatorDimension; from: string; to: string } & ActFilters,
): Period {
  if (by === 'person' && role !== 'staff') {
    throw new ApiError('FORBIDDEN', 'Figures of persons are for staff.', { field: 'by', value: by });
  }
  if (department !== undefined && !Object.hasOwn(departments, department)) {
    throw new ApiError('PARAMETER_INVALID', `department: there is no department "${department}"`, {
      field: 'department',
      value: department,
    });
  }
  const period = periodOfDays(from, to);
  if (!period) {
    throw new ApiError('PARAMETER_INVALID', `from, to: "${from}" to "${to}" are no days, or not in this order`, {
      field: periodOfDays(from, from) ? 'to' : 'from',
      value: periodOfDays(from, from) ? to : from,
    });
  }
  if (period[1] - period[0] > LONGEST_DAYS * 86_400_000) {
    throw new ApiError('LIMIT_EXCEEDED', `from, to: more than ${LONGEST_DAYS} days`, { field: 'to', value: to });
  }
  return period;
}

export const listIndicators = endpoint(
  createRoute({
    method: 'get',
    path: '/api/indicators',
    tags: ['incidents'],
    summary: 'Every indicator of city management by one dimension, with the period before and the year before',
    request: {
      query: z.object(IndicatorParameters),
    },
    responses: {
      200: json(Indicators, 'The indicators'),
      403: failure('FORBIDDEN: persons are for staff'),
      422: failure('LIMIT_EXCEEDED: more than 366 days'),
    },
  }),
  async (c) => {
    const query = c.req.valid('query');
    const { by, from: _from, to: _to, ...filters } = query;
    const { role } = c.var.caller;
    const period = checkIndicatorQuery(role, query);
    const { previous, lastYear } = comparedPeriods(period);
    const groups = await readIndicators(c.var.services.db.sql, role, {
      by,
      periods: [period, previous, lastYear],
      ...filters,
    });
    // Nothing happened: the district has its figures all the same.
    if (by === 'district' && groups.size === 0) groups.set('district', [valuesOf({}), valuesOf({}), valuesOf({})]);
    const body: Indicators = {
      by,
      period: span(period),
      previous: span(previous),
      lastYear: span(lastYear),
      indicators: indicatorIds.map((id) => {
        return describe(id);
      }),
      groups: [...groups]
        .toSorted(([a], [b]) => (a ?? '￿').localeCompare(b ?? '￿'))
        .map(([key, [now, before, yearAgo]]) => ({
          key,
          title: titleOf(by, key),
          values: Object.fromEntries(
            indicatorIds.map((id) => [
              id,
              {
                value: now?.[id]?.value ?? null,
                of: now?.[id]?.of ? [...now[id].of] : null,
                previous: before?.[id]?.value ?? null,
                lastYear: yearAgo?.[id]?.value ?? null,
              },
            ]),
          ),
        })),
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
);

/** What an indicator is, for those who show it. */
export function describe(id: string) {
  const indicator = indicatorOf(id);
  const { title, better, measure } = indicator;
  const parts =
    'score' in measure ? measure.score.map(({ key, weight, rest = false }) => ({ id: key, weight, rest })) : null;
  return { id, title, unit: unitOf(indicator), better, parts };
}

export function span([begin, end]: Period) {
  return { from: new Date(begin).toISOString(), to: new Date(end).toISOString() };
}

/** Of categories and departments. */
export function titleOf(by: IndicatorDimension, key: string | null): { zh: string; en: string } | null {
  if (key === null) return null;
  if (by === 'category') return findCategory(key)?.title ?? null;
  if (by === 'class') return findCategory(key)?.title ?? null;
  if (by === 'department') return departments[key]?.title ?? null;
  return null;
}
