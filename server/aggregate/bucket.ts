import { daysSince2000 } from '../filter/in-units.ts';
import type { Grouping, Key } from './aggregate-query.ts';

/**
 * Groupings of numbers, dates and times: a value is in a bucket, a whole number that rises with the value (or falls with
 * it), and a bucket has a key. The column store and the SQL of `queries/aggregates.ts` compute the same buckets.
 */
export type BucketGrouping = Extract<Grouping, { kind: 'bands' | 'age' | 'time' }>;

/** From 1 March of the year 0, where the years of `civilDate` begin. */
const DAYS_TO_2000 = 730_425;
const MICROSECONDS_PER_HOUR = 3_600_000_000;
const MICROSECONDS_PER_DAY = 24 * MICROSECONDS_PER_HOUR;
/** China Standard Time has no summer time today, and instants are not read by that of 1986-1991. */
const ZONE = 8 * MICROSECONDS_PER_HOUR;
/** 2000-01-01 was a Saturday, five days after a Monday. */
const DAYS_FROM_MONDAY = 5;

/** Year, month 1-12 and day of a day since 2000-01-01, by the Gregorian calendar. Years begin in March in between. */
export function civilDate(day: number): { year: number; month: number; day: number } {
  const z = day + DAYS_TO_2000;
  const era = Math.floor(z / 146_097);
  const ofEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

function bandOf(breaks: readonly number[], value: number): number {
  let band = 0;
  while (band < breaks.length && value >= (breaks[band] as number)) band++;
  return band;
}

/** The bucket of a value in the units of its column: a number, days or microseconds since 2000-01-01. */
export function bucketOf(grouping: BucketGrouping): (value: number) => number {
  switch (grouping.kind) {
    case 'bands':
      return (value) => bandOf(grouping.breaks, value);
    case 'age': {
      const on = civilDate(daysSince2000(grouping.on));
      const turn = on.month * 100 + on.day;
      return (value) => {
        const born = civilDate(value);
        const years = on.year - born.year - (turn < born.month * 100 + born.day ? 1 : 0);
        return bandOf(grouping.breaks, years);
      };
    }
    case 'time': {
      const ofDay = bucketOfDay(grouping.unit);
      if (grouping.field.type === 'date') return ofDay;
      if (grouping.unit === 'hour') return (value) => Math.floor((value + ZONE) / MICROSECONDS_PER_HOUR);
      return (value) => ofDay(Math.floor((value + ZONE) / MICROSECONDS_PER_DAY));
    }
  }
}

function bucketOfDay(unit: Extract<Grouping, { kind: 'time' }>['unit']): (day: number) => number {
  switch (unit) {
    case 'hour':
      return (day) => day * 24;
    case 'day':
      return (day) => day;
    case 'week':
      return (day) => Math.floor((day + DAYS_FROM_MONDAY) / 7);
    case 'month':
      return (day) => {
        const { year, month } = civilDate(day);
        return year * 12 + month - 1;
      };
    case 'year':
      return (day) => civilDate(day).year;
  }
}

/** `[18,60)`, `(,18)` and `[60,)` for bands; `2026-03-01T13`, `2026-03-01` (weeks by their Monday), `2026-03`, `2026` for times. */
export function bucketKey(grouping: BucketGrouping, bucket: number): Key {
  if (grouping.kind !== 'time') {
    const { breaks } = grouping;
    const from = bucket === 0 ? '(' : `[${breaks[bucket - 1]}`;
    const to = bucket === breaks.length ? '' : breaks[bucket];
    return `${from},${to})`;
  }
  switch (grouping.unit) {
    case 'hour':
      return `${dayKey(Math.floor(bucket / 24))}T${two(bucket - Math.floor(bucket / 24) * 24)}`;
    case 'day':
      return dayKey(bucket);
    case 'week':
      return dayKey(bucket * 7 - DAYS_FROM_MONDAY);
    case 'month':
      return `${four(Math.floor(bucket / 12))}-${two((bucket % 12) + 1)}`;
    case 'year':
      return four(bucket);
  }
}

/** `YYYY-MM-DD` of a day since 2000-01-01. */
export function dayKey(days: number): string {
  const { year, month, day } = civilDate(days);
  return `${four(year)}-${two(month)}-${two(day)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function four(value: number): string {
  return String(value).padStart(4, '0');
}
