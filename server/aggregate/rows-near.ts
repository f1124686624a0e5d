import { boundsOf, type Predicate } from '../filter/predicate.ts';
import type { ColumnTable } from './column-table.ts';

/** Rows in a block. Rows stand in the order of their cells, so that those of a block lie close together. */
const BLOCK = 512;

/** West, south, east and north of each block of rows with a place, one after the other. */
const known = new WeakMap<ColumnTable, Float64Array>();

function boxesOf(table: ColumnTable): Float64Array {
  const made = known.get(table);
  if (made !== undefined) return made;
  const { lon, lat } = table;
  const boxes = new Float64Array(Math.ceil(lon.length / BLOCK) * 4);
  for (let block = 0; block * 4 < boxes.length; block++) {
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    const end = Math.min(lon.length, (block + 1) * BLOCK);
    for (let i = block * BLOCK; i < end; i++) {
      const [x, y] = [lon[i] as number, lat[i] as number];
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < south) south = y;
      if (y > north) north = y;
    }
    boxes.set([west, south, east, north], block * 4);
  }
  known.set(table, boxes);
  return boxes;
}

/**
 * The rows among which all matches are, as runs `[from, to)` in ascending order: of a condition that asks for an area the
 * blocks that reach into it, else all.
 */
export function rowsNear(table: ColumnTable, predicate: Predicate): readonly (readonly [number, number])[] {
  const bounds = table.lon.length === 0 ? null : boundsOf(predicate);
  if (bounds === null) return [[0, table.rows]];
  const [west, south, east, north] = bounds;
  const boxes = boxesOf(table);
  const runs: [number, number][] = [];
  for (let at = 0; at < boxes.length; at += 4) {
    const isNear =
      (boxes[at] as number) <= east &&
      (boxes[at + 1] as number) <= north &&
      (boxes[at + 2] as number) >= west &&
      (boxes[at + 3] as number) >= south;
    if (!isNear) continue;
    const from = (at / 4) * BLOCK;
    const to = Math.min(table.lon.length, from + BLOCK);
    const last = runs.at(-1);
    if (last?.[1] === from) last[1] = to;
    else runs.push([from, to]);
  }
  return runs;
}
