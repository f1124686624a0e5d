/** OGC API: vector tiles of collections and of the whole. The tiles are those of `tiles.ts`, rows before columns. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { CatalogueEntry } from '../catalogue.ts';
import { ApiError } from '../errors.ts';
import { isCollection } from '../ogc/collection.ts';
import { answer, formatOf } from '../ogc/format.ts';
import { JSON_TYPE, OGC_ROOT, selfLinks } from '../ogc/links.ts';
import {
  MATRIX_SET,
  MATRIX_SET_URI,
  tileMatrixSet,
  tileSet,
  tileSetItem,
  type TileSetSource,
} from '../ogc/tile-sets.ts';
import { isWithinLimits } from '../ogc/tile-limits.ts';
import { parseTile, type Tile } from '../tiles/tile.ts';
import { requireTable } from './features.ts';
import { CollectionId, described, FormatParameter, FormatQuery, Links } from './ogc.ts';
import { addressOf, originOf } from './origin.ts';
import { failure } from './parameters.ts';
import { type AppEnv, endpoint } from './router.ts';
import { answerTile, MOST_LAYERS, TILE_RESPONSES, vectorEntries } from './tiles.ts';

/** Class of the layers that are in a tile of the whole when it names none: the base map. */
const BASE_CLASS = 'base_geography';

const MatrixSetId = z.object({
  tileMatrixSetId: z.string().openapi({ param: { name: 'tileMatrixSetId', in: 'path' }, example: MATRIX_SET }),
});
const TilePlace = MatrixSetId.extend({
  tileMatrix: z.string().openapi({ param: { name: 'tileMatrix', in: 'path' }, example: '14' }),
  tileRow: z.string().openapi({ param: { name: 'tileRow', in: 'path' }, example: '7100' }),
  tileCol: z.string().openapi({ param: { name: 'tileCol', in: 'path' }, example: '13338' }),
});
const CollectionsParameter = z
  .string()
  .optional()
  .openapi({
    description: `Collections in the tile, comma-separated, at most ${MOST_LAYERS}; without it the base map`,
  });
/** Clients write the format of the tile into the address; there is one. */
const TileFormat = z.enum(['mvt']).optional();

const TileSets = z.object({ tilesets: z.array(z.looseObject({ title: z.string(), links: Links })), links: Links });
const TileSet = z.looseObject({ title: z.string(), dataType: z.literal('vector'), links: Links });
const MatrixSetList = z.object({ tileMatrixSets: z.array(z.looseObject({ id: z.string() })), links: Links });

const OGC_TILE_RESPONSES = {
  ...TILE_RESPONSES,
  404: failure('TILE_NOT_FOUND, LAYER_NOT_FOUND'),
} as const;

function requireMatrixSet(id: string): void {
  if (id !== MATRIX_SET) {
    throw new ApiError('TILE_NOT_FOUND', `There is no tile matrix set "${id.slice(0, 64)}"; there is ${MATRIX_SET}.`, {
      field: 'tileMatrixSetId',
      value: id,
    });
  }
}

/** The collection an address names, which has tiles. */
async function collectionEntry(c: Context<AppEnv>, id: string): Promise<CatalogueEntry> {
  const entry = await c.var.services.catalogue.get(id, c.var.caller.role);
  requireTable(entry.layer);
  return entry;
}

function collectionSource(entry: CatalogueEntry, origin: string): TileSetSource {
  const { id, title } = entry.layer;
  return {
    layers: [entry],
    title: `${title.zh} / ${title.en}`,
    path: `/collections/${id}`,
    tileJson: `${origin}/api/layers/${id}/tilejson`,
  };
}

/** The layers of a tile of the whole: those named, or the base map. */
async function wholeEntries(c: Context<AppEnv>, collections: string | undefined): Promise<CatalogueEntry[]> {
  if (collections !== undefined) return vectorEntries(c, collections, 'collections');
  const all = await c.var.services.catalogue.list(c.var.caller.role);
  return all.filter((entry) => isCollection(entry) && entry.layer.class === BASE_CLASS).slice(0, MOST_LAYERS);
}

function wholeSource(entries: readonly CatalogueEntry[], origin: string): TileSetSource {
  const ids = entries.map(({ layer }) => layer.id).join(',');
  return {
    layers: entries,
    title: '矢量底图 / Base map',
    path: '',
    tileJson: `${origin}/api/tiles/${ids}/tilejson`,
  };
}

/** A tile of what an address names. Beyond the limits that its tile set tells there is none. */
function tileWithin(entries: readonly CatalogueEntry[], matrix: string, row: string, column: string): Tile {
  const tile = parseTile(matrix, column, row);
  if (!isWithinLimits(entries, tile)) {
    throw new ApiError('TILE_NOT_FOUND', `Row ${tile.y}, column ${tile.x} is beyond the limits of the tile set.`, {
      field: 'tileRow',
      value: row,
    });
  }
  return tile;
}

export const listTileMatrixSets = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/tileMatrixSets`,
    tags: ['ogc'],
    summary: 'OGC API: tile matrix sets',
    request: { query: FormatQuery },
    responses: described(MatrixSetList, 'The sets'),
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const href = `${originOf(c)}${OGC_ROOT}/tileMatrixSets/${MATRIX_SET}`;
    return answer(c, format, JSON_TYPE, 'Tile matrix sets', {
      tileMatrixSets: [
        {
          id: MATRIX_SET,
          title: MATRIX_SET,
          uri: MATRIX_SET_URI,
          links: [{ rel: 'self', href, type: JSON_TYPE, title: MATRIX_SET }],
        },
      ],
      links: selfLinks(addressOf(c), JSON_TYPE, format === 'html'),
    });
  },
);

export const readTileMatrixSet = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/tileMatrixSets/{tileMatrixSetId}`,
    tags: ['ogc'],
    summary: 'OGC API: a tile matrix set',
    request: { params: MatrixSetId, query: FormatQuery },
    responses: { ...described(z.looseObject({ id: z.string() }), 'The set'), 404: failure('TILE_NOT_FOUND') },
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    requireMatrixSet(c.req.valid('param').tileMatrixSetId);
    return answer(c, format, JSON_TYPE, MATRIX_SET, tileMatrixSet());
  },
);

export const listTileSets = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/tiles`,
    tags: ['ogc'],
    summary: 'OGC API: tile sets of the whole',
    request: { query: FormatQuery },
    responses: described(TileSets, 'The tile sets'),
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const origin = originOf(c);
    return answer(c, format, JSON_TYPE, '矢量瓦片 / Vector tiles', {
      tilesets: [tileSetItem(wholeSource(await wholeEntries(c, undefined), origin), origin)],
      links: selfLinks(addressOf(c), JSON_TYPE, format === 'html'),
    });
  },
);

export const readTileSet = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/tiles/{tileMatrixSetId}`,
    tags: ['ogc'],
    summary: 'OGC API: the tile set of the whole',
    request: {
      params: MatrixSetId,
      query: z.strictObject({ f: FormatParameter, collections: CollectionsParameter }),
    },
    responses: { ...described(TileSet, 'What is in the tiles'), 404: failure('TILE_NOT_FOUND, LAYER_NOT_FOUND') },
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    requireMatrixSet(c.req.valid('param').tileMatrixSetId);
    const entries = await wholeEntries(c, c.req.valid('query').collections);
    const source = wholeSource(entries, originOf(c));
    const self = selfLinks(addressOf(c), JSON_TYPE, format === 'html');
    return answer(c, format, JSON_TYPE, source.title, tileSet(source, originOf(c), self));
  },
);

export const readOgcTiles = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}`,
    tags: ['ogc'],
    summary: 'OGC API: a tile of several collections',
    request: {
      params: TilePlace,
      query: z.strictObject({ f: TileFormat, collections: CollectionsParameter }),
    },
    responses: OGC_TILE_RESPONSES,
  }),
  async (c) => {
    const { tileMatrixSetId, tileMatrix, tileRow, tileCol } = c.req.valid('param');
    requireMatrixSet(tileMatrixSetId);
    const entries = await wholeEntries(c, c.req.valid('query').collections);
    return answerTile(c, entries, tileWithin(entries, tileMatrix, tileRow, tileCol), {});
  },
);

export const listCollectionTileSets = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}/tiles`,
    tags: ['ogc'],
    summary: 'OGC API: tile sets of a collection',
    request: { params: CollectionId, query: FormatQuery },
    responses: { ...described(TileSets, 'The tile sets'), 404: failure('LAYER_NOT_FOUND') },
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const entry = await collectionEntry(c, c.req.valid('param').collectionId);
    const source = collectionSource(entry, originOf(c));
    return answer(c, format, JSON_TYPE, source.title, {
      tilesets: [tileSetItem(source, originOf(c))],
      links: selfLinks(addressOf(c), JSON_TYPE, format === 'html'),
    });
  },
);

export const readCollectionTileSet = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}/tiles/{tileMatrixSetId}`,
    tags: ['ogc'],
    summary: 'OGC API: the tile set of a collection',
    request: { params: CollectionId.extend(MatrixSetId.shape), query: FormatQuery },
    responses: { ...described(TileSet, 'What is in the tiles'), 404: failure('TILE_NOT_FOUND, LAYER_NOT_FOUND') },
  }),
  async (c) => {
    const format = formatOf(c, [JSON_TYPE]);
    const { collectionId, tileMatrixSetId } = c.req.valid('param');
    const entry = await collectionEntry(c, collectionId);
    requireMatrixSet(tileMatrixSetId);
    const source = collectionSource(entry, originOf(c));
    const self = selfLinks(addressOf(c), JSON_TYPE, format === 'html');
    return answer(c, format, JSON_TYPE, source.title, tileSet(source, originOf(c), self));
  },
);

export const readCollectionTile = endpoint(
  createRoute({
    method: 'get',
    path: `${OGC_ROOT}/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}`,
    tags: ['ogc'],
    summary: 'OGC API: a tile of a collection',
    request: { params: CollectionId.extend(TilePlace.shape), query: z.strictObject({ f: TileFormat }) },
    responses: OGC_TILE_RESPONSES,
  }),
  async (c) => {
    const { collectionId, tileMatrixSetId, tileMatrix, tileRow, tileCol } = c.req.valid('param');
    const entry = await collectionEntry(c, collectionId);
    requireMatrixSet(tileMatrixSetId);
    return answerTile(c, [entry], tileWithin([entry], tileMatrix, tileRow, tileCol), {});
  },
);
