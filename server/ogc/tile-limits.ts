import type { LayerState } from '../queries/layer-state.ts';
import type { Layer } from '../../layers/define.ts';
import { boundsOf } from '../tiles/bounds.ts';
import { maxzoomOf, minzoomOf } from '../tiles/layer-tile.ts';
import { EXTENT } from '../tiles/mvt.ts';
import { columnOf, DEEPEST_ZOOM, rowOf, type Tile } from '../tiles/tile.ts';

/** Rows and columns of a tile matrix in which there may be something. */
export interface TileLimits {
  minTileRow: number;
  maxTileRow: number;
  minTileCol: number;
  maxTileCol: number;
}

interface TileContent {
  layer: Layer;
  state: LayerState | null;
}

/** Of a tile: shapes are drawn a little beyond the edge of theirs. */
const BUFFER = 64 / EXTENT;

/** Rows and columns of a zoom in which there may be something of the layers; null where nothing has a place. */
export function tileLimits(content: readonly TileContent[], z: number): TileLimits | null {
  const bounds = boundsOf(content.map(({ state }) => state?.bbox ?? null));
  if (bounds === null) return null;
  const [west, south, east, north] = bounds;
  const size = 2 ** (DEEPEST_ZOOM - z);
  const margin = Math.ceil(size * BUFFER);
  const at = (place: number): number => Math.min(2 ** z - 1, Math.max(0, Math.floor(place / size)));
  return {
    minTileRow: at(rowOf(north) - margin),
    maxTileRow: at(rowOf(south) + margin),
    minTileCol: at(columnOf(west) - margin),
    maxTileCol: at(columnOf(east) + margin),
  };
}

/** The limits at each zoom at which something is shown, as tile sets tell them. */
export function tileMatrixSetLimits(content: readonly TileContent[]): ({ tileMatrix: string } & TileLimits)[] {
  const first = Math.min(DEEPEST_ZOOM, ...content.map(({ layer }) => minzoomOf(layer)));
  const last = Math.max(0, ...content.map(({ layer }) => maxzoomOf(layer)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).flatMap((z) => {
    const limits = tileLimits(content, z);
    return limits === null ? [] : [{ tileMatrix: String(z), ...limits }];
  });
}

/** Whether a tile lies where there may be something of the layers, as far as that is known. */
export function isWithinLimits(content: readonly TileContent[], { z, x, y }: Tile): boolean {
  const limits = tileLimits(content, z);
  if (limits === null) return true;
  return x >= limits.minTileCol && x <= limits.maxTileCol && y >= limits.minTileRow && y <= limits.maxTileRow;
}
