/**
 * The one predicate: a checked tree that is compiled to SQL (`to-sql.ts`) and to the column store (`to-columns.ts`).
 *
 * It is two-valued. A row without a value satisfies no comparison (not even `!=`), and `not` turns that round plainly:
 * `not (age > 60)` holds for a row without an age. Text is compared by code point, case counts. A row without a place
 * lies in no area.
 */
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A field of the layer as the predicate uses it. Dates are `YYYY-MM-DD`, times ISO 8601 with zone. */
export interface FieldRef {
  name: string;
  type: 'string' | 'int' | 'number' | 'bool' | 'date' | 'datetime';
}

export type Scalar = string | number | boolean;

/** A closed ring of `[lon, lat]`, first position repeated at the end. */
export type Ring = readonly (readonly [number, number])[];

export type CellLevel = 'grid' | 'community' | 'town';

/** `[minLon, minLat, maxLon, maxLat]`, EPSG:4326, borders included. */
export type Bbox = readonly [number, number, number, number];

export type Predicate =
  | { kind: 'and' | 'or'; of: readonly Predicate[] }
  | { kind: 'not'; of: Predicate }
  | { kind: 'compare'; field: FieldRef; op: ComparisonOperator; value: Scalar }
  | { kind: 'between'; field: FieldRef; low: Scalar; high: Scalar }
  | { kind: 'in'; field: FieldRef; values: readonly Scalar[] }
  | { kind: 'like'; field: FieldRef; pattern: string }
  | { kind: 'contains'; field: FieldRef; text: string }
  | { kind: 'null' | 'notnull'; field: FieldRef }
  | { kind: 'bbox'; bbox: Bbox }
  /** Polygons of rings, the first ring outside, the others holes. Borders belong to the area. */
  | { kind: 'within'; polygons: readonly (readonly Ring[])[] }
  | { kind: 'cells'; by: CellLevel; codes: readonly string[] };

/** True for every row. */
export const EVERYTHING: Predicate = { kind: 'and', of: [] };

/** Both must hold; `EVERYTHING` is left out. */
export function both(a: Predicate, b: Predicate): Predicate {
  if (a === EVERYTHING) return b;
  if (b === EVERYTHING) return a;
  return { kind: 'and', of: [a, b] };
}

/** Calls `visit` for the predicate and everything in it. */
export function walk(predicate: Predicate, visit: (part: Predicate) => void): void {
  visit(predicate);
  if (predicate.kind === 'and' || predicate.kind === 'or') for (const part of predicate.of) walk(part, visit);
  if (predicate.kind === 'not') walk(predicate.of, visit);
}

/** True when the predicate asks where a row lies by its geometry (not by the code of its cell). */
export function usesGeometry(predicate: Predicate): boolean {
  let found = false;
  walk(predicate, (part) => {
    if (part.kind === 'bbox' || part.kind === 'within') found = true;
  });
  return found;
}
