import { createRoute, z } from '@hono/zod-openapi';
import { kAnonymity } from '../../layers/access.ts';
import type { Groups, Metric } from '../aggregate/aggregate-query.ts';
import { metricText, parseMetric } from '../aggregate/parse-query.ts';
import { COARSEST, FINEST, resolutionFor } from '../aggregate/resolution.ts';
import { withhold } from '../aggregate/withhold.ts';
import { CellCounts, HexagonCounts } from '../contract.ts';
import { boundsOf, layersOfAreas, predicateKey } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { MetricParameter, nothingFound, OfParameter, readOf, shownValues } from './aggregate.ts';
import { answerJson } from './answer-cache.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { requireTable } from './features.ts';
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
    const { role } = c.var.caller;
    const { catalogue, counter } = c.var.services;
    const query = c.req.valid('query');
    const at = parseAt(query.at);
    const { layer, state } = await catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const filterLang = query['filter-lang'];
    const predicate = await readPredicate(c.var.services, layer, { ...query, filterLang, at, role, shows: 'counts' });
    const res = query.res === 'auto' ? resolutionFor(boundsOf(predicate) ?? state?.bbox ?? null) : Number(query.res);
    const of = await readOf(c.var.services, layer, query.of, { filterLang, at, role });
    const metric = parseMetric(query.metric, layer, role, of);
    const k = kAnonymity(role, layer);
    const by = [{ kind: 'h3' as const, res }];
    const asked = { predicate, metric, by };
    const tag = entityTag(
      'h3',
      layer.id,
      state?.loadId ?? 0,
      k,
      JSON.stringify({ metric, by }),
      predicateKey(predicate),
    );
    const headers = cacheHeaders([layer, ...layersOfAreas(predicate), ...(of === null ? [] : layersOfAreas(of))], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return answerJson(c, headers, async () => {
      const found = state === null ? nothingFound(1) : await counter.aggregate(layer, state, asked);
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
    const { role } = c.var.caller;
    const { catalogue, counter } = c.var.services;
    const { by, ...query } = c.req.valid('query');
    const at = parseAt(query.at);
    const { layer, state } = await catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const filterLang = query['filter-lang'];
    const predicate = await readPredicate(c.var.services, layer, { ...query, filterLang, at, role, shows: 'counts' });
    const of = await readOf(c.var.services, layer, query.of, { filterLang, at, role });
    const metric = parseMetric(query.metric, layer, role, of);
    const k = kAnonymity(role, layer);
    const asked = { predicate, metric, by: [{ kind: 'cells' as const, by }] };
    const tag = entityTag(
      'cells',
      layer.id,
      state?.loadId ?? 0,
      k,
      JSON.stringify({ metric, by }),
      predicateKey(predicate),
    );
    const headers = cacheHeaders([layer, ...layersOfAreas(predicate), ...(of === null ? [] : layersOfAreas(of))], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return answerJson(c, headers, async () => {
      const found = state === null ? nothingFound(1) : await counter.aggregate(layer, state, asked);
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
