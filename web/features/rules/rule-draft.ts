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

/** What people choose incidents by. */
export interface IncidentParts {
  categories: string[];
  area: Area | null;
}

const AREAS = ['bbox', 'within', 'circle', 'inside', 'cells'];

function isArea(part: unknown): part is Area {
  const keys = part !== null && typeof part === 'object' ? Object.keys(part) : [];
  return keys.length === 1 && AREAS.includes(keys[0] as string);
}

/** A filter as parts; null for one that somebody wrote in another form: the form leaves it as it is. */
export function readFilter(filter: Record<string, unknown> | undefined): IncidentParts | null {
  if (filter === undefined) return { categories: [], area: null };
  const parts =
    Array.isArray(filter['and']) && Object.keys(filter).length === 1 ? (filter['and'] as unknown[]) : [filter];
  const found: IncidentParts = { categories: [], area: null };
  for (const part of parts) {
    if (isArea(part) && found.area === null) found.area = part;
    else {
      const { field, op, value } = (part ?? {}) as Record<string, unknown>;
      const isList = field === 'category' && op === 'in' && Array.isArray(value) && found.categories.length === 0;
      if (!isList) return null;
      found.categories = value.map(String);
    }
  }
  return found;
}

/** The parts as a filter; undefined where nothing is chosen. */
export function writeFilter({ categories, area }: IncidentParts): Record<string, unknown> | undefined {
  const parts: Record<string, unknown>[] = [];
  if (categories.length > 0) parts.push({ field: 'category', op: 'in', value: categories });
  if (area !== null) parts.push(area);
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : { and: parts };
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
