import type { Context } from '../context.ts';
import type { Row } from '../files/row.ts';
import { type Point, toBoard } from '../plane.ts';
import type { Theme } from './delivery.ts';

/** A row of another layer with its place on the board: how one layer's rows name true objects of another. */
export interface Neighbour {
  values: Row['values'];
  at: Point;
}

/** The located rows of a small layer, as its own theme makes them. */
export function deliveredRows(theme: Theme, id: string, context: Context): Neighbour[] {
  const delivery = theme[id]?.(context);
  if (!delivery) throw new Error(`no delivery for ${id}`);
  return [...delivery.rows].flatMap(({ values, shape }) =>
    shape?.type === 'Point' ? [{ values, at: toBoard(shape.at[0], shape.at[1]) }] : [],
  );
}

/** The nearest of some rows. */
export function nearestRow(rows: readonly Neighbour[], at: Point): Neighbour {
  let best: Neighbour | undefined;
  let distance = Infinity;
  for (const row of rows) {
    const d = Math.hypot(row.at[0] - at[0], row.at[1] - at[1]);
    if (d < distance) [best, distance] = [row, d];
  }
  if (!best) throw new Error('nothing to be near to');
  return best;
}
