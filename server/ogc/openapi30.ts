import { maskedFields, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { ERROR_STATUS } from '../errors.ts';
import { isCollection } from './collection.ts';
import { CRS_LIST } from './crs.ts';
import { fieldSchema } from './feature-schema.ts';
import { GEOJSON_TYPE, HTML_TYPE, JSON_TYPE, MVT_TYPE, OGC_ROOT, SCHEMA_TYPE } from './links.ts';
import { CODES, queryParameters } from './queryables.ts';
import { FILTER_LANGUAGES } from './read-filter.ts';
import { DEFAULT_LIMIT, LARGEST_LIMIT, LARGEST_OFFSET } from './read-items-query.ts';

type Json = Record<string, unknown>;

function parameter(name: string, place: 'query' | 'path', description: string, schema: Json, more: Json = {}): Json {
  return { name, in: place, description, required: place === 'path', schema, ...more };
}

const crsSchema = { type: 'string', format: 'uri', enum: CRS_LIST.map(({ uri }) => uri) };
const wholeNumber = { type: 'integer', minimum: 0 };
const text = { type: 'string' };
/** As everybody writes them, lists with commas between. The default of OpenAPI, but the standard wants it said. */
const form = { style: 'form', explode: false };

const PARAMETERS: Record<string, Json> = {
  f: parameter('f', 'query', 'Format of the answer; without it the Accept header says', {
    type: 'string',
    enum: ['json', 'html'],
  }),
  limit: parameter(
    'limit',
    'query',
    `Features of a page; more than ${LARGEST_LIMIT} are taken as ${LARGEST_LIMIT}`,
    { type: 'integer', minimum: 1, maximum: LARGEST_LIMIT, default: DEFAULT_LIMIT },
    form,
  ),
  offset: parameter('offset', 'query', `Features to pass over, at most ${LARGEST_OFFSET}; links lead further`, {
    ...wholeNumber,
    maximum: LARGEST_OFFSET,
  }),
  after: parameter('after', 'query', 'Only features with a greater number: the page behind one', wholeNumber),
  before: parameter('before', 'query', 'Only features with a smaller number: the page before one', wholeNumber),
  bbox: parameter(
    'bbox',
    'query',
    'Box in the axis order of bbox-crs; six numbers have heights, which are not looked at',
    { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 6 },
    form,
  ),
  'bbox-crs': parameter('bbox-crs', 'query', 'System of bbox; CRS84 when left out', crsSchema),
  crs: parameter('crs', 'query', 'System of the answer, axes in its order; CRS84 when left out', crsSchema),
  datetime: parameter(
    'datetime',
    'query',
    'Instant, day, or interval a/b with .. for open; days of Asia/Shanghai',
    text,
    form,
  ),
  filter: parameter('filter', 'query', 'Condition on the queryables', text),
  'filter-lang': parameter('filter-lang', 'query', 'Language of filter', {
    type: 'string',
    enum: [...FILTER_LANGUAGES],
    default: FILTER_LANGUAGES[0],
  }),
  'filter-crs': parameter('filter-crs', 'query', 'System of coordinates in filter; CRS84 when left out', crsSchema),
  sortby: parameter(
    'sortby',
    'query',
    'Properties of /sortables, comma-separated, - before those from high to low',
    text,
  ),
  collections: parameter(
    'collections',
    'query',
    'Collections in the tile, comma-separated',
    { type: 'array', items: text },
    form,
  ),
  collectionId: parameter('collectionId', 'path', 'Id of a collection', text),
  featureId: parameter('featureId', 'path', 'Number of a feature', text),
  tileMatrixSetId: parameter('tileMatrixSetId', 'path', 'WebMercatorQuad', text),
  tileMatrix: parameter('tileMatrix', 'path', 'Zoom', text),
  tileRow: parameter('tileRow', 'path', 'Row from the north', text),
  tileCol: parameter('tileCol', 'path', 'Column from the west', text),
};

function refs(...names: string[]): Json[] {
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function content(...types: string[]): Json {
  return Object.fromEntries(
    types.map((type) => [type, { schema: type === HTML_TYPE ? text : { type: 'object', additionalProperties: true } }]),
  );
}

const failures = {
  '400': { $ref: '#/components/responses/Failure' },
  '404': { $ref: '#/components/responses/Failure' },
  '503': { $ref: '#/components/responses/Failure' },
};

function get(operationId: string, tag: string, summary: string, parameters: Json[], types: string[]): Json {
  return {
    get: {
      operationId,
      tags: [tag],
      summary,
      parameters,
      responses: {
        '200': { description: summary, content: content(...types) },
        '304': { description: 'The caller has the current answer' },
        ...failures,
      },
    },
  };
}

function tile(operationId: string, summary: string, parameters: Json[]): Json {
  return {
    get: {
      operationId,
      tags: ['Tiles'],
      summary,
      parameters,
      responses: {
        '200': { description: 'The tile', content: { [MVT_TYPE]: { schema: { type: 'string', format: 'binary' } } } },
        '204': { description: 'Nothing is in this tile' },
        '304': { description: 'The caller has the current answer' },
        ...failures,
      },
    },
  };
}

/** JSON Schema of a field as OpenAPI 3.0 knows it, for a query parameter. */
function propertyParameter(layer: Layer, name: string): Json {
  const field = layer.fields[name];
  if (field === undefined || Object.hasOwn(CODES, name)) {
    return parameter(name, 'query', `Only features of this ${CODES[name] ?? 'code'}`, text);
  }
  const schema = fieldSchema(field, false) as Json;
  const { title, enum: values, type, format } = schema;
  return parameter(name, 'query', String(title), {
    type,
    ...(format === undefined ? {} : { format }),
    ...(values === undefined ? {} : { enum: values }),
  });
}

function collectionPaths(layer: Layer, role: Role): Json {
  const path = `/collections/${layer.id}`;
  const title = `${layer.title.zh} / ${layer.title.en}`;
  const properties = queryParameters(layer, maskedFields(layer, role)).map((name) => propertyParameter(layer, name));
  const items = refs('f', 'limit', 'offset', 'after', 'before', 'bbox', 'bbox-crs', 'crs', 'datetime', 'filter');
  return {
    [path]: get(`describe.${layer.id}`, 'Collections', title, refs('f'), [JSON_TYPE, HTML_TYPE]),
    [`${path}/items`]: get(
      `items.${layer.id}`,
      'Features',
      `Features of ${title}`,
      [...items, ...refs('filter-lang', 'filter-crs', 'sortby'), ...properties],
      [GEOJSON_TYPE, HTML_TYPE],
    ),
    [`${path}/items/{featureId}`]: get(
      `item.${layer.id}`,
      'Features',
      `One feature of ${title}`,
      refs('featureId', 'f', 'crs'),
      [GEOJSON_TYPE, HTML_TYPE],
    ),
  };
}

/**
 * The description of the OGC API for the clients that read OpenAPI 3.0 only. Each collection has paths of its own with
 * its properties as parameters: GDAL sends a condition to the server when it finds it there.
 */
export function openApi30(entries: readonly CatalogueEntry[], role: Role, origin: string, version: string): Json {
  const metadata = [JSON_TYPE, HTML_TYPE];
  const tileParameters = refs('tileMatrixSetId', 'tileMatrix', 'tileRow', 'tileCol');
  const paths: Json = {
    '/': get('landing', 'Capabilities', 'Landing page', refs('f'), metadata),
    '/conformance': get('conformance', 'Capabilities', 'Conformance classes', refs('f'), metadata),
    '/api': get('api', 'Capabilities', 'This document', refs('f'), metadata),
    '/collections': get('collections', 'Collections', 'The collections', refs('f'), metadata),
    '/collections/{collectionId}/queryables': get(
      'queryables',
      'Collections',
      'What can be asked for in a collection',
      refs('collectionId', 'f'),
      [SCHEMA_TYPE, HTML_TYPE],
    ),
    '/collections/{collectionId}/sortables': get(
      'sortables',
      'Collections',
      'What the features of a collection can be ordered by',
      refs('collectionId', 'f'),
      [SCHEMA_TYPE, HTML_TYPE],
    ),
    '/collections/{collectionId}/schema': get(
      'schema',
      'Collections',
      'What the features of a collection have',
      refs('collectionId', 'f'),
      [SCHEMA_TYPE, HTML_TYPE],
    ),
    '/tileMatrixSets': get('tileMatrixSets', 'Tiles', 'Tile matrix sets', refs('f'), metadata),
    '/tileMatrixSets/{tileMatrixSetId}': get(
      'tileMatrixSet',
      'Tiles',
      'A tile matrix set',
      refs('tileMatrixSetId', 'f'),
      metadata,
    ),
    '/tiles': get('dataset.vector.getTileSetsList', 'Tiles', 'Tile sets of the whole', refs('f'), metadata),
    '/tiles/{tileMatrixSetId}': get(
      'dataset.vector.getTileSet',
      'Tiles',
      'The tile set of the whole',
      refs('tileMatrixSetId', 'collections', 'f'),
      metadata,
    ),
    '/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}': tile(
      'dataset.vector.getTile',
      'A tile of several collections',
      [...tileParameters, ...refs('collections')],
    ),
    '/collections/{collectionId}/tiles': get(
      'collection.vector.getTileSetsList',
      'Tiles',
      'Tile sets of a collection',
      refs('collectionId', 'f'),
      metadata,
    ),
    '/collections/{collectionId}/tiles/{tileMatrixSetId}': get(
      'collection.vector.getTileSet',
      'Tiles',
      'The tile set of a collection',
      refs('collectionId', 'tileMatrixSetId', 'f'),
      metadata,
    ),
    '/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}': tile(
      'collection.vector.getTile',
      'A tile of a collection',
      [...refs('collectionId'), ...tileParameters],
    ),
  };
  for (const entry of entries) if (isCollection(entry)) Object.assign(paths, collectionPaths(entry.layer, role));
  return {
    openapi: '3.0.3',
    info: {
      title: 'One Map 一张图: OGC API',
      version,
      description: 'Features and vector tiles of the district. Callers with a token see more collections.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${origin}${OGC_ROOT}` }],
    security: [{}, { token: [] }],
    tags: [{ name: 'Capabilities' }, { name: 'Collections' }, { name: 'Features' }, { name: 'Tiles' }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      parameters: PARAMETERS,
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'requestId'],
              properties: {
                code: { type: 'string', enum: Object.keys(ERROR_STATUS) },
                message: text,
                field: text,
                value: {},
                requestId: text,
              },
            },
          },
        },
      },
      responses: {
        Failure: {
          description: 'The one body of all failures',
          content: { [JSON_TYPE]: { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
    },
  };
}
