import { ApiError } from '../errors.ts';
import { EXTENT } from './mvt.ts';

/** A tile of the Web Mercator quadtree, y from the north. */
export interface Tile {
  z: number;
  x: number;
  y: number;
}

/** Points carry their place as integers of zoom 22 in `qk`, so that is as deep as tiles go. */
export const DEEPEST_ZOOM = 22;
/** Places beyond this latitude are kept in the first and last row. */
const HIGHEST = 85.05112877980659;
export const HALF_WORLD = 20_037_508.342789244;

function parseNumber(text: string, field: 'z' | 'x' | 'y', limit: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value <= limit)) {
    throw new ApiError('TILE_INVALID', `${field}=${text.slice(0, 32)} is not a tile number from 0 to ${limit}`, {
      field,
      value: text,
    });
  }
  return value;
}

/** Reads tile numbers from a path. `y` may carry the suffix `.mvt`, `.pbf` or `.png`. Throws `TILE_INVALID`. */
export function parseTile(z: string, x: string, y: string): Tile {
  const zoom = parseNumber(z, 'z', DEEPEST_ZOOM);
  const limit = 2 ** zoom - 1;
  return {
    z: zoom,
    x: parseNumber(x, 'x', limit),
    y: parseNumber(y.replace(/\.(mvt|pbf|png)$/, ''), 'y', limit),
  };
}

/** The column of the tiles of zoom 22 in which a longitude lies. */
export function columnOf(lon: number): number {
  return withinWorld(Math.floor((lon / 360 + 0.5) * 2 ** DEEPEST_ZOOM));
}

/** The row of the tiles of zoom 22 in which a latitude lies, from the north. */
export function rowOf(lat: number): number {
  const sine = Math.sin((Math.min(HIGHEST, Math.max(-HIGHEST, lat)) * Math.PI) / 180);
  return withinWorld(Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** DEEPEST_ZOOM));
}

function withinWorld(number: number): number {
  return Math.min(2 ** DEEPEST_ZOOM - 1, Math.max(0, number));
}

/** The bits of a number up to 2^22, each moved to twice its place. */
function spread(value: number): number {
  let result = 0;
  for (let bit = 0; bit < DEEPEST_ZOOM; bit++) result += ((value >>> bit) & 1) * 4 ** bit;
  return result;
}

/** Morton key of a position at zoom 22: x in the even bits, y in the odd ones. */
export function mortonKey(x: number, y: number): number {
  return spread(x) + 2 * spread(y);
}

/** The Morton keys of zoom 22 in a tile: from `low` up to, not including, `high`. */
export function keyRange(tile: Tile): { low: number; high: number } {
  const size = 4 ** (DEEPEST_ZOOM - tile.z);
  const key = mortonKey(tile.x, tile.y);
  return { low: key * size, high: (key + 1) * size };
}

/** Tile units drawn beyond the tile's edge, so that outlines do not show at the seams. */
export const BUFFER = 64;

/** A tile in metres of EPSG:3857. `perMetre` is tile units per metre. */
export interface TileFrame {
  west: number;
  south: number;
  east: number;
  north: number;
  perMetre: number;
}

/** Width of the tiles of a zoom in metres of EPSG:3857. */
export function tileSize(z: number): number {
  return (2 * HALF_WORLD) / 2 ** z;
}

/** The tile of a zoom in which a position of EPSG:3857 lies; positions beyond the edge of the world belong to the tile at it. */
export function tileAt(z: number, x: number, y: number): Tile {
  const size = tileSize(z);
  const last = 2 ** z - 1;
  const within = (value: number): number => Math.min(last, Math.max(0, Math.floor(value / size)));
  return { z, x: within(x + HALF_WORLD), y: within(HALF_WORLD - y) };
}

export function frameOf(tile: Tile): TileFrame {
  const size = tileSize(tile.z);
  const west = -HALF_WORLD + tile.x * size;
  const north = HALF_WORLD - tile.y * size;
  return { west, north, east: west + size, south: north - size, perMetre: EXTENT / size };
}
