import type { FieldRef, Scalar } from './predicate.ts';

const MICROSECONDS_TO_2000 = Date.UTC(2000, 0, 1) * 1000;
const MILLISECONDS_PER_DAY = 86_400_000;

/** Microseconds since 2000-01-01T00:00Z, as `timestamptz_send` counts them. */
export function microsecondsSince2000(iso: string): number {
  return Date.parse(iso) * 1000 - MICROSECONDS_TO_2000;
}

/** Days since 2000-01-01, as `date_send` counts them. */
export function daysSince2000(day: string): number {
  return (Date.parse(`${day}T00:00:00Z`) - Date.UTC(2000, 0, 1)) / MILLISECONDS_PER_DAY;
}

/** A comparison value in the units of the column. */
export function inUnits(field: FieldRef, value: Scalar): number {
  if (field.type === 'date') return daysSince2000(value as string);
  if (field.type === 'datetime') return microsecondsSince2000(value as string);
  if (field.type === 'bool') return value === true ? 2 : 1;
  return value as number;
}
