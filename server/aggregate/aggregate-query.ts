import { ApiError } from '../errors.ts';
import type { CellLevel, FieldRef, Predicate } from '../filter/predicate.ts';

/** What is asked about the rows that match: a metric, per group of one grouping, of two crossed, or over all. */
export interface AggregateQuery {
  predicate: Predicate;
  metric: Metric;
  /** None, one, or two. */
  by: readonly Grouping[];
}

export type Metric =
  | { kind: 'count' }
  /** Of the rows of a group those that satisfy `of`, too; without it, the group's part of all rows. */
  | { kind: 'share'; of: Predicate | null }
  /** Over the rows with a value. */
  | { kind: 'sum' | 'avg' | 'min' | 'max' | 'distinct'; field: FieldRef };

export const TIME_UNITS = ['hour', 'day', 'week', 'month', 'year'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

export type Grouping =
  | { kind: 'h3'; res: number }
  | { kind: 'cells'; by: CellLevel }
  /** Each value of a text, whole number or yes-no. */
  | { kind: 'values'; field: FieldRef }
  /** Half-open bands between ascending breaks, one below the first and one from the last on. */
  | { kind: 'bands'; field: FieldRef; breaks: readonly number[] }
  /** The same of completed years from a date to the day `on`. */
  | { kind: 'age'; field: FieldRef; breaks: readonly number[]; on: string }
  /** Calendar units of China Standard Time (UTC+8); weeks begin on Monday. */
  | { kind: 'time'; field: FieldRef; unit: TimeUnit };

/** A group is named by text, number or yes-no, see `bucketKey`. */
export type Key = string | number | boolean;

/** Groups in ascending order of their keys, first grouping first. Groups without a row are left out. */
export interface Groups {
  /** One array per grouping, one key per group in each. */
  keys: Key[][];
  /** Rows per group; of a metric on a field, rows with a value. */
  counts: number[];
  /**
   * The metric per group, null for `count` and for the share of all. Dates are days and times microseconds since 2000-01-01.
   * Of `share` with `of` it is the number of rows that satisfy it.
   */
  values: number[] | null;
  /** Rows that belong to no group: without a place, a code, or a value to group by. */
  outside: number;
  /** Of `share` with `of`: how many of those satisfy it. */
  outsidePart: number;
  /** The metric over all rows, in a group or not; null where there is no value. */
  overall: number | null;
}

/** More groups than anybody can look at: the question was another one. */
export const MOST_GROUPS = 200_000;

export function tooManyGroups(): ApiError {
  return new ApiError(
    'PARAMETER_INVALID',
    `by: there are more than ${MOST_GROUPS} groups; take wider bands, a coarser resolution or a smaller area`,
    { field: 'by' },
  );
}
