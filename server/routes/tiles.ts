import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { maskedFields } from '../../layers/access.ts';
import type { FieldType, Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { RASTER_STYLES } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import { EVERYTHING, type Predicate } from '../filter/predicate.ts';
import { stylesOf } from '../raster/paint.ts';
import { layerTile, maxzoomOf, minzoomOf, tileFields } from '../tiles/layer-tile.ts';
import { parseTile, type Tile } from '../tiles/tile.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import {
  failure,
  FilterParameter,
  json,
  LayerId,
  NOT_MODIFIED,
  TileParameters,
  VersionParameter,
} from './parameters.ts';
import { answerPicture, StyleParameter, TimeParameter } from './raster.ts';
import { endpoint, type AppEnv } from './router.ts';

const compress = promisify(gzip);
const COMPRESS_FROM = 1024;
const MOST_LAYERS = 40;
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

/** What a vector tile is made of. The filter applies to every layer of it. */
async function answerTile(
  c: Context<AppEnv>,
  entries: readonly CatalogueEntry[],
  tile: Tile,
  filter: string | undefined,
  version: string | undefined,
): Promise<Response> {
  const { role } = c.var.caller;
  const layers = entries.map(({ layer }) => layer);
  const predicates = layers.map((layer): Predicate => parseFilter(filter, layer, maskedFields(layer, role)));
  const loads = entries.map(({ state }) => state?.loadId ?? 0).join(',');
  const fields = layers.map((layer) => `${layer.id}:${tileFields(layer, role).map(([name]) => name)}`).join(';');
  const tag = entityTag('mvt', fields, loads, tile.z, tile.x, tile.y, JSON.stringify(predicates));
  // The versions that answer are those the address names, live or of then.
  const isNamed = entries.every(({ state }) => state !== null) && version === loads;
  const headers = cacheHeaders(layers, tag, isNamed);
  if (hasCurrent(c, tag)) return notModified(c, headers);

  const parts = await Promise.all(
    entries.map(({ layer, state }, index) =>
      state === null
        ? Buffer.alloc(0)
        : layerTile(c.var.services.db.sql, layer, role, tile, predicates[index] ?? EVERYTHING, state.table),
    ),
  );
  return answerMvt(c, parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), headers);
}

/** Sends the bytes of a vector tile, compressed where the caller takes it; 204 when nothing is in it. */
export async function answerMvt(c: Context<AppEnv>, body: Buffer, headers: Record<string, string>): Promise<Response> {
  if (body.length === 0) return c.body(null, 204, headers);
  if (body.length >= COMPRESS_FROM && /\bgzip\b/.test(c.req.header('Accept-Encoding') ?? '')) {
    // The fastest level: tiles are made often, and what stays in caches is small anyway.
    const zipped = await compress(body, { level: 1 });
    return c.body(new Uint8Array(zipped), 200, { ...headers, 'Content-Type': MVT, 'Content-Encoding': 'gzip' });
  }
  return c.body(new Uint8Array(body), 200, { ...headers, 'Content-Type': MVT });
}

export const readTile = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/tiles/{z}/{x}/{y}',
    tags: ['tiles'],
    summary: 'A tile of one layer: Mapbox Vector Tile 2.1, or a picture (PNG) of a raster layer',
    request: {
      params: LayerId.extend(TileParameters),
      query: z.object({
        v: VersionParameter,
        filter: FilterParameter,
        at: AtParameter,
        time: TimeParameter,
        style: StyleParameter,
      }),
    },
    responses: TILE_RESPONSES,
  }),
  async (c) => {
    const { id, z: zoom, x, y } = c.req.valid('param');
    const { v, filter, at, time, style } = c.req.valid('query');
    const tile = parseTile(zoom, x, y);
    const entry = await c.var.services.catalogue.getAsOf(id, c.var.caller.role, parseAt(at));
    return entry.layer.geometry === 'raster'
      ? answerPicture(c, entry, tile, { time, style, version: v })
      : answerTile(c, [entry], tile, filter, v);
  },
);

export const readTiles = endpoint(
  createRoute({
    method: 'get',
    path: '/api/tiles/{ids}/{z}/{x}/{y}',
    tags: ['tiles'],
    summary: 'A vector tile of several layers, one MVT layer each',
    request: {
      params: z.object({
        ids: z
          .string()
          .min(1)
          .openapi({ param: { name: 'ids', in: 'path' }, example: 'water_area,road_centerline' }),
        ...TileParameters,
      }),
      query: z.object({ v: VersionParameter, filter: FilterParameter, at: AtParameter }),
    },
    responses: TILE_RESPONSES,
  }),
  async (c) => {
    const { ids, z: zoom, x, y } = c.req.valid('param');
    const { v, filter, at } = c.req.valid('query');
    const tile = parseTile(zoom, x, y);
    const names = [...new Set(ids.split(','))];
    if (names.length > MOST_LAYERS) {
      throw new ApiError('PARAMETER_INVALID', `ids: ${names.length} layers, at most ${MOST_LAYERS} in one tile`, {
        field: 'ids',
      });
    }
    const entries: CatalogueEntry[] = [];
    for (const name of names) {
      const entry = await c.var.services.catalogue.getAsOf(name, c.var.caller.role, parseAt(at));
      if (entry.layer.geometry === 'raster') {
        throw new ApiError('PARAMETER_INVALID', `ids: ${name} is a raster and has pictures of its own`, {
          field: 'ids',
        });
      }
      entries.push(entry);
    }
    return answerTile(c, entries, tile, filter, v);
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

export const readTileJson = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/tilejson',
    tags: ['tiles'],
    summary: 'TileJSON 3.0 of a layer',
    request: { params: LayerId, query: z.object({ at: AtParameter }) },
    responses: {
      200: json(TileJson, 'Where the tiles are and what is in them'),
      304: NOT_MODIFIED,
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { at } = c.req.valid('query');
    const { layer, state } = await c.var.services.catalogue.getAsOf(c.req.valid('param').id, role, parseAt(at));
    const version = String(state?.loadId ?? 0);
    const { origin } = new URL(c.req.url);
    const isRaster = layer.geometry === 'raster';
    const pictures = state?.pictures;
    const first = pictures?.[0];
    const body = {
      tilejson: '3.0.0' as const,
      name: layer.id,
      version: `${version}.0.0`,
      scheme: 'xyz' as const,
      type: isRaster ? ('raster' as const) : ('vector' as const),
      format: isRaster ? ('png' as const) : ('pbf' as const),
      tiles: [
        `${origin}/api/layers/${layer.id}/tiles/{z}/{x}/{y}?${at ? `at=${encodeURIComponent(at)}&` : ''}v=${version}`,
      ],
      minzoom: minzoomOf(layer),
      maxzoom: maxzoomOf(layer),
      ...(state?.bbox ? { bounds: state.bbox } : {}),
      ...(pictures && first
        ? { times: pictures.flatMap(({ time }) => time ?? []), styles: stylesOf(layer, first) }
        : {}),
      ...(isRaster ? {} : { vector_layers: [vectorLayer(layer, tileFields(layer, role))] }),
    };
    const tag = entityTag(JSON.stringify(body));
    const headers = cacheHeaders([layer], tag);
    return hasCurrent(c, tag) ? notModified(c, headers) : c.json(body, 200, headers);
  },
);
