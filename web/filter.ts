/**
 * The filter of a layer as the dashboard holds it: the tree of the API's own JSON, edited in forms, kept in the address.
 * Pure. What is half written stays in the tree and is left out of what is sent.
 */
import type { Polygon, MultiPolygon } from 'geojson';
import type { Level } from './url-state.ts';

export const OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'between',
  'in',
  'contains',
  'icontains',
  'like',
  'ilike',
  'null',
  'notnull',
] as const;
export type Operator = (typeof OPERATORS)[number];

export type FilterValue = string | number | boolean | readonly (string | number | boolean)[] | null;

/** `value` is null where the operator takes none. */
export interface FieldCondition {
  field: string;
  op: Operator;
  value: FilterValue;
}

/** Rows of another layer, one of them by `fid`, or those that a filter chooses; with `metres` around them. */
export interface InsideOf {
  layer: string;
  fid?: number;
  filter?: FilterNode;
  metres?: number;
}

export type AreaCondition =
  | { bbox: readonly number[] }
  | { within: Polygon | MultiPolygon }
  | { circle: { centre: readonly [number, number]; metres: number } }
  | { inside: InsideOf }
  | { cells: { by: Level; codes: readonly string[] } }
  | { outside: Level };

export type FilterNode =
  | { and: readonly FilterNode[] }
  | { or: readonly FilterNode[] }
  | { not: FilterNode }
  | FieldCondition
  | AreaCondition;

/** How the parts of a group are joined, as people say it. */
export const JOINS = ['all', 'any', 'none', 'notAll'] as const;
export type Join = (typeof JOINS)[number];

export interface Group {
  join: Join;
  of: readonly FilterNode[];
}

/** Deeper than anybody builds, and less than the API takes. */
const DEEPEST = 12;
const LAYER = /^[a-z][a-z0-9_]{0,62}$/;

export function isField(node: FilterNode): node is FieldCondition {
  return 'field' in node;
}

export function isGroup(node: FilterNode): node is Exclude<FilterNode, FieldCondition | AreaCondition> {
  return 'and' in node || 'or' in node || 'not' in node;
}

/** A node as a group: a condition is a group of one. */
export function groupOf(node: FilterNode | undefined): Group {
  if (node === undefined) return { join: 'all', of: [] };
  if ('and' in node) return { join: 'all', of: node.and };
  if ('or' in node) return { join: 'any', of: node.or };
  if ('not' in node) {
    if ('or' in node.not) return { join: 'none', of: node.not.or };
    if ('and' in node.not) return { join: 'notAll', of: node.not.and };
    return { join: 'none', of: [node.not] };
  }
  return { join: 'all', of: [node] };
}

export function nodeOf({ join, of }: Group): FilterNode {
  switch (join) {
    case 'all':
      return { and: of };
    case 'any':
      return { or: of };
    case 'none':
      return { not: { or: of } };
    case 'notAll':
      return { not: { and: of } };
  }
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== '' && !(typeof value === 'number' && !Number.isFinite(value));
}

/** A condition the server would refuse is not sent: an empty text finds nothing by accident. */
function isComplete(node: FieldCondition | AreaCondition): boolean {
  if ('field' in node) {
    const { op, value } = node;
    if (op === 'null' || op === 'notnull') return true;
    if (op === 'between') return Array.isArray(value) && value.length === 2 && value.every(isGiven);
    if (Array.isArray(value)) return value.length > 0;
    return isGiven(value);
  }
  if ('cells' in node) return node.cells.codes.length > 0;
  if ('inside' in node) return node.inside.layer !== '';
  if ('circle' in node) return node.circle.metres > 0;
  return true;
}

export interface Complete {
  /** What is sent; null when nothing is left to ask. */
  filter: object | null;
  /** Place in what is sent → node of the tree it was made of: errors name the place. */
  places: ReadonlyMap<string, FilterNode>;
}

/** What of a tree can be sent, and which node each part of it came from. */
export function complete(tree: FilterNode | undefined): Complete {
  const places = new Map<string, FilterNode>();
  const visit = (node: FilterNode, at: string): object | null => {
    const part = made(node, at);
    if (part !== null) places.set(at, node);
    return part;
  };
  const made = (node: FilterNode, at: string): object | null => {
    if ('and' in node || 'or' in node) {
      const key = 'and' in node ? 'and' : 'or';
      const parts: object[] = [];
      for (const each of 'and' in node ? node.and : node.or) {
        const part = visit(each, `${at}.${key}[${parts.length}]`);
        if (part !== null) parts.push(part);
      }
      return parts.length === 0 ? null : { [key]: parts };
    }
    if ('not' in node) {
      const part = visit(node.not, `${at}.not`);
      return part === null ? null : { not: part };
    }
    if (!isComplete(node)) return null;
    if ('field' in node) {
      const { field, op, value } = node;
      return op === 'null' || op === 'notnull' ? { field, op } : { field, op, value };
    }
    if ('inside' in node && node.inside.filter !== undefined) {
      const { filter, ...rest } = node.inside;
      const inner = complete(filter).filter;
      return { inside: { ...rest, ...(inner === null ? {} : { filter: inner }) } };
    }
    return node;
  };
  return { filter: tree === undefined ? null : visit(tree, 'filter'), places };
}

/** The filter of the API for a tree; null when there is nothing to filter by. */
export function toFilter(tree: FilterNode | undefined): object | null {
  return complete(tree).filter;
}

/** The node that an error is about: the one whose place is the longest beginning of the error's. */
export function nodeAt(places: Complete['places'], at: string): FilterNode | null {
  let best: FilterNode | null = null;
  let longest = -1;
  for (const [place, node] of places) {
    const isPart = at === place || at.startsWith(`${place}.`) || at.startsWith(`${place}[`);
    if (isPart && place.length > longest) [best, longest] = [node, place.length];
  }
  return best;
}

/** Adds a condition to those that must all hold. */
export function withCondition(tree: FilterNode | undefined, condition: FilterNode): FilterNode {
  const { join, of } = groupOf(tree);
  return join === 'all' ? { and: [...of, condition] } : { and: [tree as FilterNode, condition] };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
}

function isLevel(value: unknown): value is Level {
  return value === 'grid' || value === 'community' || value === 'town';
}

function isNumbers(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every((item) => Number.isFinite(item));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A tree out of JSON of the API or of an address; null where it is none. Values are for the server to check. */
export function readNode(json: unknown, depth = 1): FilterNode | null {
  if (!isRecord(json) || depth > DEEPEST) return null;
  if (typeof json['field'] === 'string') {
    const op = OPERATORS.find((each) => each === json['op']);
    const value = json['value'] ?? null;
    if (op === undefined || !(value === null || isScalar(value) || (Array.isArray(value) && value.every(isScalar)))) {
      return null;
    }
    return { field: json['field'], op, value };
  }
  const [key] = Object.keys(json);
  const value = key === undefined ? undefined : json[key];
  switch (key) {
    case 'and':
    case 'or': {
      if (!Array.isArray(value)) return null;
      const parts = value.map((part) => readNode(part, depth + 1));
      if (parts.includes(null)) return null;
      return key === 'and' ? { and: parts as FilterNode[] } : { or: parts as FilterNode[] };
    }
    case 'not': {
      const part = readNode(value, depth + 1);
      return part === null ? null : { not: part };
    }
    case 'bbox':
      return isNumbers(value, 4) ? { bbox: value } : null;
    case 'within':
      return isRecord(value) &&
        (value['type'] === 'Polygon' || value['type'] === 'MultiPolygon') &&
        Array.isArray(value['coordinates'])
        ? { within: value as unknown as Polygon | MultiPolygon }
        : null;
    case 'circle': {
      if (!isRecord(value) || !isNumbers(value['centre'], 2) || typeof value['metres'] !== 'number') return null;
      return { circle: { centre: value['centre'] as [number, number], metres: value['metres'] } };
    }
    case 'inside':
      return readInside(value, depth);
    case 'cells':
      return isRecord(value) &&
        isLevel(value['by']) &&
        Array.isArray(value['codes']) &&
        value['codes'].every((code) => typeof code === 'string')
        ? { cells: { by: value['by'], codes: value['codes'] as string[] } }
        : null;
    case 'outside':
      return isLevel(value) ? { outside: value } : null;
    default:
      return null;
  }
}

function readInside(value: unknown, depth: number): FilterNode | null {
  if (!isRecord(value) || typeof value['layer'] !== 'string') return null;
  const { layer, fid, metres, filter } = value;
  if (layer !== '' && !LAYER.test(layer)) return null;
  const inner = filter === undefined ? undefined : readNode(filter, depth + 1);
  if (inner === null) return null;
  return {
    inside: {
      layer,
      ...(typeof fid === 'number' ? { fid } : {}),
      ...(inner === undefined ? {} : { filter: inner }),
      ...(typeof metres === 'number' ? { metres } : {}),
    },
  };
}

/** Reads the text of an address: rows of `[field, op, value]` that must all hold, or a tree. */
export function parseFilter(text: string): FilterNode | null {
  try {
    const json: unknown = JSON.parse(text);
    if (!Array.isArray(json)) return readNode(json);
    const of = json.flatMap((row: unknown) => {
      const node =
        Array.isArray(row) && row.length === 3 ? readNode({ field: row[0], op: row[1], value: row[2] }) : null;
      return node === null ? [] : [node];
    });
    return of.length === 0 ? null : { and: of };
  } catch {
    return null;
  }
}

/** The text of an address: short where the tree is what most are. */
export function formatFilter(tree: FilterNode): string {
  if ('and' in tree && tree.and.every(isField)) {
    return JSON.stringify(tree.and.map(({ field, op, value }) => [field, op, value]));
  }
  return JSON.stringify(tree);
}

/** True for a tree without a condition. */
export function isEmpty(tree: FilterNode | undefined): boolean {
  return groupOf(tree).of.length === 0;
}
