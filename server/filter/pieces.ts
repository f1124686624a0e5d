import { polygonsToEwkb } from './wkb.ts';
import type { Ring, Within } from './predicate.ts';

type Polygons = readonly (readonly Ring[])[];

/** Positions of a piece: PostGIS compares a geometry as a whole with the one before, for each row it tests. */
const PIECE_POSITIONS = 2000;
/** Bands per degree in which polygons are neighbours: about two kilometres. */
const BANDS = 50;

const known = new WeakMap<Polygons, string[]>();

/**
 * The polygons of an area as geometries (hexadecimal EWKB) for SQL: a row is in the area when it is in one of them. Those
 * of a made area, which do not overlap, are joined with their neighbours; others stand alone, as joined they might mean
 * something else.
 */
export function piecesOf({ polygons, made }: Within): readonly string[] {
  let pieces = known.get(polygons);
  if (pieces === undefined) {
    const groups = made === undefined ? polygons.map((polygon) => [polygon]) : neighbours(polygons);
    pieces = groups.map(polygonsToEwkb);
    known.set(polygons, pieces);
  }
  return pieces;
}

function band(polygon: readonly Ring[]): number {
  return Math.floor((polygon[0]?.[0]?.[1] ?? 0) * BANDS);
}

function lon(polygon: readonly Ring[]): number {
  return polygon[0]?.[0]?.[0] ?? 0;
}

function neighbours(polygons: Polygons): Polygons[] {
  const groups: (readonly Ring[])[][] = [];
  let positions = Infinity;
  for (const polygon of polygons.toSorted((a, b) => band(a) - band(b) || lon(a) - lon(b))) {
    const count = polygon.reduce((sum, ring) => sum + ring.length, 0);
    if (positions + count > PIECE_POSITIONS) {
      groups.push([]);
      positions = 0;
    }
    groups.at(-1)?.push(polygon);
    positions += count;
  }
  return groups;
}
