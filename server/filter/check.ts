import { isText } from '../is-text.ts';
import type { Field, Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { findCrossing } from './polygon.ts';
import {
  type AreaOf,
  type Bbox,
  CELL_LEVELS,
  type CellLevel,
  type ComparisonOperator,
  type Condition,
  type FieldRef,
  type Ring,
  type Scalar,
  type UnmadeArea,
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
  /** Areas to be made (circles, and what lies around rows of other layers) in a filter and the filters in it. */
  areas: 8,
  /** How far an area may reach from what it is around. */
  metres: 50_000,
} as const;

const COMPARISONS: readonly string[] = ['=', '!=', '<', '<=', '>', '>='];
const ORDERED: readonly string[] = [...COMPARISONS, 'between', 'in', 'null', 'notnull'];
const OPERATORS: Record<Field['type'], readonly string[]> = {
  string: [...ORDERED, 'like', 'contains', 'ilike', 'icontains'],
  int: ORDERED,
  number: ORDERED,
  date: ORDERED,
  datetime: ORDERED,
  bool: ['=', '!=', 'in', 'null', 'notnull'],
};
/** Circles nearer to the poles, or across 180 degrees, would not be simple shapes in degrees. */
const HIGHEST_CENTRE = 80;
export const NO_CENTRE = `lies beyond ±177, ±${HIGHEST_CENTRE} degrees, where circles cannot be drawn`;

/** Whether a circle can be drawn around a place. */
export function isCentre([lon, lat]: readonly [number, number]): boolean {
  return Math.abs(lat) <= HIGHEST_CENTRE && Math.abs(lon) <= 177;
}

const CODE_PATTERN: Record<CellLevel, RegExp> = {
  grid: /^[0-9A-Z]{1,32}$/,
  community: /^\d{1,12}$/,
  town: /^\d{1,12}$/,
};

function isLevel(text: string): text is CellLevel {
  return (CELL_LEVELS as readonly string[]).includes(text);
}

/** `at` is the part of the filter at fault. */
export function refuse(at: string, message: string, value?: unknown): never {
  // Of a text the place goes on with the number of the character.
  throw new ApiError('FILTER_INVALID', `${at}: ${message}`, { field: at.replace(/, .*$/s, ''), value });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** All of these keys, and none but these and the optional ones: what is forgotten or misspelt is an error, not ignored. */
export function requireKeys(
  node: Record<string, unknown>,
  at: string,
  keys: readonly string[],
  optional: readonly string[] = [],
): void {
  for (const key of Object.keys(node)) {
    if (!keys.includes(key) && !optional.includes(key)) {
      refuse(`${at}.${key.slice(0, 64)}`, `unknown key; expected ${[...keys, ...optional].join(', ')}`, key);
    }
  }
  for (const key of keys) if (!Object.hasOwn(node, key)) refuse(at, `"${key}" is missing`, node);
}

export function parseText(value: unknown, at: string): string {
  if (typeof value !== 'string') refuse(at, 'must be a string', value);
  if (value.length > FILTER_LIMITS.textLength) refuse(at, `longer than ${FILTER_LIMITS.textLength} characters`, value);
  // It would fail far from here, or change on the way.
  if (!isText(value)) refuse(at, 'contains a character that is not text', value);
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

function parsePosition(value: unknown, at: string): readonly [number, number] {
  if (
    !Array.isArray(value) ||
    value.length < 2 ||
    value.length > 3 ||
    !value.every((n) => typeof n === 'number' && Number.isFinite(n))
  ) {
    refuse(at, 'must be a position of two numbers', value);
  }
  const [lon, lat] = value as [number, number];
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) refuse(at, 'lies outside ±180, ±90 degrees', value);
  // -0 and 0 are one place, but two texts.
  return [lon + 0, lat + 0];
}

function parseMetres(value: unknown, at: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= FILTER_LIMITS.metres)) {
    refuse(at, `must be a number of metres, 0 to ${FILTER_LIMITS.metres}`, value);
  }
  return value + 0;
}

function parseRing(value: unknown, at: string): Ring {
  if (!Array.isArray(value) || value.length < 4) refuse(at, 'must have at least four positions', value);
  const ring = value.map((position: unknown, index) => parsePosition(position, `${at}[${index}]`));
  const first = ring[0];
  const last = ring.at(-1);
  if (first === undefined || last === undefined || first[0] !== last[0] || first[1] !== last[1]) {
    refuse(at, 'must be closed: the last position repeats the first', last);
  }
  return ring;
}

export function parseArea(value: unknown, at: string): (readonly Ring[])[] {
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

/** Parts and areas of a filter that were counted. */
export interface Spent {
  parts: number;
  areas: number;
}

/** Checks the conditions of a filter against one layer, and counts what they cost. */
export class Checker {
  readonly layer: Layer;
  readonly masked: ReadonlySet<string>;
  readonly spent: Spent;

  /**
   * `masked`: fields whose values the answer hides, where the answer has single rows. `spent`: what the filter has
   * cost so far, when this one is inside another.
   */
  constructor(layer: Layer, masked: Iterable<string>, spent: Spent = { parts: 0, areas: 0 }) {
    this.layer = layer;
    this.masked = new Set(masked);
    this.spent = spent;
  }

  /** To be called for every condition and connective. */
  count(depth: number): void {
    if (depth > FILTER_LIMITS.depth) refuse('filter', `is nested deeper than ${FILTER_LIMITS.depth}`);
    this.spent.parts += 1;
    if (this.spent.parts > FILTER_LIMITS.parts) refuse('filter', `has more than ${FILTER_LIMITS.parts} parts`);
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

  /** An operator that fields of this type have. */
  operator(field: FieldRef, op: unknown, at: string): string {
    if (typeof op !== 'string' || !OPERATORS[field.type].includes(op)) {
      refuse(at, `must be one of ${OPERATORS[field.type].join(' ')} for a field of type ${field.type}`, op);
    }
    return op;
  }

  /** `value` is not looked at where `op` is `null` or `notnull`. `op` is one of `operator`. */
  condition(field: FieldRef, op: string, value: unknown, at: string): Condition {
    if (op === 'null' || op === 'notnull') return { kind: op, field };
    this.requireUnmasked(field, op, value, at);
    switch (op) {
      case 'between': {
        if (!Array.isArray(value) || value.length !== 2) refuse(at, 'must be a list of two values', value);
        return {
          kind: 'between',
          field,
          low: parseScalar(field, value[0], `${at}[0]`),
          high: parseScalar(field, value[1], `${at}[1]`),
        };
      }
      case 'in':
        return {
          kind: 'in',
          field,
          values: parseList(value, at).map((item, index) => parseScalar(field, item, `${at}[${index}]`)),
        };
      case 'like':
      case 'ilike': {
        const pattern = parseText(value, at);
        if (/(^|[^\\])(\\\\)*\\$/.test(pattern)) refuse(at, 'must not end with the escape character \\', value);
        return { kind: 'like', field, pattern, ...(op === 'ilike' ? { ignoreCase: true } : {}) };
      }
      case 'contains':
      case 'icontains': {
        const text = parseText(value, at);
        return { kind: 'contains', field, text, ...(op === 'icontains' ? { ignoreCase: true } : {}) };
      }
      default:
        return { kind: 'compare', field, op: op as ComparisonOperator, value: parseScalar(field, value, at) };
    }
  }

  cells(by: unknown, codes: unknown, at: { by: string; codes: string }): Condition {
    if (typeof by !== 'string' || !isLevel(by)) refuse(at.by, `must be one of ${CELL_LEVELS.join(', ')}`, by);
    const checked = parseList(codes, at.codes).map((code, index) => {
      if (typeof code !== 'string' || !CODE_PATTERN[by].test(code)) {
        refuse(`${at.codes}[${index}]`, `must be the code of a ${by}`, code);
      }
      return code;
    });
    return { kind: 'cells', by, codes: checked };
  }

  /** Rows in no cell of a level. */
  outside(by: unknown, at: string): Condition {
    if (typeof by !== 'string' || !isLevel(by)) refuse(at, `must be one of ${CELL_LEVELS.join(', ')}`, by);
    return { kind: 'outside', by };
  }

  private unmade(of: AreaOf<unknown>, at: string): UnmadeArea {
    this.spent.areas += 1;
    if (this.spent.areas > FILTER_LIMITS.areas)
      refuse(at, `is one area more than the ${FILTER_LIMITS.areas} there may be`);
    return { kind: 'unmade', at, of };
  }

  /** The points up to `metres` from a place. */
  circle(value: Record<string, unknown>, at: string): UnmadeArea {
    requireKeys(value, at, ['centre', 'metres']);
    const [lon, lat] = parsePosition(value.centre, `${at}.centre`);
    if (!isCentre([lon, lat])) refuse(`${at}.centre`, NO_CENTRE, value.centre);
    const metres = parseMetres(value.metres, `${at}.metres`);
    if (metres === 0) refuse(`${at}.metres`, 'must be more than 0', value.metres);
    return this.unmade({ kind: 'circle', centre: [lon, lat], metres }, at);
  }

  /** What lies in one or in some rows of another layer, or up to `metres` from them. */
  inside(value: Record<string, unknown>, at: string): UnmadeArea {
    const isOne = Object.hasOwn(value, 'fid');
    requireKeys(value, at, isOne ? ['layer', 'fid'] : ['layer'], isOne ? ['metres'] : ['filter', 'metres']);
    const { layer, fid, filter } = value;
    if (typeof layer !== 'string' || layer.length > 64) refuse(`${at}.layer`, 'must be the id of a layer', layer);
    const metres = value.metres === undefined ? 0 : parseMetres(value.metres, `${at}.metres`);
    if (!isOne) return this.unmade({ kind: 'features', layer, filter, metres }, at);
    if (typeof fid !== 'number' || !Number.isSafeInteger(fid) || fid < 0) {
      refuse(`${at}.fid`, 'must be the number of a feature', fid);
    }
    return this.unmade({ kind: 'feature', layer, fid, metres }, at);
  }
}
