/** OGC API: features of a collection. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { answer, formatOf } from '../ogc/format.ts';
import { GEOJSON_TYPE, JSON_TYPE, type Link, OGC_ROOT, selfLinks, withParameters } from '../ogc/links.ts';
import { parseCrs } from '../ogc/crs.ts';
import { DEFAULT_LIMIT, LARGEST_LIMIT, LARGEST_OFFSET, readItemsQuery } from '../ogc/read-items-query.ts';
import { featurePage, findFeatureAs } from '../queries/feature-page.ts';
import type { FeatureRow } from '../queries/features.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { Feature, requireTable, toGeoJson } from './features.ts';
import { CollectionId, described, FormatParameter, Links } from './ogc.ts';
import { addressOf, originOf } from './origin.ts';
import { failure } from './parameters.ts';
import { endpoint } from './router.ts';

function text(description: string) {
  return z.string().optional().openapi({ description });
}

const ItemsQueryParameters = z
  .object({
    f: FormatParameter,
    limit: text(
      `Features of a page, default ${DEFAULT_LIMIT}; more than ${LARGEST_LIMIT} are taken as ${LARGEST_LIMIT}`,
    ),
    offset: text(`Features to pass over, at most ${LARGEST_OFFSET}`),
    after: text('Only features with a greater number'),
    before: text('Only features with a smaller number'),
    bbox: text('4 numbers, or 6 with heights, in the axis order of bbox-crs'),
    'bbox-crs': text('Address of the system of bbox; CRS84 when left out'),
    crs: text('Address of the system of the answer; CRS84 when left out'),
    datetime: text('Instant, day, or interval a/b with .. for open'),
    filter: text('Condition on the queryables'),
    'filter-lang': text('Language of filter'),
    'filter-crs': text('System of coordinates in filter'),
    sortby: text('Properties of /sortables with commas between, - before those from high to low'),
  })
  // Properties: `status=active`. Which there are depends on the collection.
  .catchall(z.string());

/** Ids are texts here: GDAL takes numbers for its own count and forgets them. */
const OgcFeature = Feature.extend({ id: z.string() }).openapi('OgcFeature');

function toOgcFeature(layer: Layer, role: Role, row: FeatureRow): z.infer<typeof OgcFeature> {
  return { ...toGeoJson(layer, role, row), id: String(row.fid) };
}

const FeatureCollection = z
  .object({
    type: z.literal('FeatureCollection'),
    timeStamp: z.string(),
    numberMatched: z.number().int(),
    numberReturned: z.number().int(),
    links: Links,
    features: z.array(OgcFeature),
  })
  .openapi('OgcFeatureCollection');

export const readOgcItems = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}/items`,
    tags: ['ogc'],
    summary: 'OGC API: features of a collection, page by page',
    request: { params: CollectionId, query: ItemsQueryParameters },
    responses: {
      ...described(FeatureCollection, 'The features', GEOJSON_TYPE),
      400: failure('PARAMETER_INVALID, FILTER_INVALID'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const format = formatOf(c, [GEOJSON_TYPE, JSON_TYPE]);
    const { role } = c.var.caller;
    const { services } = c.var;
    const { layer, state } = await services.catalogue.get(c.req.valid('param').collectionId, role);
    requireTable(layer);
    const query = await readItemsQuery(services, layer, role, c.req.valid('query'));
    const { predicate, limit, offset, before, crs, sort } = query;
    const address = addressOf(c);
    const tag = entityTag('ogc', address, layer.id, state?.loadId ?? 0, JSON.stringify(query), role, format);
    const headers = { ...cacheHeaders([layer], tag), 'Content-Crs': `<${crs.uri}>` };
    if (hasCurrent(c, tag)) return notModified(c, { ...headers, Vary: 'Accept, Accept-Encoding, Authorization' });

    const [page, numberMatched] =
      state === null
        ? [{ rows: [], hasPrevious: false, hasNext: false }, 0]
        : await Promise.all([
            featurePage(services.db.sql, layer, { ...query, table: state.table }),
            services.counter.rows(layer, state, predicate),
          ]);
    const links: Link[] = selfLinks(address, GEOJSON_TYPE, format === 'html');
    const turn = (rel: 'next' | 'prev', parameter: 'after' | 'before', fid: number): void => {
      const moved = { offset: null, after: null, before: null, [parameter]: String(fid) };
      links.push({ rel, href: withParameters(address, moved), type: GEOJSON_TYPE, title: rel });
    };
    const first = page.rows[0]?.fid;
    const last = page.rows.at(-1)?.fid;
    // In another order than that of their numbers pages are counted off.
    const count = (rel: 'next' | 'prev', from: number): void => {
      const href = withParameters(address, { offset: from === 0 ? null : String(from) });
      links.push({ rel, href, type: GEOJSON_TYPE, title: rel });
    };
    if (sort.length > 0) {
      if (page.hasNext && offset + limit <= LARGEST_OFFSET) count('next', offset + limit);
      if (offset > 0) count('prev', Math.max(0, offset - limit));
    } else if (page.hasNext) turn('next', 'after', last ?? Math.max(0, (before ?? 0) - 1));
    if (sort.length === 0 && page.hasPrevious && first !== undefined) turn('prev', 'before', first);
    const collection = `${originOf(c)}${OGC_ROOT}/collections/${layer.id}`;
    links.push({ rel: 'collection', href: collection, type: JSON_TYPE, title: layer.title.zh });
    return answer(
      c,
      format,
      GEOJSON_TYPE,
      `${layer.title.zh} / ${layer.title.en}`,
      {
        type: 'FeatureCollection',
        timeStamp: new Date().toISOString(),
        numberMatched,
        numberReturned: page.rows.length,
        links,
        features: page.rows.map((row) => toOgcFeature(layer, role, row)),
      },
      headers,
    );
  },
);

export const readOgcItem = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}/items/{featureId}`,
    tags: ['ogc'],
    summary: 'OGC API: one feature',
    request: {
      params: CollectionId.extend({
        featureId: z.string().openapi({ param: { name: 'featureId', in: 'path' }, example: '42' }),
      }),
      query: z.strictObject({ f: FormatParameter, crs: text('Address of the system of the answer') }),
    },
    responses: {
      ...described(OgcFeature.extend({ links: Links }), 'The feature', GEOJSON_TYPE),
      404: failure('LAYER_NOT_FOUND, FEATURE_NOT_FOUND'),
    },
  }),
  async (c) => {
    const format = formatOf(c, [GEOJSON_TYPE, JSON_TYPE]);
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const { collectionId, featureId } = c.req.valid('param');
    const { layer, state } = await catalogue.get(collectionId, role);
    requireTable(layer);
    const crs = parseCrs(c.req.valid('query').crs, 'crs');
    // What is no number is no feature of this collection either.
    const fid = /^\d{1,16}$/.test(featureId) ? Number(featureId) : NaN;
    const isKnown = state !== null && Number.isSafeInteger(fid);
    const row = isKnown ? await findFeatureAs(db.sql, layer, fid, crs, state.table) : null;
    if (row === null) {
      throw new ApiError('FEATURE_NOT_FOUND', `Collection ${layer.id} has no feature ${featureId.slice(0, 64)}.`, {
        field: 'featureId',
        value: featureId,
      });
    }
    const address = addressOf(c);
    const collection = `${originOf(c)}${OGC_ROOT}/collections/${layer.id}`;
    const body = {
      ...toOgcFeature(layer, role, row),
      links: [
        ...selfLinks(address, GEOJSON_TYPE, format === 'html'),
        { rel: 'collection', href: collection, type: JSON_TYPE, title: layer.title.zh },
      ],
    };
    const headers = cacheHeaders([layer], entityTag(format, JSON.stringify(body)));
    return answer(c, format, GEOJSON_TYPE, `${layer.title.zh} ${fid}`, body, {
      ...headers,
      'Content-Crs': `<${crs.uri}>`,
    });
  },
);
