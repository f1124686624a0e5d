import { createRoute, z } from '@hono/zod-openapi';
import type { Groups, Metric } from '../aggregate/aggregate-query.ts';
import { metricText } from '../aggregate/parse-query.ts';
import { COARSEST, FINEST, resolutionFor } from '../aggregate/resolution.ts';
import { withhold } from '../aggregate/withhold.ts';
import { CellCounts, HexagonCounts } from '../contract/counts.ts';
import { boundsOf } from '../filter/predicate.ts';
import { MetricParameter, OfParameter, shownValues } from './aggregate.ts';
import { answerJson } from './answer-cache.ts';
import { AtParameter } from './as-of.ts';
import { hasCurrent, notModified } from './cache.ts';
import { nothingFound, readFigures } from './figures.ts';
import {
  BboxParameter,
  failure,
  FilterLangParameter,
  FilterParameter,
  json,
  LayerId,
  NOT_MODIFIED,
} from './parameters.ts';
import { endpoint } from './router.ts';

const RESOLUTIONS = [...Array.from({ length: FINEST - COARSEST + 1 }, (_, index) => String(COARSEST + index)), 'auto'];

/** What both answers have in common, values of a metric other than the count included. */
function shownCounts(found: Groups, metric: Metric, k: number) {
  const shown = withhold(found, metric, k);
  const { counts, total, outside, suppressed } = shown;
  const values = shownValues(metric, shown);
  const named = metric.kind === 'count' ? {} : { metric: metricText(metric), ...values };
  return { counts, total, unlocated: outside, suppressed, ...named };
}

export const readHexagons = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/h3',
    tags: ['counts'],
    summary: 'Rows per H3 hexagon',
    description:
      'Exact counts. Of personal layers, counts below k are withheld (null), and others with them, so that nothing small can be found by subtraction: Σ counts + suppressed.count + unlocated = total.',
    request: {
      params: LayerId,
      query: z.object({
        res: z.enum(RESOLUTIONS).default('auto').openapi({ description: 'Resolution 5-12; auto fits it to the area' }),
        metric: MetricParameter,
        of: OfParameter,
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        at: AtParameter,
        bbox: BboxParameter,
      }),
    },
    responses: {
      200: json(HexagonCounts, 'The counts'),
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const query = c.req.valid('query');
    const { layer, state, predicate, metric, k, headersOf } = await readFigures(c, c.req.valid('param').id, query);
    const res = query.res === 'auto' ? resolutionFor(boundsOf(predicate) ?? state?.bbox ?? null) : Number(query.res);
    const asked = { predicate, metric, by: [{ kind: 'h3' as const, res }] };
    const { tag, headers } = headersOf('h3', res);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return answerJson(c, headers, async () => {
      const found = state === null ? nothingFound(1) : await c.var.services.counter.aggregate(layer, state, asked);
      const answer: z.infer<typeof HexagonCounts> = {
        layer: layer.id,
        load: state?.loadId ?? 0,
        res,
        cells: found.keys[0] as string[],
        ...shownCounts(found, metric, k),
      };
      return answer;
    });
  },
);

export const readCells = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/cells',
    tags: ['counts'],
    summary: 'Rows per micro-grid, community or town',
    description: 'As the hexagons, by the codes of the administrative hierarchy. Cells without a row are left out.',
    request: {
      params: LayerId,
      query: z.object({
        by: z.enum(['grid', 'community', 'town']).default('grid'),
        metric: MetricParameter,
        of: OfParameter,
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        at: AtParameter,
        bbox: BboxParameter,
      }),
    },
    responses: {
      200: json(CellCounts, 'The counts'),
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { by, ...query } = c.req.valid('query');
    const { layer, state, predicate, metric, k, headersOf } = await readFigures(c, c.req.valid('param').id, query);
    const asked = { predicate, metric, by: [{ kind: 'cells' as const, by }] };
    const { tag, headers } = headersOf('cells', by);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return answerJson(c, headers, async () => {
      const found = state === null ? nothingFound(1) : await c.var.services.counter.aggregate(layer, state, asked);
      const answer: z.infer<typeof CellCounts> = {
        layer: layer.id,
        load: state?.loadId ?? 0,
        by,
        codes: found.keys[0] as string[],
        ...shownCounts(found, metric, k),
      };
      return answer;
    });
  },
);
