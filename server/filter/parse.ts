import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { Checker, FILTER_LIMITS, isRecord, parseArea, parseBbox, refuse, requireKeys } from './check.ts';
import { readCql2Json } from './cql2-json.ts';
import { readCql2Text } from './cql2-text.ts';
import { fromCql2 } from './from-cql2.ts';
import { EVERYTHING, type Draft, type Predicate } from './predicate.ts';

/** How a filter may be written: the JSON of this service, and both forms of OGC CQL2. */
export const FILTER_LANGUAGES = ['one-map', 'cql2-text', 'cql2-json'] as const;
export type FilterLanguage = (typeof FILTER_LANGUAGES)[number];

const KEYS = ['and', 'or', 'not', 'field', 'bbox', 'within', 'circle', 'inside', 'cells', 'outside'] as const;

/** The JSON of this service -> checked. */
function fromJson(checker: Checker, node: unknown, at: string, depth: number): Draft {
  checker.count(depth);
  if (!isRecord(node)) refuse(at, 'must be an object', node);
  if (Object.hasOwn(node, 'field')) {
    const field = checker.field(node.field, `${at}.field`);
    const op = checker.operator(field, node.op, `${at}.op`);
    requireKeys(node, at, op === 'null' || op === 'notnull' ? ['field', 'op'] : ['field', 'op', 'value']);
    return checker.condition(field, op, node.value, `${at}.value`);
  }
  const keys = Object.keys(node);
  const key = keys[0];
  if (keys.length !== 1 || key === undefined) refuse(at, `must have exactly one of ${KEYS.join(', ')}`, node);
  const value = node[key];
  const path = `${at}.${key.slice(0, 64)}`;
  switch (key) {
    case 'and':
    case 'or':
      if (!Array.isArray(value)) refuse(path, 'must be a list', value);
      return { kind: key, of: value.map((part, index) => fromJson(checker, part, `${path}[${index}]`, depth + 1)) };
    case 'not':
      return { kind: 'not', of: fromJson(checker, value, path, depth + 1) };
    case 'bbox':
      return { kind: 'bbox', bbox: parseBbox(value, path) };
    case 'within':
      return { kind: 'within', polygons: parseArea(value, path) };
    case 'circle':
    case 'inside':
      if (!isRecord(value)) refuse(path, 'must be an object', value);
      return checker[key](value, path);
    case 'cells':
      if (!isRecord(value)) refuse(path, 'must be an object', value);
      requireKeys(value, path, ['by', 'codes']);
      return checker.cells(value.by, value.codes, { by: `${path}.by`, codes: `${path}.codes` });
    case 'outside':
      return checker.outside(value, path);
    default:
      return refuse(path, `unknown; expected one of ${KEYS.join(', ')}`, key);
  }
}

function parseJson(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('FILTER_INVALID', `${at}: is not JSON (${(cause as Error).message.slice(0, 120)})`, {
      field: at,
      value: text,
      cause,
    });
  }
}

/**
 * Reads a filter strictly against a layer, up to the areas that the database has to make. `filter` is text, or JSON that
 * was parsed before. Without a language, text that begins with `{` is JSON, of CQL2 where it has `args`; other text is
 * CQL2. Throws `FILTER_INVALID` naming the part at fault. Missing or empty is `EVERYTHING`.
 */
export function parseDraft(checker: Checker, filter: unknown, language?: FilterLanguage, at = 'filter'): Draft {
  if (filter === undefined || filter === '') return EVERYTHING;
  if (typeof filter === 'string' && filter.length > FILTER_LIMITS.characters) {
    refuse(at, `is longer than ${FILTER_LIMITS.characters} characters`, filter);
  }
  const isText = typeof filter === 'string';
  const known = language ?? (isText && !/^\s*[{[]/.test(filter) ? 'cql2-text' : undefined);
  if (known === 'cql2-text') {
    if (!isText) refuse(at, 'must be a text', filter);
    return fromCql2(checker, readCql2Text(filter, at));
  }
  const json = isText ? parseJson(filter, at) : filter;
  if (known === 'cql2-json' || (known === undefined && isRecord(json) && Object.hasOwn(json, 'args'))) {
    return fromCql2(checker, readCql2Json(json, at));
  }
  return fromJson(checker, json, at, 1);
}

/**
 * As `parseDraft`, for filters without areas that have to be made. `masked` are fields whose values the answer hides,
 * where the answer has single rows.
 */
export function parseFilter(text: string | undefined, layer: Layer, masked: Iterable<string> = []): Predicate {
  return requireMade(parseDraft(new Checker(layer, masked), text));
}

function requireMade(draft: Draft): Predicate {
  switch (draft.kind) {
    case 'and':
    case 'or':
      return draft === EVERYTHING ? EVERYTHING : { kind: draft.kind, of: draft.of.map(requireMade) };
    case 'not':
      return { kind: 'not', of: requireMade(draft.of) };
    case 'unmade':
      return refuse(draft.at, 'cannot be used here');
    default:
      return draft;
  }
}

/** Reads the `bbox` parameter (`minLon,minLat,maxLon,maxLat`). Missing is `EVERYTHING`. Throws `PARAMETER_INVALID`. */
export function parseBboxParameter(text: string | undefined): Predicate {
  if (text === undefined || text === '') return EVERYTHING;
  const numbers = text.split(',').map((part) => (/^\s*-?\d+(\.\d+)?(e-?\d+)?\s*$/i.test(part) ? Number(part) : NaN));
  try {
    return { kind: 'bbox', bbox: parseBbox(numbers, 'bbox') };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError('PARAMETER_INVALID', error.message, { field: 'bbox', value: text });
  }
}
