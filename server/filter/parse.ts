import type { Field, Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { findCrossing } from './polygon.ts';
import {
  EVERYTHING,
  type Bbox,
  type CellLevel,
  type ComparisonOperator,
  type FieldRef,
  type Predicate,
  type Ring,
  type Scalar,
} from './predicate.ts';

/** Bounds that keep a filter's cost small whatever is in it. */
export const FILTER_LIMITS = {
  characters: 100_000,
  depth: 20,
  /** Comparisons, areas and connectives together. */
  parts: 500,
  /** Values of one `in`, codes of one `cells`. */
  values: 2000,
  /** Positions of all rings of one `within`. */
  positions: 2000,
  textLength: 500,
} as const;

const COMPARISONS: readonly string[] = ['=', '!=', '<', '<=', '>', '>='];
const ORDERED: readonly string[] = [...COMPARISONS, 'between', 'in', 'null', 'notnull'];
const OPERATORS: Record<Field['type'], readonly string[]> = {
  string: [...ORDERED, 'like', 'contains'],
  int: ORDERED,
  number: ORDERED,
  date: ORDERED,
  datetime: ORDERED,
  bool: ['=', '!=', 'in', 'null', 'notnull'],
};
const LEVELS: readonly string[] = ['grid', 'community', 'town'];
const CODE_PATTERN: Record<CellLevel, RegExp> = {
  grid: /^[0-9A-Z]{1,32}$/,
  community: /^\d{1,12}$/,
  town: /^\d{1,12}$/,
};

function refuse(at: string, message: string, value?: unknown): never {
  throw new ApiError('FILTER_INVALID', `${at}: ${message}`, { field: at, value });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Exactly these keys: a forgotten or misspelt one is an error, not ignored. */
function requireKeys(node: Record<string, unknown>, at: string, keys: readonly string[]): void {
  for (const key of Object.keys(node)) {
    if (!keys.includes(key)) refuse(`${at}.${key}`, `unknown key; expected ${keys.join(', ')}`, key);
  }
  for (const key of keys) if (!Object.hasOwn(node, key)) refuse(at, `"${key}" is missing`, node);
}

function parseText(value: unknown, at: string): string {
  if (typeof value !== 'string') refuse(at, 'must be a string', value);
  if (value.length > FILTER_LIMITS.textLength) refuse(at, `longer than ${FILTER_LIMITS.textLength} characters`, value);
  // PostgreSQL text holds neither; both would fail far from here, or change on the way.
  if (value.includes('\0') || /\p{Surrogate}/u.test(value)) refuse(at, 'contains a character that is not text', value);
  return value;
}

/** A real calendar day (2026-02-30 is none), years 0001-9999. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function startsYear(day: string | undefined): boolean {
  return day?.endsWith('-01-01') === true;
}

function endsYear(day: string | undefined): boolean {
  return day?.endsWith('-12-31') === true;
}

function parseScalar(field: FieldRef, value: unknown, at: string): Scalar {
  switch (field.type) {
    case 'string':
      return parseText(value, at);
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        refuse(at, `must be a whole number: ${field.name} is int`, value);
      }
      if (Math.abs(value) > 2_147_483_647) refuse(at, 'must lie within ±2147483647', value);
      return value === 0 ? 0 : value;
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        refuse(at, `must be a number: ${field.name} is number`, value);
      }
      return value === 0 ? 0 : value;
    case 'bool':
      if (typeof value !== 'boolean') refuse(at, `must be true or false: ${field.name} is bool`, value);
      return value;
    case 'date':
      if (typeof value !== 'string' || !isDay(value)) {
        refuse(at, `must be a day as "YYYY-MM-DD": ${field.name} is date`, value);
      }
      return value;
    case 'datetime': {
      const shape = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
      const match = typeof value === 'string' ? shape.exec(value) : null;
      if (match === null || !isDay(match[1] ?? '') || Number.isNaN(Date.parse(match[0]))) {
        refuse(at, `must be an ISO 8601 time with zone: ${field.name} is datetime`, value);
      }
      return new Date(match[0]).toISOString();
    }
  }
}

function parseList(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) refuse(at, 'must be a list of at least one value', value);
  if (value.length > FILTER_LIMITS.values) refuse(at, `has ${value.length} values, at most ${FILTER_LIMITS.values}`);
  return value;
}

/** `[minLon, minLat, maxLon, maxLat]` in degrees, or an error naming `at`. */
export function parseBbox(value: unknown, at: string): Bbox {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((n) => typeof n === 'number' && Number.isFinite(n))) {
    refuse(at, 'must be four numbers: minLon, minLat, maxLon, maxLat', value);
  }
  const [west, south, east, north] = value as [number, number, number, number];
  if (west > east || south > north) refuse(at, 'minimum is greater than maximum', value);
  if (west < -180 || east > 180 || south < -90 || north > 90) refuse(at, 'lies outside ±180, ±90 degrees', value);
  return [west, south, east, north];
}

function parseRing(value: unknown, at: string): Ring {
  if (!Array.isArray(value) || value.length < 4) refuse(at, 'must have at least four positions', value);
  const ring = value.map((position: unknown, index): readonly [number, number] => {
    if (
      !Array.isArray(position) ||
      position.length < 2 ||
      position.length > 3 ||
      !position.every((n) => typeof n === 'number' && Number.isFinite(n))
    ) {
      refuse(`${at}[${index}]`, 'must be a position of two numbers', position);
    }
    const [lon, lat] = position as [number, number];
    if (Math.abs(lon) > 180 || Math.abs(lat) > 90)
      refuse(`${at}[${index}]`, 'lies outside ±180, ±90 degrees', position);
    // -0 and 0 are one place, but two texts.
    return [lon + 0, lat + 0];
  });
  const first = ring[0];
  const last = ring.at(-1);
  if (first === undefined || last === undefined || first[0] !== last[0] || first[1] !== last[1]) {
    refuse(at, 'must be closed: the last position repeats the first', last);
  }
  return ring;
}

function parseArea(value: unknown, at: string): (readonly Ring[])[] {
  if (!isRecord(value)) refuse(at, 'must be a GeoJSON Polygon or MultiPolygon', value);
  requireKeys(value, at, ['type', 'coordinates']);
  const { type, coordinates } = value;
  if (type !== 'Polygon' && type !== 'MultiPolygon') refuse(`${at}.type`, 'must be Polygon or MultiPolygon', type);
  const parts: unknown = type === 'Polygon' ? [coordinates] : coordinates;
  if (!Array.isArray(parts) || parts.length === 0) refuse(`${at}.coordinates`, 'must be a list of rings', parts);
  let positions = 0;
  return parts.map((part: unknown, index) => {
    const path = type === 'Polygon' ? `${at}.coordinates` : `${at}.coordinates[${index}]`;
    if (!Array.isArray(part) || part.length === 0) refuse(path, 'must be a list of rings', part);
    const rings = part.map((ring: unknown, number) => {
      positions += Array.isArray(ring) ? ring.length : 0;
      if (positions > FILTER_LIMITS.positions) refuse(at, `has more than ${FILTER_LIMITS.positions} positions`);
      return parseRing(ring, `${path}[${number}]`);
    });
    const crossing = findCrossing(rings);
    if (crossing !== null) refuse(path, `crosses itself near ${crossing[0]}, ${crossing[1]}`, crossing);
    return rings;
  });
}

/** Checks a filter against one layer. */
class Checker {
  readonly layer: Layer;
  readonly masked: ReadonlySet<string>;
  parts = 0;

  constructor(layer: Layer, masked: ReadonlySet<string>) {
    this.layer = layer;
    this.masked = masked;
  }

  field(value: unknown, at: string): FieldRef {
    if (typeof value !== 'string') refuse(at, 'must be the name of a field', value);
    const field = Object.hasOwn(this.layer.fields, value) ? this.layer.fields[value] : undefined;
    if (field === undefined) refuse(at, `layer ${this.layer.id} has no field "${value.slice(0, 64)}"`, value);
    if (field.filterable !== true) refuse(at, `${value} is not a field to filter by`, value);
    return { name: value, type: field.type };
  }

  /**
   * Comparing with a value one may not see tells the value, one guess at a time. Of a masked date the year is shown, so
   * whole years may be compared; anything else that is masked may not.
   */
  requireUnmasked(field: FieldRef, op: string, value: unknown, at: string): void {
    if (!this.masked.has(field.name)) return;
    if (field.type !== 'date') refuse(at, `${field.name} is masked and cannot be compared`, field.name);
    const bounds = Array.isArray(value) ? value.map(String) : [String(value)];
    const isWholeYears =
      ((op === '<' || op === '>=') && startsYear(bounds[0])) ||
      ((op === '>' || op === '<=') && endsYear(bounds[0])) ||
      (op === 'between' && startsYear(bounds[0]) && endsYear(bounds[1]));
    if (!isWholeYears) {
      refuse(at, `${field.name} is masked: compare whole years, with < or >= YYYY-01-01, > or <= YYYY-12-31`, value);
    }
  }

  comparison(node: Record<string, unknown>, at: string): Predicate {
    const field = this.field(node.field, `${at}.field`);
    const op = node.op;
    if (typeof op !== 'string' || !OPERATORS[field.type].includes(op)) {
      refuse(`${at}.op`, `must be one of ${OPERATORS[field.type].join(' ')} for a field of type ${field.type}`, op);
    }
    if (op === 'null' || op === 'notnull') {
      requireKeys(node, at, ['field', 'op']);
      return { kind: op, field };
    }
    requireKeys(node, at, ['field', 'op', 'value']);
    const value = node.value;
    const path = `${at}.value`;
    this.requireUnmasked(field, op, value, path);
    switch (op) {
      case 'between': {
        if (!Array.isArray(value) || value.length !== 2) refuse(path, 'must be a list of two values', value);
        return {
          kind: 'between',
          field,
          low: parseScalar(field, value[0], `${path}[0]`),
          high: parseScalar(field, value[1], `${path}[1]`),
        };
      }
      case 'in':
        return {
          kind: 'in',
          field,
          values: parseList(value, path).map((item, index) => parseScalar(field, item, `${path}[${index}]`)),
        };
      case 'like': {
        const pattern = parseText(value, path);
        if (/(^|[^\\])(\\\\)*\\$/.test(pattern)) refuse(path, 'must not end with the escape character \\', value);
        return { kind: 'like', field, pattern };
      }
      case 'contains':
        return { kind: 'contains', field, text: parseText(value, path) };
      default:
        return { kind: 'compare', field, op: op as ComparisonOperator, value: parseScalar(field, value, path) };
    }
  }

  node(node: unknown, at: string, depth: number): Predicate {
    if (!isRecord(node)) refuse(at, 'must be an object', node);
    if (depth > FILTER_LIMITS.depth) refuse('filter', `is nested deeper than ${FILTER_LIMITS.depth}`);
    this.parts += 1;
    if (this.parts > FILTER_LIMITS.parts) refuse('filter', `has more than ${FILTER_LIMITS.parts} parts`);
    if (Object.hasOwn(node, 'field')) return this.comparison(node, at);
    const keys = Object.keys(node);
    const key = keys[0];
    if (keys.length !== 1 || key === undefined) {
      refuse(at, 'must have exactly one of and, or, not, field, bbox, within, cells', node);
    }
    const value = node[key];
    const path = `${at}.${key}`;
    switch (key) {
      case 'and':
      case 'or':
        if (!Array.isArray(value)) refuse(path, 'must be a list', value);
        return { kind: key, of: value.map((part, index) => this.node(part, `${path}[${index}]`, depth + 1)) };
      case 'not':
        return { kind: 'not', of: this.node(value, path, depth + 1) };
      case 'bbox':
        return { kind: 'bbox', bbox: parseBbox(value, path) };
      case 'within':
        return { kind: 'within', polygons: parseArea(value, path) };
      case 'cells': {
        if (!isRecord(value)) refuse(path, 'must be an object', value);
        requireKeys(value, path, ['by', 'codes']);
        if (typeof value.by !== 'string' || !LEVELS.includes(value.by)) {
          refuse(`${path}.by`, `must be one of ${LEVELS.join(', ')}`, value.by);
        }
        const by = value.by as CellLevel;
        const codes = parseList(value.codes, `${path}.codes`).map((code, index) => {
          if (typeof code !== 'string' || !CODE_PATTERN[by].test(code)) {
            refuse(`${path}.codes[${index}]`, `must be the code of a ${by}`, code);
          }
          return code;
        });
        return { kind: 'cells', by, codes };
      }
      default:
        return refuse(path, 'unknown; expected and, or, not, field, bbox, within or cells', key);
    }
  }
}

/**
 * Reads a filter (JSON text) strictly against a layer. Throws `FILTER_INVALID` naming the part at fault. Missing or
 * empty text is `EVERYTHING`. `masked` are fields whose values the answer hides, where the answer has single rows.
 */
export function parseFilter(text: string | undefined, layer: Layer, masked: Iterable<string> = []): Predicate {
  if (text === undefined || text === '') return EVERYTHING;
  if (text.length > FILTER_LIMITS.characters) {
    refuse('filter', `is longer than ${FILTER_LIMITS.characters} characters`, text);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ApiError('FILTER_INVALID', `filter: is not JSON (${(cause as Error).message.slice(0, 120)})`, {
      field: 'filter',
      value: text,
      cause,
    });
  }
  return new Checker(layer, new Set(masked)).node(json, 'filter', 1);
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
