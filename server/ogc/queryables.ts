import type { Field, Layer } from '../../layers/define.ts';
import type { CellLevel } from '../filter/predicate.ts';

/** Query parameters of `items` that are not properties. A field of such a name can only be asked for in `filter`. */
export const RESERVED = [
  'f',
  'limit',
  'offset',
  'after',
  'before',
  'bbox',
  'bbox-crs',
  'crs',
  'datetime',
  'filter',
  'filter-lang',
  'filter-crs',
  'sortby',
] as const;

/** Codes that every row has beside its fields, and the cells they are of. */
export const CODES: Readonly<Record<string, CellLevel>> = {
  grid_code: 'grid',
  community_code: 'community',
  town_code: 'town',
};

/** The fields that may be asked for by `name=value`: filterable, and not masked for the caller. */
export function queryableFields(layer: Layer, masked: readonly string[]): [string, Field][] {
  return Object.entries(layer.fields).filter(
    ([name, field]) => field.filterable === true && !masked.includes(name) && !Object.hasOwn(CODES, name),
  );
}

/** The names that `items` takes as `name=value`. */
export function queryParameters(layer: Layer, masked: readonly string[]): string[] {
  const names = [...queryableFields(layer, masked).map(([name]) => name), ...Object.keys(CODES)];
  return names.filter((name) => !(RESERVED as readonly string[]).includes(name));
}
