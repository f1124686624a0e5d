import { CHINA_OFFSETS } from './district.ts';
import { MIXED } from './range.ts';

/** Metres east and north. */
export interface Offset {
  east: number;
  north: number;
}

/** What the displacements of single features say when they are seen together. */
export type OffsetVerdict =
  /** Nearly all are displaced alike. `known` names the datum with that displacement; null when none has it. */
  | { kind: 'uniform'; offset: Offset; spread: number; pairs: number; known: Displaced | null }
  /** Two groups, each displaced as one of the three datums. */
  | { kind: 'mixed'; parts: { datum: Displaced; share: number }[]; pairs: number }
  /** Features that moved, or pairs that do not belong together. */
  | { kind: 'scattered'; pairs: number };

export type Displaced = 'EPSG:4326' | keyof typeof CHINA_OFFSETS;

const KNOWN: readonly (readonly [Displaced, Offset, number])[] = [
  ['EPSG:4326', { east: 0, north: 0 }, 30],
  ['GCJ-02', CHINA_OFFSETS['GCJ-02'], 80],
  ['BD-09', CHINA_OFFSETS['BD-09'], 80],
];

/** Features displaced alike lie within this of each other, metres. */
const SPREAD = 60;
/** A single feature counts for a datum within this of its displacement, metres. */
const NEAR = 150;
/** From here on all features being displaced alike means Xian 80, Beijing 54 or a badly fitted local system, metres. */
export const OLD_DATUM = 30;

export function offsetBetween(
  [lon, lat]: readonly [number, number],
  [lonBefore, latBefore]: readonly [number, number],
): Offset {
  return {
    east: (lon - lonBefore) * 111_320 * Math.cos((latBefore * Math.PI) / 180),
    north: (lat - latBefore) * 110_574,
  };
}

/** Judges the displacements of at least ten features; null when there are fewer. */
export function judgeOffsets(offsets: readonly Offset[]): OffsetVerdict | null {
  const pairs = offsets.length;
  if (pairs < 10) return null;
  const parts = KNOWN.map(([datum, centre]) => ({
    datum,
    count: offsets.filter((offset) => distance(offset, centre) <= NEAR).length,
  }))
    .filter(({ count }) => count >= MIXED.rows && count / pairs >= MIXED.share)
    .toSorted((a, b) => b.count - a.count);
  if (parts.length > 1) {
    return { kind: 'mixed', pairs, parts: parts.map(({ datum, count }) => ({ datum, share: count / pairs })) };
  }
  const offset = { east: median(offsets.map(({ east }) => east)), north: median(offsets.map(({ north }) => north)) };
  const spread = Math.max(
    median(offsets.map(({ east }) => Math.abs(east - offset.east))),
    median(offsets.map(({ north }) => Math.abs(north - offset.north))),
  );
  if (spread >= SPREAD) return { kind: 'scattered', pairs };
  const known = KNOWN.find(([, centre, radius]) => distance(offset, centre) <= radius)?.[0] ?? null;
  return { kind: 'uniform', offset, spread, pairs, known };
}

/** Displacement of a datum of the three, metres. */
export function knownOffset(datum: Displaced): Offset {
  return KNOWN.find(([name]) => name === datum)?.[1] as Offset;
}

export function distance(a: Offset, b: Offset): number {
  return Math.hypot(a.east - b.east, a.north - b.north);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
