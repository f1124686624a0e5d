import { EVERYTHING, type AreaOf, type Condition, type Predicate, type Ring } from './predicate.ts';

/** A filter in the JSON of this service. */
export type FilterJson = Record<string, unknown>;

/** The predicate in the JSON of this service: `parseDraft` makes the same of it again. */
export function toJson(predicate: Predicate): FilterJson {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { [predicate.kind]: predicate.of.map(toJson) };
    case 'not':
      return { not: toJson(predicate.of) };
    default:
      return condition(predicate);
  }
}

function condition(part: Condition): FilterJson {
  switch (part.kind) {
    case 'compare':
      return { field: part.field.name, op: part.op, value: part.value };
    case 'between':
      return { field: part.field.name, op: 'between', value: [part.low, part.high] };
    case 'in':
      return { field: part.field.name, op: 'in', value: [...part.values] };
    case 'like':
      return { field: part.field.name, op: part.ignoreCase ? 'ilike' : 'like', value: part.pattern };
    case 'contains':
      return { field: part.field.name, op: part.ignoreCase ? 'icontains' : 'contains', value: part.text };
    case 'null':
    case 'notnull':
      return { field: part.field.name, op: part.kind };
    case 'bbox':
      return { bbox: [...part.bbox] };
    case 'within':
      return part.made === undefined ? { within: geometry(part.polygons) } : made(part.made.of);
    case 'cells':
      return { cells: { by: part.by, codes: [...part.codes] } };
    case 'outside':
      return { outside: part.by };
  }
}

function geometry(polygons: readonly (readonly Ring[])[]): FilterJson {
  const [first] = polygons;
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: first }
    : { type: 'MultiPolygon', coordinates: polygons };
}

function made(of: AreaOf<Predicate | null>): FilterJson {
  switch (of.kind) {
    case 'circle':
      return { circle: { centre: [...of.centre], metres: of.metres } };
    case 'feature':
      return { inside: { layer: of.layer, fid: of.fid, metres: of.metres } };
    case 'features': {
      const rows = of.filter === null || of.filter === EVERYTHING ? {} : { filter: toJson(of.filter) };
      return { inside: { layer: of.layer, ...rows, metres: of.metres } };
    }
  }
}
