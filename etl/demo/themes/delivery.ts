import type { Context } from '../context.ts';
import type { Row } from '../files/row.ts';

/** How one layer's file is filled. */
export interface Delivery {
  /** Good rows to come, about: it spaces out the planted faults. */
  expected: number;
  rows: Iterable<Row>;
}

export type Theme = Record<string, (context: Context) => Delivery>;

/** A delivery whose rows are few enough to be counted first. */
export function listed(rows: readonly Row[]): Delivery {
  return { expected: rows.length, rows };
}
