import { createRoute, z } from '@hono/zod-openapi';
import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { layersOfAreas, predicateKey } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { findFeature, listFeatures, type FeatureRow, type Sort } from '../queries/features.ts';
import { answerOnce } from './answer-cache.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { addressOf } from './origin.ts';
import { BboxParameter, failure, FilterLangParameter, FilterParameter, LayerId, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;

export const Feature = z
  .object({
    type: z.literal('Feature'),
    id: z.number().int(),
    geometry: z.looseObject({ type: z.string() }).nullable(),
    properties: z.record(z.string(), z.unknown()),
  })
  .openapi('Feature');

const FeatureCollection = z
  .object({
    type: z.literal('FeatureCollection'),
    numberMatched: z.number().int(),
    numberReturned: z.number().int(),
    /** Cursor of the next page; null on the last. */
    next: z.string().nullable(),
    links: z.array(z.object({ rel: z.string(), href: z.string(), type: z.string() })),
    features: z.array(Feature),
  })
  .openapi('FeatureCollection');

const GEOJSON = { 'Content-Type': 'application/geo+json' };

/** A row as the caller may see it. `source_id` is left out: it is the key field, which may be masked. */
export function toGeoJson(layer: Layer, role: Role, row: FeatureRow): z.infer<typeof Feature> {
  const properties: Record<string, unknown> = {
    ...row.fields,
    grid_code: row.grid_code,
    community_code: row.community_code,
    town_code: row.town_code,
  };
  for (const name of maskedFields(layer, role)) {
    const mask = layer.fields[name]?.mask;
    if (mask !== undefined) properties[name] = maskValue(mask, row.fields[name]);
  }
  const geometry = row.geometry as z.infer<typeof Feature>['geometry'];
  return { type: 'Feature', id: row.fid, geometry, properties };
}

export function parseFid(text: string, code: 'CURSOR_INVALID' | 'PARAMETER_INVALID', field: string): number {
  const fid = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(fid)) {
    throw new ApiError(code, `${field}: "${text.slice(0, 64)}" is not a feature number`, { field, value: text });
  }
  return fid;
}

export function requireTable(layer: Layer): void {
  if (layer.geometry === 'raster') {
    throw new ApiError('PARAMETER_INVALID', `id: ${layer.id} is a raster; it has tiles, but no features`, {
      field: 'id',
      value: layer.id,
    });
  }
}

const LimitParameter = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)
  .optional()
  .openapi({ type: 'integer', description: `Features per page, default ${DEFAULT_LIMIT}, at most ${LARGEST_LIMIT}` });

/** `name` or `-name`: a field that the caller sees as it is, since an order tells of what is hidden. */
function parseSort(layer: Layer, role: Role, text: string | undefined): Sort | null {
  if (text === undefined || text === '') return null;
  const isDescending = text.startsWith('-');
  const field = isDescending ? text.slice(1) : text;
  const refuse = (reason: string): never => {
    throw new ApiError('PARAMETER_INVALID', `sort: ${reason}`, { field: 'sort', value: text });
  };
  if (!Object.hasOwn(layer.fields, field)) return refuse(`layer ${layer.id} has no field "${field.slice(0, 64)}"`);
  if (maskedFields(layer, role).includes(field)) return refuse(`the field "${field}" is masked`);
  return { field, isDescending };
}

export const readFeatures = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/features',
    tags: ['features'],
    summary: 'Features of a layer as GeoJSON, page by page',
    request: {
      params: LayerId,
      query: z.object({
        bbox: BboxParameter,
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        at: AtParameter,
        limit: LimitParameter,
        sort: z.string().max(100).optional().openapi({
          description: 'A field to order by, with - before it downwards; rows without a value come last',
        }),
        cursor: z.string().optional().openapi({ description: '`next` of the page before' }),
      }),
    },
    responses: {
      200: { description: 'The features', content: { 'application/geo+json': { schema: FeatureCollection } } },
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, CURSOR_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, counter, db } = c.var.services;
    const query = c.req.valid('query');
    const at = parseAt(query.at);
    const { layer, state } = await catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const predicate = await readPredicate(c.var.services, layer, {
      ...query,
      filterLang: query['filter-lang'],
      at,
      role,
      shows: 'rows',
    });
    const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), LARGEST_LIMIT);
    const after = query.cursor === undefined ? -1 : parseFid(query.cursor, 'CURSOR_INVALID', 'cursor');
    const sort = parseSort(layer, role, query.sort);
    const tag = entityTag(c.req.url, layer.id, state?.loadId ?? 0, predicateKey(predicate), limit, after, role);
    const headers = { ...cacheHeaders([layer, ...layersOfAreas(predicate)], tag), ...GEOJSON };
    if (hasCurrent(c, tag)) return notModified(c, headers);

    const [rows, numberMatched] =
      state === null
        ? [[], 0]
        : await Promise.all([
            // One more than asked for tells whether there is a next page.
            listFeatures(db.sql, layer, predicate, after, limit + 1, state.table, sort),
            counter.rows(layer, state, predicate),
          ]);
    const features = rows.slice(0, limit).map((row) => toGeoJson(layer, role, row));
    const last = features.at(-1);
    const next = rows.length > limit && last !== undefined ? String(last.id) : null;
    const links = [{ rel: 'self', href: addressOf(c), type: GEOJSON['Content-Type'] }];
    if (next !== null) {
      const href = new URL(addressOf(c));
      href.searchParams.set('cursor', next);
      links.push({ rel: 'next', href: href.href, type: GEOJSON['Content-Type'] });
    }
    const body: z.infer<typeof FeatureCollection> = {
      type: 'FeatureCollection' as const,
      numberMatched,
      numberReturned: features.length,
      next,
      links,
      features,
    };
    return answerOnce(c, headers, GEOJSON['Content-Type'], body);
  },
);

export const readFeature = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/features/{fid}',
    tags: ['features'],
    summary: 'One feature as GeoJSON',
    request: {
      params: LayerId.extend({ fid: z.string().openapi({ param: { name: 'fid', in: 'path' }, example: '42' }) }),
      query: z.object({ at: AtParameter }),
    },
    responses: {
      200: { description: 'The feature', content: { 'application/geo+json': { schema: Feature } } },
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND, FEATURE_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { id, fid: text } = c.req.valid('param');
    const { catalogue, db } = c.var.services;
    const { layer, state } = await catalogue.getAsOf(id, role, parseAt(c.req.valid('query').at));
    requireTable(layer);
    const fid = parseFid(text, 'PARAMETER_INVALID', 'fid');
    const tag = entityTag('feature', layer.id, state?.loadId ?? 0, fid, role);
    const headers = { ...cacheHeaders([layer], tag), ...GEOJSON };
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const row = state === null ? null : await findFeature(db.sql, layer, fid, state.table);
    if (row === null) {
      throw new ApiError('FEATURE_NOT_FOUND', `Layer ${layer.id} has no feature ${fid}.`, { field: 'fid', value: fid });
    }
    return c.json(toGeoJson(layer, role, row), 200, headers);
  },
);
