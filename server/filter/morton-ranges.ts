import { columnOf, DEEPEST_ZOOM, rowOf } from '../tiles/tile.ts';
import type { Bbox } from './predicate.ts';

/** Keys from `low` up to, not including, `high`. */
export interface KeyRange {
  low: number;
  high: number;
}

const WIDTH = 2 ** DEEPEST_ZOOM;

/** A part of the world as tile numbers of zoom 22, borders included. */
interface Window {
  west: number;
  east: number;
  north: number;
  south: number;
}

/** A tile of some zoom and its Morton key there: x in the even bits, y in the odd ones. */
interface KeyedTile {
  x: number;
  y: number;
  key: number;
}

/**
 * Ranges of `qk` that hold every point of a box (and points around it: what lies inside, the coordinates must decide).
 * Ascending and apart from each other.
 * @param most ranges at most, at least 4
 */
export function mortonRanges([west, south, east, north]: Bbox, most = 16): KeyRange[] {
  // One more tile on each side: keys are rounded, and not everywhere by the same formula.
  const window: Window = {
    west: clamp(columnOf(west) - 1),
    east: clamp(columnOf(east) + 1),
    north: clamp(rowOf(north) - 1),
    south: clamp(rowOf(south) + 1),
  };
  let tiles: KeyedTile[] = [{ x: 0, y: 0, key: 0 }];
  let ranges: KeyRange[] = [{ low: 0, high: WIDTH * WIDTH }];
  for (let size = WIDTH / 2; size >= 1; size /= 2) {
    tiles = children(tiles, size, window);
    if (tiles.length > 4 * most) break;
    const finer = joined(tiles, size * size);
    if (finer.length > most) break;
    ranges = finer;
  }
  return ranges;
}

function clamp(number: number): number {
  return Math.min(WIDTH - 1, Math.max(0, number));
}

/** The quarters of tiles that meet the window, in the order of their keys. `size` is theirs in tiles of zoom 22. */
function children(tiles: readonly KeyedTile[], size: number, { west, east, north, south }: Window): KeyedTile[] {
  const found: KeyedTile[] = [];
  for (const tile of tiles) {
    for (let n = 0; n < 4; n += 1) {
      const x = tile.x * 2 + (n & 1);
      const y = tile.y * 2 + (n >> 1);
      const meets = x * size <= east && (x + 1) * size > west && y * size <= south && (y + 1) * size > north;
      if (meets) found.push({ x, y, key: tile.key * 4 + n });
    }
  }
  return found;
}

/** The keys of tiles, of which each has `size`; neighbouring ranges as one. */
function joined(tiles: readonly KeyedTile[], size: number): KeyRange[] {
  const ranges: KeyRange[] = [];
  for (const { key } of tiles) {
    const last = ranges.at(-1);
    if (last?.high === key * size) last.high += size;
    else ranges.push({ low: key * size, high: (key + 1) * size });
  }
  return ranges;
}
