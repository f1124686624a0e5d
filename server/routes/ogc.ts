/** OGC API: what there is, and how it is described. Features are in `ogc-items.ts`, tiles in `ogc-tiles.ts`. */
import { createRoute, z } from '@hono/zod-openapi';
import { maskedFields } from '../../layers/access.ts';
import { collectionOf, isCollection } from '../ogc/collection.ts';
import { CONFORMANCE } from '../ogc/conformance.ts';
import { CRS_LIST } from '../ogc/crs.ts';
import { queryables, returnables, sortables } from '../ogc/feature-schema.ts';
import { answer, formatOf } from '../ogc/format.ts';
import { HTML_TYPE, JSON_TYPE, OGC_ROOT, OPENAPI_TYPE, SCHEMA_TYPE, selfLinks } from '../ogc/links.ts';
import { openApi30 } from '../ogc/openapi30.ts';
import { requireTable } from './features.ts';
import { addressOf, originOf } from './origin.ts';
import { failure, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

export const FormatParameter = z
  .string()
  .max(20)
  .optional()
  .openapi({ description: '`json` or `html`; without it the Accept header says', enum: ['json', 'html'] });

export const Links = z.array(
  z.object({
    href: z.string(),
    rel: z.string(),
    type: z.string(),
    title: z.string().optional(),
    templated: z.boolean().optional(),
  }),
);

export const CollectionId = z.object({
  collectionId: z
    .string()
    .min(1)
    .max(64)
    .openapi({ param: { name: 'collectionId', in: 'path' }, example: 'enterprise' }),
});

/** Only `f`: what is not known is an error. */
export const FormatQuery = z.strictObject({ f: FormatParameter });

/** A JSON answer that is also there as a page. */
export function described<T extends z.ZodType>(schema: T, description: string, type = JSON_TYPE) {
  return {
    200: { description, content: { [type]: { schema }, [HTML_TYPE]: { schema: z.string() } } },
    304: NOT_MODIFIED,
    400: failure('PARAMETER_INVALID'),
    406: failure('NOT_ACCEPTABLE'),
  };
}

const Landing = z
  .object({ title: z.string(), description: z.string(), attribution: z.string(), links: Links })
  .openapi('OgcLanding');
const Conformance = z.object({ conformsTo: z.array(z.string()) }).openapi('OgcConformance');
const CollectionInfo = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    itemType: z.literal('feature'),
    crs: z.array(z.string()),
    storageCrs: z.string(),
    links: Links,
  })
  .openapi('OgcCollection');
const CollectionList = z
  .object({ links: Links, crs: z.array(z.string()), collections: z.array(CollectionInfo) })
  .openapi('OgcCollections');
const JsonSchema = z.looseObject({ $schema: z.string(), $id: z.string(), type: z.literal('object') });

export const readOgcLanding = endpoint(
  createRoute({
    method: 'get',
    path: OGC_ROOT,
    tags: ['ogc'],
    summary: 'OGC API: landing page',
    request: { query: FormatQuery },
    responses: described(Landing, 'Where everything is'),
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const root = `${originOf(c)}${OGC_ROOT}`;
    return answer(c, format, JSON_TYPE, 'One Map 一张图', {
      title: 'One Map 一张图',
      description: '城区一张图：要素与矢量瓦片 / The map of a city district: features and vector tiles',
      attribution: 'One Map 一张图',
      links: [
        ...selfLinks(addressOf(c), JSON_TYPE, format === 'html'),
        { rel: 'service-desc', href: `${root}/api?f=json`, type: OPENAPI_TYPE, title: 'OpenAPI 3.0' },
        { rel: 'service-doc', href: `${root}/api?f=html`, type: HTML_TYPE, title: 'The API as a page' },
        { rel: 'conformance', href: `${root}/conformance?f=json`, type: JSON_TYPE, title: 'Conformance classes' },
        {
          rel: 'http://www.opengis.net/def/rel/ogc/1.0/conformance',
          href: `${root}/conformance?f=json`,
          type: JSON_TYPE,
          title: 'Conformance classes',
        },
        { rel: 'data', href: `${root}/collections?f=json`, type: JSON_TYPE, title: '图层 / Collections' },
        { rel: 'data', href: `${root}/collections?f=html`, type: HTML_TYPE, title: '图层 / Collections' },
        {
          rel: 'http://www.opengis.net/def/rel/ogc/1.0/data',
          href: `${root}/collections?f=json`,
          type: JSON_TYPE,
          title: '图层 / Collections',
        },
        {
          rel: 'http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector',
          href: `${root}/tiles?f=json`,
          type: JSON_TYPE,
          title: '矢量瓦片 / Vector tiles',
        },
        {
          rel: 'http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes',
          href: `${root}/tileMatrixSets?f=json`,
          type: JSON_TYPE,
          title: 'Tile matrix sets',
        },
      ],
    });
  },
);

export const readOgcConformance = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/conformance`,
    tags: ['ogc'],
    summary: 'OGC API: conformance classes',
    request: { query: FormatQuery },
    responses: described(Conformance, 'The classes'),
  }),
  async (c) => answer(c, formatOf(c, [JSON_TYPE]), JSON_TYPE, 'Conformance', { conformsTo: CONFORMANCE }),
);

export const readOgcApi = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/api`,
    tags: ['ogc'],
    summary: 'OGC API: its OpenAPI 3.0 document, with paths for each collection',
    request: { query: z.strictObject({ f: FormatParameter, version: z.literal('3.0').optional() }) },
    responses: described(z.looseObject({ openapi: z.string() }), 'The document', OPENAPI_TYPE),
  }),
  async (c) => {
    const format = formatOf(c, [OPENAPI_TYPE, 'application/openapi+json']);
    const { role } = c.var.caller;
    const { catalogue, version } = c.var.services;
    const document = openApi30(await catalogue.list(role), role, originOf(c), version);
    return answer(c, format, OPENAPI_TYPE, 'OpenAPI 3.0', document);
  },
);

export const listOgcCollections = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections`,
    tags: ['ogc'],
    summary: 'OGC API: the collections the caller may see',
    request: { query: FormatQuery },
    responses: described(CollectionList, 'The collections: layers that are loaded and are no rasters'),
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const { role } = c.var.caller;
    const entries = (await c.var.services.catalogue.list(role)).filter(isCollection);
    return answer(c, format, JSON_TYPE, '图层 / Collections', {
      links: selfLinks(addressOf(c), JSON_TYPE, format === 'html'),
      crs: CRS_LIST.map(({ uri }) => uri),
      collections: entries.map((entry) => collectionOf(entry, maskedFields(entry.layer, role), originOf(c), false)),
    });
  },
);

export const readOgcCollection = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}`,
    tags: ['ogc'],
    summary: 'OGC API: one collection',
    request: { params: CollectionId, query: FormatQuery },
    responses: { ...described(CollectionInfo, 'The collection'), 404: failure('LAYER_NOT_FOUND') },
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const { role } = c.var.caller;
    const entry = await c.var.services.catalogue.get(c.req.valid('param').collectionId, role);
    requireTable(entry.layer);
    const collection = collectionOf(entry, maskedFields(entry.layer, role), originOf(c), true);
    return answer(c, format, JSON_TYPE, collection.title, {
      ...collection,
      links: [...selfLinks(addressOf(c), JSON_TYPE, format === 'html'), ...collection.links],
    });
  },
);

function schemaRoute(name: 'queryables' | 'sortables' | 'schema', summary: string, of: typeof queryables) {
  return endpoint(
    createRoute({
      method: 'get',
      path: `${OGC_ROOT}/collections/{collectionId}/${name}`,
      tags: ['ogc'],
      summary,
      request: { params: CollectionId, query: FormatQuery },
      responses: { ...described(JsonSchema, 'JSON Schema', SCHEMA_TYPE), 404: failure('LAYER_NOT_FOUND') },
    }),
    async (c) => {
      const format = formatOf(c, [SCHEMA_TYPE]);
      const { role } = c.var.caller;
      const { layer } = await c.var.services.catalogue.get(c.req.valid('param').collectionId, role);
      requireTable(layer);
      const id = `${originOf(c)}${OGC_ROOT}/collections/${layer.id}/${name}`;
      return answer(c, format, SCHEMA_TYPE, `${layer.id}: ${name}`, of(layer, maskedFields(layer, role), id));
    },
  );
}

export const readOgcQueryables = schemaRoute(
  'queryables',
  'OGC API: what can be asked for in a collection',
  queryables,
);
export const readOgcSortables = schemaRoute(
  'sortables',
  'OGC API: what the features of a collection can be ordered by',
  sortables,
);
export const readOgcSchema = schemaRoute('schema', 'OGC API: what the features of a collection have', returnables);
