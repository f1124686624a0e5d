import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import type { FilterLanguage } from '../filter/parse.ts';
import type { Predicate } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import type { Services } from '../services.ts';
import { CRS84, parseCrs } from './crs.ts';

export interface FilterText {
  filter: string | undefined;
  filterLang: string | undefined;
  filterCrs: string | undefined;
  role: Role;
}

/** Languages of `filter`; the first is the one when `filter-lang` is left out. */
export const FILTER_LANGUAGES: readonly FilterLanguage[] = ['cql2-text', 'cql2-json', 'one-map'];

/** Conformance classes that come with the languages. */
export const FILTER_CONFORMANCE: readonly string[] = [
  'http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter',
  'http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter',
  'http://www.opengis.net/spec/cql2/1.0/conf/cql2-text',
  'http://www.opengis.net/spec/cql2/1.0/conf/cql2-json',
  'http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2',
  'http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators',
];

/**
 * The predicate of `filter`. The one place where the OGC routes read a filter: CQL2, or the JSON of the other routes.
 * Throws `FILTER_INVALID` and `PARAMETER_INVALID`.
 */
export async function readFilter(
  services: Services,
  layer: Layer,
  { filter, filterLang, filterCrs, role }: FilterText,
): Promise<Predicate> {
  const language = FILTER_LANGUAGES.find((each) => each === filterLang);
  if (filterLang !== undefined && language === undefined) {
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
  return readPredicate(services, layer, { filter, filterLang: language, role, shows: 'rows' });
}
