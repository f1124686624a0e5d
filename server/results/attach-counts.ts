import type { CellLevel } from '../filter/predicate.ts';

/** What became of the rows of a table that was attached to boundaries. rows = matched + unmatched + duplicate + empty. */
export interface AttachCounts {
  level: CellLevel;
  /** Column with the codes, and the one that colours the map. */
  code: string;
  value: string | null;
  rows: number;
  matched: number;
  /** Rows whose code no boundary has, whose code an earlier row had, and without one. */
  unmatched: number;
  duplicate: number;
  empty: number;
  /** Boundaries there are, and those that no row is for. */
  boundaries: number;
  missing: number;
  encoding: string;
  examples: { unmatched: string[]; duplicate: string[] };
}
