import type { Layer } from '../../layers/define.ts';

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

export const CELL_LEVELS = ['grid', 'community', 'town'] as const;
export type CellLevel = (typeof CELL_LEVELS)[number];

/** `[minLon, minLat, maxLon, maxLat]`, EPSG:4326, borders included. */
export type Bbox = readonly [number, number, number, number];

/** One test of a row. */
export type Condition =
  | { kind: 'compare'; field: FieldRef; op: ComparisonOperator; value: Scalar }
  | { kind: 'between'; field: FieldRef; low: Scalar; high: Scalar }
  | { kind: 'in'; field: FieldRef; values: readonly Scalar[] }
  /** `ignoreCase`: A-Z are as a-z, in the text and in the pattern; other letters are as they are. */
  | { kind: 'like'; field: FieldRef; pattern: string; ignoreCase?: true }
  | { kind: 'contains'; field: FieldRef; text: string; ignoreCase?: true }
  | { kind: 'null' | 'notnull'; field: FieldRef }
  | { kind: 'bbox'; bbox: Bbox }
  | Within
  | { kind: 'cells'; by: CellLevel; codes: readonly string[] }
  /** Rows that lie in no cell of a level: without a place, or beyond the district. */
  | { kind: 'outside'; by: CellLevel };

/**
 * Polygons of rings, the first ring outside, the others holes. Borders belong to the area. A line or polygon is in it
 * when any part of it is.
 */
export interface Within {
  kind: 'within';
  polygons: readonly (readonly Ring[])[];
  /** What the polygons were made from, where they were not given as such: they are then valid and do not overlap. */
  made?: MadeArea;
}

/** An area that was asked for by what it is around, and the key that stands for its polygons in caches. */
export interface MadeArea {
  of: AreaOf<Predicate | null>;
  key: string;
  /** Layers whose rows it is around, and those that chose these rows. */
  layers: readonly Pick<Layer, 'id' | 'sensitivity'>[];
}

/** `F` is the filter on the rows of another layer: as it was written, or checked. */
export type AreaOf<F> =
  | { kind: 'circle'; centre: readonly [number, number]; metres: number }
  | { kind: 'feature'; layer: string; fid: number; metres: number }
  | { kind: 'features'; layer: string; filter: F; metres: number };

/** Connectives over leaves. */
export type Tree<Leaf> = { kind: 'and' | 'or'; of: readonly Tree<Leaf>[] } | { kind: 'not'; of: Tree<Leaf> } | Leaf;

export type Predicate = Tree<Condition>;

/** An area whose polygons are not made yet; `at` is its place in the filter. */
export interface UnmadeArea {
  kind: 'unmade';
  at: string;
  of: AreaOf<unknown>;
}

/** A filter that is checked against its layer, but may still have areas to be made: `read-predicate.ts`. */
export type Draft = Tree<Condition | UnmadeArea>;

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

/** The layers that areas of the predicate were made from: what it matches depends on their rows, too. */
export function layersOfAreas(predicate: Predicate): Pick<Layer, 'id' | 'sensitivity'>[] {
  const layers: Pick<Layer, 'id' | 'sensitivity'>[] = [];
  walk(predicate, (part) => {
    if (part.kind === 'within') layers.push(...(part.made?.layers ?? []));
  });
  return layers;
}

/** True when the predicate asks where a row lies by its geometry (not by the code of its cell). */
export function usesGeometry(predicate: Predicate): boolean {
  let found = false;
  walk(predicate, (part) => {
    if (part.kind === 'bbox' || part.kind === 'within') found = true;
  });
  return found;
}

/** A short text that is the same for the same predicate: polygons that were made are named by their key. */
export function predicateKey(predicate: Predicate): string {
  return JSON.stringify(predicate, (_, value: unknown) => (isMade(value) ? value.made?.key : value));
}

function isMade(value: unknown): value is Within {
  return value !== null && typeof value === 'object' && (value as Within).made !== undefined;
}

/** The smallest box that every matching row touches, as far as the areas of the predicate say; null: anywhere. */
export function boundsOf(predicate: Predicate): Bbox | null {
  switch (predicate.kind) {
    case 'bbox':
      return predicate.bbox;
    case 'within':
      return predicate.polygons.length === 0 ? null : boundsOfPolygons(predicate.polygons);
    case 'and': {
      const boxes = predicate.of.map(boundsOf).filter((box) => box !== null);
      const [first, ...rest] = boxes;
      if (first === undefined) return null;
      let [west, south, east, north] = first;
      for (const box of rest) {
        [west, south] = [Math.max(west, box[0]), Math.max(south, box[1])];
        [east, north] = [Math.min(east, box[2]), Math.min(north, box[3])];
      }
      // Areas apart from each other: nothing matches, and any of the boxes will do.
      return west > east || south > north ? first : [west, south, east, north];
    }
    default:
      return null;
  }
}

/** The box around the outer rings. */
export function boundsOfPolygons(polygons: readonly (readonly Ring[])[]): Bbox {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [shell] of polygons) {
    for (const [lon, lat] of shell ?? []) {
      west = Math.min(west, lon);
      south = Math.min(south, lat);
      east = Math.max(east, lon);
      north = Math.max(north, lat);
    }
  }
  return [west, south, east, north];
}
