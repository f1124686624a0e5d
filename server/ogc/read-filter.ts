import { maskedFields, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import type { Predicate } from '../filter/predicate.ts';
import type { Services } from '../services.ts';
import { CRS84, parseCrs } from './crs.ts';

export interface FilterText {
  filter: string | undefined;
  filterLang: string | undefined;
  filterCrs: string | undefined;
  role: Role;
}

/** Languages of `filter`; the first is the one when `filter-lang` is left out. */
export const FILTER_LANGUAGES: readonly string[] = ['json'];

/** Conformance classes that come with the languages. */
export const FILTER_CONFORMANCE: readonly string[] = [];

/**
 * The predicate of `filter`. The one place where the OGC routes read a filter: it is the filter of the other routes, as
 * JSON. Throws `FILTER_INVALID` and `PARAMETER_INVALID`.
 */
export async function readFilter(
  _services: Services,
  layer: Layer,
  { filter, filterLang, filterCrs, role }: FilterText,
): Promise<Predicate> {
  if (filterLang !== undefined && !FILTER_LANGUAGES.includes(filterLang)) {
    throw new ApiError('PARAMETER_INVALID', `filter-lang: must be ${FILTER_LANGUAGES.join(' or ')}`, {
      field: 'filter-lang',
      value: filterLang,
    });
  }
  if (parseCrs(filterCrs, 'filter-crs') !== CRS84) {
    throw new ApiError('PARAMETER_INVALID', `filter-crs: coordinates in a filter are in ${CRS84.uri}`, {
      field: 'filter-crs',
      value: filterCrs,
    });
  }
  return parseFilter(filter, layer, maskedFields(layer, role));
}
