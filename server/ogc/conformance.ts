import { FILTER_CONFORMANCE } from './read-filter.ts';

const SPEC = 'http://www.opengis.net/spec';

/** The conformance classes of what is here: a client asks for nothing that is not in this list. */
export const CONFORMANCE: readonly string[] = [
  `${SPEC}/ogcapi-common-1/1.0/conf/core`,
  `${SPEC}/ogcapi-common-1/1.0/conf/json`,
  `${SPEC}/ogcapi-common-1/1.0/conf/html`,
  `${SPEC}/ogcapi-common-2/1.0/conf/collections`,
  `${SPEC}/ogcapi-features-1/1.0/conf/core`,
  `${SPEC}/ogcapi-features-1/1.0/conf/oas30`,
  `${SPEC}/ogcapi-features-1/1.0/conf/geojson`,
  `${SPEC}/ogcapi-features-1/1.0/conf/html`,
  `${SPEC}/ogcapi-features-2/1.0/conf/crs`,
  `${SPEC}/ogcapi-features-3/1.0/conf/queryables`,
  `${SPEC}/ogcapi-features-3/1.0/conf/queryables-query-parameters`,
  ...FILTER_CONFORMANCE,
  `${SPEC}/ogcapi-features-5/1.0/conf/schemas`,
  `${SPEC}/ogcapi-features-5/1.0/conf/core-roles-features`,
  `${SPEC}/ogcapi-features-5/1.0/conf/returnables-and-receivables`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/core`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/tileset`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/tilesets-list`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/dataset-tilesets`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/geodata-tilesets`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/collections-selection`,
  `${SPEC}/ogcapi-tiles-1/1.0/conf/mvt`,
  `${SPEC}/tms/2.0/conf/tilematrixset`,
  `${SPEC}/tms/2.0/conf/json-tilematrixset`,
];
