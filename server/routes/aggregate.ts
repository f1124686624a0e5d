import { createRoute, z } from '@hono/zod-openapi';
import type { AggregateQuery, Grouping, Groups, Key, Metric } from '../aggregate/aggregate-query.ts';
import { dayKey } from '../aggregate/bucket.ts';
import { cellColumns, COLUMNS_TYPE, countColumn, encodeColumns, valueColumn } from '../aggregate/column-encoding.ts';
import { groupingText, metricText, parseGrouping } from '../aggregate/parse-query.ts';
import { type ShownGroups, withhold } from '../aggregate/withhold.ts';
import { Aggregate, GroupKeys } from '../contract/counts.ts';
import { ApiError } from '../errors.ts';
import { parseBboxParameter } from '../filter/parse.ts';
import { boundsOf } from '../filter/predicate.ts';
import { answerBytes, answerJson } from './answer-cache.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { requireTable } from './features.ts';
import { nothingFound, readFigures } from './figures.ts';
import { BboxParameter, failure, FilterLangParameter, FilterParameter, LayerId, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

const MS_PER_HOUR = 3_600_000;
const MS_TO_2000 = Date.UTC(2000, 0, 1);

export const MetricParameter = z.string().max(100).default('count').openapi({
  description:
    'count, share, or sum:field, avg:field, min:field, max:field, distinct:field. share without `of` is the part of all rows',
  example: 'avg:reg_capital_10k',
});
export const OfParameter = FilterParameter.openapi({
  description: 'With metric=share: a filter; the answer is the share of the rows of each group that satisfy it',
});
const Format = z
  .enum(['json', 'columns'])
  .default('json')
  .openapi({
    description: `columns: typed arrays (${COLUMNS_TYPE}, see docs/api.md)`,
  });
const ZoomParameter = z
  .string()
  .regex(/^\d{1,2}(\.\d{1,6})?$/, 'is not a zoom')
  .optional()
  .openapi({ description: 'Zoom of the map that h3 without a resolution is fitted to (512-pixel tiles)' });

const BY_TEXT =
  'h3 or h3:9 (resolution 5-12), grid, community, town; a field with texts, whole numbers or yes-no; field:0,18,60 (bands of a number); field:hour|day|week|month|year (of a time or date, UTC+8); field:age or field:age:0,18,60';
const ByParameter = z.string().min(1).max(2000).openapi({ description: BY_TEXT, example: 'h3:9' });

/** The day in Asia/Shanghai. */
function dayOf(instant: Date): string {
  return new Date(instant.getTime() + 8 * MS_PER_HOUR).toISOString().slice(0, 10);
}

/** Values of `min` and `max` of dates and times are text for people. */
function readable(metric: Metric, value: number | null): number | string | null {
  if (value === null || !('field' in metric) || metric.kind === 'distinct') return value;
  if (metric.field.type === 'date') return dayKey(value);
  return metric.field.type === 'datetime' ? new Date(value / 1000 + MS_TO_2000).toISOString() : value;
}

/** `values` and `totalValue` of an answer in JSON; nothing for counts. */
export function shownValues(metric: Metric, { values, totalValue }: ShownGroups) {
  if (metric.kind === 'count') return {};
  return {
    values: (values ?? []).map((value) => readable(metric, value)),
    totalValue: readable(metric, totalValue),
  };
}

/** Figures for every key of the layer, in the order of its keys; nought where a group has no row. */
function aligned(shown: ShownGroups, keys: readonly Key[], all: readonly Key[]): ShownGroups {
  const at = new Map(keys.map((key, index) => [key, index]));
  const counts: (number | null)[] = [];
  const values: (number | null)[] = [];
  for (const key of all) {
    const index = at.get(key);
    counts.push(index === undefined ? 0 : (shown.counts[index] as number | null));
    values.push(index === undefined ? null : (shown.values?.[index] ?? null));
  }
  return { ...shown, counts, values: shown.values === null ? null : values };
}

/** A column of keys: H3 ids in two halves, others as positions in a list of the keys there are. */
function keyColumns(grouping: Grouping, keys: readonly Key[], name: string) {
  if (grouping.kind === 'h3') {
    const { high, low } = cellColumns(keys as string[]);
    return { list: null, columns: { [`${name}High`]: high, [`${name}Low`]: low } };
  }
  const list = [...new Set(keys)];
  const position = new Map(list.map((key, index) => [key, index]));
  return { list, columns: { [name]: Uint32Array.from(keys, (key) => position.get(key) as number) } };
}

const COLUMNS_ANSWER = { [COLUMNS_TYPE]: { schema: z.string().openapi({ format: 'binary' }) } };

export const readAggregate = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/aggregate',
    tags: ['counts'],
    summary: 'Count, sum, average, extremes, distinct values or share, by up to two groupings',
    description:
      'Exact. Of personal layers nothing is told of fewer than k rows: counts below k are withheld with their values, and others with them, so that nothing small can be found by subtraction.',
    request: {
      params: LayerId,
      query: z.object({
        metric: MetricParameter,
        of: OfParameter,
        by: ByParameter.optional(),
        by2: ByParameter.optional(),
        zoom: ZoomParameter,
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        at: AtParameter,
        bbox: BboxParameter,
        keys: z.enum(['full', 'none']).default('full').openapi({
          description:
            'none: figures only, one for each key of /groups in its order, nought included; with one grouping',
        }),
        f: Format,
      }),
    },
    responses: {
      200: {
        description: 'The figures',
        content: { 'application/json': { schema: Aggregate }, ...COLUMNS_ANSWER },
      },
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { counter } = c.var.services;
    const query = c.req.valid('query');
    const asking = await readFigures(c, c.req.valid('param').id, query);
    const { layer, state, at, predicate, metric, k } = asking;
    const context = {
      layer,
      role,
      bbox: boundsOf(predicate) ?? state?.bbox ?? null,
      zoom: query.zoom === undefined ? null : Number(query.zoom),
      today: dayOf(at ?? new Date()),
    };
    const by: Grouping[] = [];
    if (query.by !== undefined) by.push(parseGrouping('by', query.by, context));
    if (query.by2 !== undefined) by.push(parseGrouping('by2', query.by2, context));
    checkGroupings(query, by);

    const asked: AggregateQuery = { predicate, metric, by };
    const { tag, headers } = asking.headersOf('aggregate', query.keys, query.f, JSON.stringify(by));
    if (hasCurrent(c, tag)) return notModified(c, headers);

    const figures = async (): Promise<Figures> => {
      const found = state === null ? nothingFound(by.length) : await counter.aggregate(layer, state, asked);
      const shown = withhold(found, metric, k);
      const [grouping] = by;
      if (query.keys === 'full' || grouping === undefined) return { found, shown };
      const all = state === null ? [] : await counter.keys(layer, state, grouping);
      return { found, shown: aligned(shown, found.keys[0] ?? [], all) };
    };
    const about = { layer: layer.id, load: state?.loadId ?? 0, metric: metricText(metric), by: by.map(groupingText) };
    if (query.f === 'json') {
      return answerJson(c, headers, async () => {
        const { found, shown } = await figures();
        const { counts, total, outside, suppressed } = shown;
        const keys = query.keys === 'full' ? { keys: found.keys } : {};
        const answer: z.infer<typeof Aggregate> = {
          ...about,
          ...keys,
          counts,
          ...shownValues(metric, shown),
          total,
          outside,
          suppressed,
        };
        return answer;
      });
    }
    return answerBytes(c, headers, COLUMNS_TYPE, async () => {
      const { found, shown } = await figures();
      const keys = query.keys === 'full' ? by.map((each, n) => keyColumns(each, found.keys[n] ?? [], `key${n}`)) : [];
      const header = {
        ...about,
        total: shown.total,
        ...(metric.kind === 'count' ? {} : { totalValue: readable(metric, shown.totalValue) }),
        outside: shown.outside,
        suppressed: shown.suppressed,
        keys: keys.map(({ list }) => list),
      };
      const columns = Object.assign(
        { counts: countColumn(shown.counts) },
        shown.values === null ? {} : { values: valueColumn(shown.values) },
        ...keys.map(({ columns: each }) => each),
      ) as Parameters<typeof encodeColumns>[1];
      return encodeColumns(header, columns);
    });
  },
);

interface Figures {
  found: Groups;
  shown: ShownGroups;
}

function refuse(field: string, message: string): never {
  throw new ApiError('PARAMETER_INVALID', `${field}: ${message}`, { field });
}

function checkGroupings(
  query: { by?: string | undefined; by2?: string | undefined; keys: string },
  by: Grouping[],
): void {
  if (query.by2 !== undefined && query.by === undefined) refuse('by2', 'comes after by');
  if (by.length === 2 && by[0]?.kind === 'h3' && by[1]?.kind === 'h3') refuse('by2', 'h3 cannot be crossed with h3');
  if (query.keys === 'none' && by.length !== 1) refuse('keys', 'none goes with one grouping');
}

export const readGroupKeys = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/groups',
    tags: ['counts'],
    summary: 'Keys of all groups of a grouping, for figures without keys',
    description: 'They depend on the load and not on a filter: keep them, and ask for figures with keys=none.',
    request: {
      params: LayerId,
      query: z.object({ by: ByParameter, zoom: ZoomParameter, at: AtParameter, bbox: BboxParameter, f: Format }),
    },
    responses: {
      200: {
        description: 'The keys',
        content: { 'application/json': { schema: GroupKeys }, ...COLUMNS_ANSWER },
      },
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, counter } = c.var.services;
    const query = c.req.valid('query');
    const at = parseAt(query.at);
    const { layer, state } = await catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const area = parseBboxParameter(query.bbox);
    const grouping = parseGrouping('by', query.by, {
      layer,
      role,
      bbox: area.kind === 'bbox' ? area.bbox : (state?.bbox ?? null),
      zoom: query.zoom === undefined ? null : Number(query.zoom),
      today: dayOf(at ?? new Date()),
    });
    const by = groupingText(grouping);
    const tag = entityTag('groups', layer.id, state?.loadId ?? 0, query.f, JSON.stringify(grouping));
    const headers = cacheHeaders([layer], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const keys = async (): Promise<readonly Key[]> => (state === null ? [] : counter.keys(layer, state, grouping));
    const about = { layer: layer.id, load: state?.loadId ?? 0, by };
    if (query.f === 'json') return answerJson(c, headers, async () => ({ ...about, keys: await keys() }));
    return answerBytes(c, headers, COLUMNS_TYPE, async () => {
      const { list, columns } = keyColumns(grouping, await keys(), 'key0');
      return encodeColumns({ ...about, keys: [list] }, columns);
    });
  },
);
