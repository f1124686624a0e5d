import { maskedFields, type Role } from '../../layers/access.ts';
import type { Field, Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { parseFilter } from '../filter/parse.ts';
import { both, type Predicate } from '../filter/predicate.ts';
import type { SortKey } from '../queries/feature-page.ts';
import type { Services } from '../services.ts';
import { type Crs, parseCrs } from './crs.ts';
import { CODES, queryableFields, queryParameters, RESERVED } from './queryables.ts';
import { readBbox } from './read-bbox.ts';
import { readDatetime } from './read-datetime.ts';
import { readFilter } from './read-filter.ts';

export const DEFAULT_LIMIT = 100;
export const LARGEST_LIMIT = 1000;
/** Rows that may be counted off; beyond, the links of a page lead on, which cost the same everywhere. */
export const LARGEST_OFFSET = 100_000;

/** What a request for items asks for. Of `after`, `before` and `offset` at most one. */
export interface ItemsQuery {
  predicate: Predicate;
  limit: number;
  offset: number;
  /** Only rows with a greater, or a smaller, number. */
  after: number | null;
  before: number | null;
  crs: Crs;
  /** Fields that order the features before their number; then pages are counted off. */
  sort: SortKey[];
}

const MOST_KEYS = 5;

function refuse(field: string, message: string, value: unknown): never {
  throw new ApiError('PARAMETER_INVALID', `${field}: ${message}`, { field, value });
}

function wholeNumber(text: string | undefined, field: string): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) refuse(field, 'must be a whole number', text);
  return value;
}

/** The value of a property parameter as the field has it: everything in an address is text. */
function propertyValue(name: string, field: Field, text: string): unknown {
  switch (field.type) {
    case 'int':
    case 'number':
      if (!/^-?\d{1,20}(\.\d{1,20})?$/.test(text)) refuse(name, 'must be a number', text);
      return Number(text);
    case 'bool':
      if (text !== 'true' && text !== 'false') refuse(name, 'must be true or false', text);
      return text === 'true';
    default:
      return text;
  }
}

/** The predicate of `name=value`. What a filter may not ask for, a parameter may not either: it is read as one. */
function readProperty(layer: Layer, masked: readonly string[], name: string, text: string): Predicate {
  const level = Object.hasOwn(CODES, name) ? CODES[name] : undefined;
  const field = layer.fields[name];
  const part =
    level === undefined
      ? { field: name, op: '=', value: field === undefined ? text : propertyValue(name, field, text) }
      : { cells: { by: level, codes: [text] } };
  try {
    return parseFilter(JSON.stringify(part), layer, masked);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return refuse(name, error.message.replace(/^[^:]*: /, ''), text);
  }
}

/** `+name,-date`, or `name,-date`. A plus in an address may have become a blank. */
function readSort(layer: Layer, masked: readonly string[], text: string | undefined): SortKey[] {
  if (text === undefined || text === '') return [];
  const known = new Set([...queryableFields(layer, masked).map(([name]) => name), ...Object.keys(CODES)]);
  const keys = text.split(',').map((part): SortKey => {
    const [, sign, name = ''] = /^([+ -]?)(.*)$/s.exec(part) ?? [];
    // The order of values that one may not see would tell them.
    if (!known.has(name)) refuse('sortby', `"${name.slice(0, 64)}" is no property of /sortables`, text);
    return { field: name, isDescending: sign === '-' };
  });
  if (keys.length > MOST_KEYS) refuse('sortby', `has more than ${MOST_KEYS} properties`, text);
  if (new Set(keys.map(({ field }) => field)).size < keys.length) refuse('sortby', 'names a property twice', text);
  return keys;
}

/** Reads the query of a request for items strictly: what is not known is an error. Throws `ApiError`s. */
export async function readItemsQuery(
  services: Services,
  layer: Layer,
  role: Role,
  query: Readonly<Record<string, string | undefined>>,
): Promise<ItemsQuery> {
  const masked = maskedFields(layer, role);
  const properties = new Set(queryParameters(layer, masked));
  for (const name of Object.keys(query)) {
    if (!properties.has(name) && !(RESERVED as readonly string[]).includes(name)) {
      const known = queryableFields(layer, masked).length === 0 ? '' : '; /queryables lists the properties';
      refuse(name.slice(0, 64), `is not a parameter of this collection${known}`, query[name]);
    }
  }
  const limit = wholeNumber(query.limit, 'limit') ?? DEFAULT_LIMIT;
  if (limit < 1) refuse('limit', 'must be 1 or more', query.limit);
  const [offset, after, before] = (['offset', 'after', 'before'] as const).map((name) =>
    wholeNumber(query[name], name),
  ) as [number | null, number | null, number | null];
  if ([offset, after, before].filter((value) => value !== null).length > 1) {
    refuse('offset', 'only one of offset, after and before', query.offset ?? query.after);
  }
  if (offset !== null && offset > LARGEST_OFFSET) {
    refuse('offset', `at most ${LARGEST_OFFSET}; follow the links "next" for what comes behind`, query.offset);
  }
  const sort = readSort(layer, masked, query.sortby);
  if (sort.length > 0 && (after !== null || before !== null)) {
    refuse('sortby', 'goes with offset, not with after and before', query.sortby);
  }
  const crs = parseCrs(query.crs, 'crs');
  let predicate = await readFilter(services, layer, {
    filter: query.filter,
    filterLang: query['filter-lang'],
    filterCrs: query['filter-crs'],
    role,
  });
  predicate = both(predicate, readBbox(query.bbox, query['bbox-crs']));
  predicate = both(predicate, readDatetime(query.datetime, layer, masked));
  for (const name of properties) {
    const text = query[name];
    if (text !== undefined) predicate = both(predicate, readProperty(layer, masked, name, text));
  }
  return { predicate, limit: Math.min(limit, LARGEST_LIMIT), offset: offset ?? 0, after, before, crs, sort };
}
