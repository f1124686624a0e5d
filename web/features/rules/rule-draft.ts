/** Rules as the form holds them: what a new one begins with, and how filters are read from and written to parts. */
import type { Rule, RuleKind } from '../../../server/app.ts';

type Of<K extends RuleKind> = Extract<Rule, { kind: K }>;
export type Area = Record<string, unknown>;

/** Kinds in the order in which they are offered. */
export const KINDS: readonly RuleKind[] = [
  'threshold',
  'rate',
  'agree',
  'silence',
  'burst',
  'geofence',
  'deadline',
  'absence',
];

const MINUTE = 60;
const HOUR = 3600;

/** What the form begins with; names and titles come from the texts of both languages. */
export function blankRule(kind: RuleKind, texts: Pick<Rule, 'name' | 'title'>): Rule {
  const common = { ...texts, severity: 3, coolDown: 10 * MINUTE };
  const sensors = { of: 'sensors' as const, layer: 'water_level_station', metric: 'level_m', delay: 60 };
  const incidents = { of: 'incidents' as const };
  switch (kind) {
    case 'threshold':
      return { kind, ...common, watch: sensors, is: 'above', limit: 3.5, hold: 5 * MINUTE, clearHold: 0 };
    case 'rate':
      return { kind, ...common, watch: sensors, is: 'rise', by: 0.3, within: 30 * MINUTE };
    case 'agree':
      return { kind, ...common, watch: sensors, is: 'above', limit: 3.5, sensors: 2, within: HOUR, per: 'town' };
    case 'silence':
      return { kind, ...common, watch: sensors, after: HOUR };
    case 'burst':
      return { kind, ...common, watch: incidents, count: 5, within: HOUR, per: 'grid' };
    case 'geofence':
      return { kind, ...common, watch: incidents, area: {}, on: 'enter' };
    case 'deadline':
      return { kind, ...common, watch: incidents };
    case 'absence':
      return { kind, ...common, watch: incidents, within: 24 * HOUR, per: 'grid' };
  }
}

/**
 * A rule made one of another kind: what both kinds have stays as it was written. `first`: the texts that a new rule of a kind has,
 * which follow the kind until somebody writes others.
 */
export function toKind(rule: Rule, kind: RuleKind, first: (kind: RuleKind) => Pick<Rule, 'name' | 'title'>): Rule {
  const [before, after] = [first(rule.kind), first(kind)];
  const keep = (part: 'name' | 'title') => ({
    zh: rule[part].zh === before[part].zh ? after[part].zh : rule[part].zh,
    en: rule[part].en === before[part].en ? after[part].en : rule[part].en,
  });
  const blank = blankRule(kind, { name: keep('name'), title: keep('title') });
  const { severity, coolDown, quiet, opens } = rule;
  const watch = blank.watch.of === rule.watch.of ? { watch: rule.watch } : {};
  return { ...blank, severity, coolDown, quiet, opens, ...watch } as Rule;
}

/** Comparisons that the form offers, in the words of the filter. */
export const RULE_OPS = ['=', '!=', '<', '<=', '>', '>=', 'in', 'between', 'icontains', 'null', 'notnull'] as const;

export interface ConditionRow {
  field: string;
  op: string;
  /** Null while nothing whole is written. */
  value: unknown;
}

/** What people choose incidents or sensors by; all of it must hold. */
export interface FilterParts {
  categories: string[];
  area: Area | null;
  rows: ConditionRow[];
}

const AREAS = ['bbox', 'within', 'circle', 'inside', 'cells'];

function isArea(part: unknown): part is Area {
  const keys = part !== null && typeof part === 'object' ? Object.keys(part) : [];
  return keys.length === 1 && AREAS.includes(keys[0] as string);
}

/**
 * A filter as parts; null for one that somebody wrote in another form: the form shows it as text. `listed` is the field
 * whose list of values has a place of its own.
 */
export function readFilter(filter: Record<string, unknown> | undefined, listed: string | null): FilterParts | null {
  const found: FilterParts = { categories: [], area: null, rows: [] };
  if (filter === undefined) return found;
  const parts =
    Array.isArray(filter['and']) && Object.keys(filter).length === 1 ? (filter['and'] as unknown[]) : [filter];
  for (const part of parts) {
    const { field, op, value = null } = (part ?? {}) as Record<string, unknown>;
    if (isArea(part) && found.area === null) found.area = part;
    else if (field === listed && op === 'in' && Array.isArray(value) && found.categories.length === 0) {
      found.categories = value.map(String);
    } else if (typeof field === 'string' && (RULE_OPS as readonly unknown[]).includes(op)) {
      found.rows.push({ field, op: String(op), value });
    } else return null;
  }
  return found;
}

/** Whether a row says something. */
export function isWhole({ op, value }: ConditionRow): boolean {
  return op === 'null' || op === 'notnull' || value !== null;
}

/** The parts as a filter; undefined where nothing is chosen. Rows that are not written to their end stay, and are refused. */
export function writeFilter({ categories, area, rows }: FilterParts): Record<string, unknown> | undefined {
  const parts: Record<string, unknown>[] = [];
  if (categories.length > 0) parts.push({ field: 'category', op: 'in', value: categories });
  if (area !== null) parts.push(area);
  for (const { field, op, value } of rows)
    parts.push(op === 'null' || op === 'notnull' ? { field, op } : { field, op, value });
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : { and: parts };
}

/** The value of a row as it is written: several with commas. */
export function writeRow({ value }: ConditionRow): string {
  return value === null || value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value);
}

/** What is written as a value of a field; null where it is none. */
export function readRow(text: string, op: string, type: string): unknown {
  const one = (part: string): unknown => {
    if (part === '') return null;
    if (type === 'int' || type === 'number') return Number.isFinite(Number(part)) ? Number(part) : null;
    if (type === 'bool') return part === 'true' ? true : part === 'false' ? false : null;
    return part;
  };
  if (op !== 'in' && op !== 'between') return one(text.trim());
  const values = text
    .split(/[,，、]/)
    .map((part) => one(part.trim()))
    .filter((value) => value !== null);
  return values.length === 0 || (op === 'between' && values.length !== 2) ? null : values;
}

/** Without what is not there: the API knows no `undefined`. */
export function clean(rule: Rule): Rule {
  return JSON.parse(JSON.stringify(rule)) as Rule;
}

export function isSame(a: Rule, b: Rule): boolean {
  return stable(a) === stable(b);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}

/** Pieces of a sentence with blanks: `above [limit] for long` is a text, a blank and a text. */
export function piecesOf(sentence: string): { text: string; blank: string | null }[] {
  return sentence
    .split(/(\[\w+\])/)
    .filter((piece) => piece !== '')
    .map((piece) => ({ text: piece, blank: /^\[(\w+)\]$/.exec(piece)?.[1] ?? null }));
}

export type { Of };
