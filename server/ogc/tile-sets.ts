import type { Layer } from '../../layers/define.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { boundsOf } from '../tiles/bounds.ts';
import { maxzoomOf, minzoomOf } from '../tiles/layer-tile.ts';
import { DEEPEST_ZOOM, HALF_WORLD } from '../tiles/tile.ts';
import { CRS84, CRS_LIST } from './crs.ts';
import { JSON_TYPE, type Link, MVT_TYPE, OGC_ROOT } from './links.ts';
import { tileMatrixSetLimits } from './tile-limits.ts';

export const MATRIX_SET = 'WebMercatorQuad';
export const MATRIX_SET_URI = `http://www.opengis.net/def/tilematrixset/OGC/1.0/${MATRIX_SET}`;
const MERCATOR_URI = CRS_LIST.find(({ srid }) => srid === 3857)?.uri;
/** Metres of a pixel of the standard's display. */
const PIXEL = 0.00028;

/** The definition of WebMercatorQuad down to the deepest zoom served. */
export function tileMatrixSet(): Record<string, unknown> {
  return {
    id: MATRIX_SET,
    title: 'Google Maps Compatible for the World',
    uri: MATRIX_SET_URI,
    crs: MERCATOR_URI,
    orderedAxes: ['X', 'Y'],
    wellKnownScaleSet: 'http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible',
    tileMatrices: Array.from({ length: DEEPEST_ZOOM + 1 }, (_, zoom) => {
      const cellSize = (2 * HALF_WORLD) / 256 / 2 ** zoom;
      return {
        id: String(zoom),
        scaleDenominator: cellSize / PIXEL,
        cellSize,
        cornerOfOrigin: 'topLeft',
        pointOfOrigin: [-HALF_WORLD, HALF_WORLD],
        tileWidth: 256,
        tileHeight: 256,
        matrixWidth: 2 ** zoom,
        matrixHeight: 2 ** zoom,
      };
    }),
  };
}

/** What a set of tiles is of: one layer, or several in one tile. */
export interface TileSetSource {
  layers: readonly { layer: Layer; state: LayerState | null }[];
  title: string;
  /** Path of the resource that has the tiles, below the root: `/collections/poi` or nothing. */
  path: string;
  /** Address of the TileJSON. */
  tileJson: string;
}

/** What every tile of a set is asked by. */
function tileLink(path: string, origin: string): Link {
  return {
    rel: 'item',
    href: `${origin}${OGC_ROOT}${path}/tiles/${MATRIX_SET}/{tileMatrix}/{tileRow}/{tileCol}`,
    type: MVT_TYPE,
    title: 'Tiles',
    templated: true,
  };
}

/** An entry of a list of tile sets. */
export function tileSetItem({ title, path, layers }: TileSetSource, origin: string): Record<string, unknown> {
  return {
    title,
    dataType: 'vector',
    crs: MERCATOR_URI,
    tileMatrixSetId: MATRIX_SET,
    tileMatrixSetURI: MATRIX_SET_URI,
    tileMatrixSetLimits: tileMatrixSetLimits(layers),
    links: [
      { rel: 'self', href: `${origin}${OGC_ROOT}${path}/tiles/${MATRIX_SET}`, type: JSON_TYPE, title },
      tileLink(path, origin),
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme',
        href: `${origin}${OGC_ROOT}/tileMatrixSets/${MATRIX_SET}`,
        type: JSON_TYPE,
        title: MATRIX_SET,
      },
    ] satisfies Link[],
  };
}

/** The metadata of a set of tiles: what is in them, from which zoom to which, and the address of a tile. */
export function tileSet(source: TileSetSource, origin: string, links: readonly Link[]): Record<string, unknown> {
  const { layers, title, path, tileJson } = source;
  const bounds = boundsOf(layers.map(({ state }) => state?.bbox ?? null));
  return {
    ...tileSetItem(source, origin),
    title,
    ...(bounds === null
      ? {}
      : { boundingBox: { lowerLeft: bounds.slice(0, 2), upperRight: bounds.slice(2), crs: CRS84.uri } }),
    layers: layers.map(({ layer }) => ({
      id: layer.id,
      title: `${layer.title.zh} / ${layer.title.en}`,
      dataType: 'vector',
      geometryDimension: { point: 0, table: 0, line: 1, polygon: 2, raster: 2 }[layer.geometry],
      minTileMatrix: String(minzoomOf(layer)),
      maxTileMatrix: String(maxzoomOf(layer)),
    })),
    links: [
      ...links,
      tileLink(path, origin),
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme',
        href: `${origin}${OGC_ROOT}/tileMatrixSets/${MATRIX_SET}`,
        type: JSON_TYPE,
        title: MATRIX_SET,
      },
      { rel: 'describedby', href: tileJson, type: JSON_TYPE, title: 'TileJSON 3.0.0' },
    ],
  };
}
