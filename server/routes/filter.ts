import { createRoute, z } from '@hono/zod-openapi';
import { maskedFields } from '../../layers/access.ts';
import { WrittenFilter } from '../contract/counts.ts';
import { ApiError } from '../errors.ts';
import { Checker } from '../filter/check.ts';
import { parseDraft } from '../filter/parse.ts';
import { layersOfAreas, predicateKey } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { toCql2 } from '../filter/to-cql2.ts';
import { toJson } from '../filter/to-json.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { requireTable } from './features.ts';
import { failure, FilterLangParameter, FilterParameter, json, LayerId, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

export const readFilter = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/filter',
    tags: ['counts'],
    summary: 'A filter, checked against the layer, in both ways of writing',
    description:
      'For forms that edit a filter as a tree and as CQL2 text side by side. What is wrong with it is an error that names the part.',
    request: {
      params: LayerId,
      query: z.object({ filter: FilterParameter, 'filter-lang': FilterLangParameter, at: AtParameter }),
    },
    responses: {
      200: json(WrittenFilter, 'The filter'),
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { filter, 'filter-lang': filterLang, at: atText } = c.req.valid('query');
    const at = parseAt(atText);
    const { layer, state } = await c.var.services.catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const predicate = await readPredicate(c.var.services, layer, { filter, filterLang, at, role, shows: 'counts' });
    const written = toJson(predicate);
    const tag = entityTag('filter', layer.id, state?.loadId ?? 0, predicateKey(predicate), filter ?? '', role);
    const headers = cacheHeaders([layer, ...layersOfAreas(predicate)], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return c.json(
      { layer: layer.id, filter: written, cql2: toCql2(predicate), rowsRefused: refusalForRows() },
      200,
      headers,
    );

    /** Counts may compare what rows hide: a map and a table of rows then refuse the same filter. */
    function refusalForRows(): z.infer<typeof WrittenFilter>['rowsRefused'] {
      try {
        parseDraft(new Checker(layer, maskedFields(layer, role)), written, 'one-map');
        return null;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { field: error.field ?? 'filter', message: error.message };
      }
    }
  },
);
