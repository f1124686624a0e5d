import { acceptsGzip } from '../accepts-gzip.ts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Role } from '../../layers/access.ts';
import type { FieldType, Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { RASTER_STYLES } from '../contract/layers.ts';
import { ApiError } from '../errors.ts';
import { layersOfAreas, type Predicate } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { boundsOf } from '../tiles/bounds.ts';
import { stylesOf } from '../raster/paint.ts';
import { hasLabels, labelField, labelLayerOf, maxzoomOf, minzoomOf, tileFields } from '../tiles/layer-tile.ts';
import { parseTile, type Tile } from '../tiles/tile.ts';
import type { TileSource } from '../tiles/warm-tiles.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { describeTile, makeTile, packTile, sourcesOf } from './make-tile.ts';
import { originOf } from './origin.ts';
import {
  failure,
  FilterLangParameter,
  FilterParameter,
  json,
  LayerId,
  NOT_MODIFIED,
  TileParameters,
  VersionParameter,
} from './parameters.ts';
import { answerPicture, StyleParameter, TimeParameter } from './raster.ts';
import { endpoint, type AppEnv } from './router.ts';

export const MOST_LAYERS = 40;
const MVT = 'application/vnd.mapbox-vector-tile';

export const TILE_RESPONSES = {
  200: {
    description: 'The tile',
    content: { [MVT]: { schema: z.string().openapi({ format: 'binary' }) } },
  },
  204: { description: 'Nothing of the layer is in this tile' },
  304: NOT_MODIFIED,
  400: failure('TILE_INVALID, FILTER_INVALID'),
  404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
  410: failure('VERSION_GONE'),
} as const;

const LabelsParameter = z.enum(['0', '1']).optional().openapi({
  description:
    '1: beside each layer of polygons one named `<id>_label`, with a point for each that is named in this tile',
});

const TILE_QUERY = z.object({
  v: VersionParameter,
  filter: FilterParameter,
  'filter-lang': FilterLangParameter,
  at: AtParameter,
  labels: LabelsParameter,
});

/**
 * What a vector tile is made of. The filter applies to every layer of it. A tile of several layers has a size budget:
 * a layer that does not fit into what those before it have left is left out as a whole, and named in a header.
 */
export async function answerTile(
  c: Context<AppEnv>,
  entries: readonly CatalogueEntry[],
  tile: Tile,
  { v: version, filter, at, 'filter-lang': filterLang, labels }: z.infer<typeof TILE_QUERY>,
): Promise<Response> {
  const { role } = c.var.caller;
  const predicates: Predicate[] = [];
  for (const { layer } of entries) {
    const query = { filter, filterLang, at: parseAt(at), role, shows: 'rows' } as const;
    predicates.push(await readPredicate(c.var.services, layer, query));
  }
  const wanted = { role, entries, tile, predicates, isNaming: labels === '1' };
  const { tag, headers } = describeTile(c.var.services, wanted, version);
  if (hasCurrent(c, tag)) return notModified(c, headers);
  const made = await makeTile(c.var.services, wanted);
  // What was asked for as of a time, or depends on other layers, is not kept: whether it is still the answer takes a query.
  const isKept = at === undefined && predicates.every((predicate) => layersOfAreas(predicate).length === 0);
  return answerMvt(c, made.body, { ...headers, ...made.headers }, isKept ? sourcesOf(entries) : null);
}

/**
 * Sends the bytes of a vector tile, compressed where the caller takes it; 204 when nothing is in it.
 * @param sources live loads it is made of, when it may be kept for the next caller
 */
export async function answerMvt(
  c: Context<AppEnv>,
  tile: Buffer,
  headers: Record<string, string>,
  sources: readonly TileSource[] | null = null,
): Promise<Response> {
  const { status, body, headers: packing } = await packTile(tile, acceptsGzip(c.req.header('Accept-Encoding')));
  if (sources !== null) c.set('keepTile', { sources, body });
  if (status === 204) return c.body(null, 204, headers);
  // No copy: it is a buffer of its own, never in shared memory, and the collector runs the more often the more bytes there are.
  return c.body(body as Uint8Array<ArrayBuffer>, 200, { ...headers, ...packing });
}

export const readTile = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/tiles/{z}/{x}/{y}',
    tags: ['tiles'],
    summary: 'A tile of one layer: Mapbox Vector Tile 2.1, or a picture (PNG) of a raster layer',
    request: {
      params: LayerId.extend(TileParameters),
      query: TILE_QUERY.extend({ time: TimeParameter, style: StyleParameter }),
    },
    responses: TILE_RESPONSES,
  }),
  async (c) => {
    const { id, z: zoom, x, y } = c.req.valid('param');
    const { time, style, ...query } = c.req.valid('query');
    const tile = parseTile(zoom, x, y);
    const entry = await c.var.services.catalogue.getAsOf(id, c.var.caller.role, parseAt(query.at));
    return entry.layer.geometry === 'raster'
      ? answerPicture(c, entry, tile, { time, style, version: query.v })
      : answerTile(c, [entry], tile, query);
  },
);

/** The vector layers that a comma-separated list names, each once. Throws for what may not be in one tile. */
export async function vectorEntries(
  c: Context<AppEnv>,
  ids: string,
  field: string,
  at?: string,
): Promise<CatalogueEntry[]> {
  const names = [...new Set(ids.split(','))];
  if (names.length > MOST_LAYERS) {
    throw new ApiError('PARAMETER_INVALID', `${field}: ${names.length} layers, at most ${MOST_LAYERS} in one tile`, {
      field,
    });
  }
  const entries: CatalogueEntry[] = [];
  for (const name of names) {
    const entry = await c.var.services.catalogue.getAsOf(name, c.var.caller.role, parseAt(at));
    if (entry.layer.geometry === 'raster') {
      throw new ApiError('PARAMETER_INVALID', `${field}: ${name} is a raster and has pictures of its own`, { field });
    }
    entries.push(entry);
  }
  return entries;
}

const LayerIds = z.object({
  ids: z
    .string()
    .min(1)
    .openapi({ param: { name: 'ids', in: 'path' }, example: 'water_area,road_centerline' }),
});

export const readTiles = endpoint(
  createRoute({
    method: 'get',
    path: '/api/tiles/{ids}/{z}/{x}/{y}',
    tags: ['tiles'],
    summary: 'A vector tile of several layers, one MVT layer each',
    request: {
      params: LayerIds.extend(TileParameters),
      query: TILE_QUERY,
    },
    responses: TILE_RESPONSES,
  }),
  async (c) => {
    const { ids, z: zoom, x, y } = c.req.valid('param');
    const query = c.req.valid('query');
    const tile = parseTile(zoom, x, y);
    return answerTile(c, await vectorEntries(c, ids, 'ids', query.at), tile, query);
  },
);

const TILEJSON_TYPE: Record<FieldType, 'String' | 'Number' | 'Boolean'> = {
  string: 'String',
  int: 'Number',
  number: 'Number',
  bool: 'Boolean',
  date: 'String',
  datetime: 'String',
};

const TileJson = z
  .object({
    tilejson: z.literal('3.0.0'),
    name: z.string(),
    version: z.string(),
    scheme: z.literal('xyz'),
    /** `raster`: pictures of 256 pixels; `vector`: MVT. */
    type: z.enum(['raster', 'vector']),
    format: z.enum(['png', 'pbf']),
    /** Of a raster: the times of its pictures, oldest first, for `?time=`; and how it can be drawn, for `?style=`. */
    times: z.array(z.string()).optional(),
    styles: z.array(z.enum(RASTER_STYLES)).optional(),
    tiles: z.array(z.string()),
    minzoom: z.number().int(),
    maxzoom: z.number().int(),
    bounds: z.array(z.number()).optional(),
    vector_layers: z
      .array(
        z.object({
          id: z.string(),
          description: z.string(),
          minzoom: z.number().int(),
          maxzoom: z.number().int(),
          fields: z.record(z.string(), z.string()),
        }),
      )
      .optional(),
  })
  .openapi('TileJson');

function vectorLayer(layer: Layer, fields: ReturnType<typeof tileFields>) {
  return {
    id: layer.id,
    description: `${layer.title.zh} / ${layer.title.en}`,
    minzoom: minzoomOf(layer),
    maxzoom: maxzoomOf(layer),
    fields: Object.fromEntries(fields.map(([name, field]) => [name, TILEJSON_TYPE[field.type]])),
  };
}

/** What the tiles of a layer hold: its features, and their names where they are asked for. */
function vectorLayers(layer: Layer, role: Role, labels: string | undefined) {
  const own = vectorLayer(layer, tileFields(layer, role));
  if (labels !== '1' || !hasLabels(layer)) return [own];
  const title = labelField(layer, role);
  const fields = title === null ? {} : { [title[0]]: TILEJSON_TYPE[title[1].type] };
  return [own, { ...own, id: labelLayerOf(layer), description: `${own.description} (label)`, fields }];
}

function tileJsonRoute(path: string, summary: string) {
  return endpoint(
    createRoute({
      method: 'get',
      path,
      tags: ['tiles'],
      summary,
      request: { params: LayerId, query: z.object({ at: AtParameter, labels: LabelsParameter }) },
      responses: {
        200: json(TileJson, 'Where the tiles are and what is in them'),
        304: NOT_MODIFIED,
        404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
        410: failure('VERSION_GONE'),
      },
    }),
    async (c) => {
      const { role } = c.var.caller;
      const { at, labels } = c.req.valid('query');
      const { layer, state } = await c.var.services.catalogue.getAsOf(c.req.valid('param').id, role, parseAt(at));
      const version = String(state?.loadId ?? 0);
      const isRaster = layer.geometry === 'raster';
      const pictures = state?.pictures;
      const first = pictures?.[0];
      const query = `?${at ? `at=${encodeURIComponent(at)}&` : ''}v=${version}${labels === '1' ? '&labels=1' : ''}`;
      const body = {
        tilejson: '3.0.0' as const,
        name: layer.id,
        version: `${version}.0.0`,
        scheme: 'xyz' as const,
        type: isRaster ? ('raster' as const) : ('vector' as const),
        format: isRaster ? ('png' as const) : ('pbf' as const),
        tiles: [`${originOf(c)}/api/layers/${layer.id}/tiles/{z}/{x}/{y}${query}`],
        minzoom: minzoomOf(layer),
        maxzoom: maxzoomOf(layer),
        ...(state?.bbox ? { bounds: state.bbox } : {}),
        ...(pictures && first
          ? { times: pictures.flatMap(({ time }) => time ?? []), styles: stylesOf(layer, first) }
          : {}),
        ...(isRaster ? {} : { vector_layers: vectorLayers(layer, role, labels) }),
      };
      const tag = entityTag(JSON.stringify(body));
      const headers = cacheHeaders([layer], tag);
      return hasCurrent(c, tag) ? notModified(c, headers) : c.json(body, 200, headers);
    },
  );
}

export const readTileJson = tileJsonRoute('/api/layers/{id}/tilejson', 'TileJSON 3.0 of a layer');
/** GDAL's driver for vector tiles looks for it in the folder of the zooms. */
export const readTileMetadata = tileJsonRoute(
  '/api/layers/{id}/tiles/metadata.json',
  'TileJSON 3.0 of a layer, where GDAL looks for it',
);

export const readTilesJson = endpoint(
  createRoute({
    method: 'get',
    path: '/api/tiles/{ids}/tilejson',
    tags: ['tiles'],
    summary: 'TileJSON 3.0 of several layers in one tile',
    request: { params: LayerIds, query: z.object({ labels: LabelsParameter }) },
    responses: {
      200: json(TileJson, 'Where the tiles are and what is in them'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { labels } = c.req.valid('query');
    const entries = await vectorEntries(c, c.req.valid('param').ids, 'ids');
    const layers = entries.map(({ layer }) => layer);
    const loads = entries.map(({ state }) => state?.loadId ?? 0);
    const ids = layers.map(({ id }) => id).join(',');
    const bounds = boundsOf(entries.map(({ state }) => state?.bbox ?? null));
    const body = {
      tilejson: '3.0.0' as const,
      name: ids,
      version: `${Math.max(...loads)}.0.0`,
      scheme: 'xyz' as const,
      type: 'vector' as const,
      format: 'pbf' as const,
      tiles: [`${originOf(c)}/api/tiles/${ids}/{z}/{x}/{y}?v=${loads.join(',')}${labels === '1' ? '&labels=1' : ''}`],
      minzoom: Math.min(...layers.map(minzoomOf)),
      maxzoom: Math.max(...layers.map(maxzoomOf)),
      ...(bounds === null ? {} : { bounds }),
      vector_layers: layers.flatMap((layer) => vectorLayers(layer, role, labels)),
    };
    const tag = entityTag(JSON.stringify(body));
    const headers = cacheHeaders(layers, tag);
    return hasCurrent(c, tag) ? notModified(c, headers) : c.json(body, 200, headers);
  },
);
