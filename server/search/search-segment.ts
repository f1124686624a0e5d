import { matchText, type Typed } from './match-text.ts';
import { typedInitials } from './readings.ts';
import { DEGREE, listOf, NOWHERE, type Segment, textsOf } from './segment.ts';
import { pairTokens, readStartToken, readTokens, startToken } from './tokens.ts';

/** A row that was found. */
export interface Hit {
  layer: string;
  fid: number;
  score: number;
  /** Texts of the searched fields, raw, in the order of the definition. */
  texts: string[];
  /** Which of them matched. */
  field: number;
  range: [number, number] | null;
  /** `[lon, lat]` or `[west, south, east, north]`; null without a place. */
  place: number[] | null;
}

/** Entries that are looked at closely. They come in the order of the length of their titles: the shortest fit best. */
const MOST_LOOKED_AT = 400;
/** Entries of lists that are added up for what was typed with a mistake. */
const MOST_ADDED = 400_000;
/** Key that most entries have: it tells nothing. */
const TOO_COMMON = 0.3;

/** Sums of the entries of the segment that is searched, kept from one search to the next. */
let sums = new Float32Array(1 << 16);

function placeOf({ places, isPoint }: Segment, entry: number): number[] | null {
  const stride = isPoint ? 2 : 4;
  const at = entry * stride;
  if (places[at] === NOWHERE) return null;
  return Array.from(places.subarray(at, at + stride), (value) => value / DEGREE);
}

/** `[lon, lat]`. */
export type Position = readonly [number, number];

/** The place itself, or the middle of a box. */
export function pointOf(place: readonly number[]): [number, number] {
  const [west = 0, south = 0, east = west, north = south] = place;
  return [(west + east) / 2, (south + north) / 2];
}

/** Degrees within which being near counts: some 30 km. */
const NEAR = 0.3;

function nearness(place: readonly number[] | null, near: Position | null): number {
  if (place === null || near === null) return 0;
  const [x, y] = pointOf(place);
  return 0.1 * Math.max(0, 1 - Math.hypot(x - near[0], y - near[1]) / NEAR);
}

/** Entries that have all keys, the first `limit`. */
function withAll(segment: Segment, keys: readonly number[], limit: number): number[] {
  const lists = [...new Set(keys)].map((key) => listOf(segment, key)).toSorted((a, b) => a.size - b.size);
  const [rarest, ...rest] = lists;
  if (rarest === undefined || rarest.size === 0) return [];
  let common: Uint32Array | number[] = rarest.read();
  for (const list of rest) {
    const other = list.read();
    const kept: number[] = [];
    let at = 0;
    for (const entry of common) {
      while (at < other.length && (other[at] as number) < entry) at++;
      if (other[at] === entry) kept.push(entry);
    }
    common = kept;
    if (kept.length === 0) break;
  }
  return Array.from(common.slice(0, limit));
}

/** Entries that have most of the keys, by how rare the shared ones are. */
function withMost(segment: Segment, keys: readonly number[], limit: number): number[] {
  const lists = [...new Set(keys)]
    .map((key) => listOf(segment, key))
    .filter(({ size }) => size > 0 && (size < 1000 || size < segment.entries * TOO_COMMON))
    .toSorted((a, b) => a.size - b.size);
  if (sums.length < segment.entries) sums = new Float32Array(segment.entries * 1.5);
  const touched: number[] = [];
  let added = 0;
  for (const list of lists) {
    added += list.size;
    if (added > MOST_ADDED) break;
    const weight = Math.log1p(segment.entries / list.size);
    for (const entry of list.read()) {
      if (sums[entry] === 0) touched.push(entry);
      sums[entry] = (sums[entry] as number) + weight;
    }
  }
  // The best `limit` by a threshold, without sorting all.
  const best = Math.max(0, ...sampled(touched).map((entry) => sums[entry] as number));
  let least = best * 0.5;
  let chosen = touched.filter((entry) => (sums[entry] as number) >= least);
  while (chosen.length > limit * 4) {
    least += (best - least) * 0.5 + 1e-6;
    const fewer = chosen.filter((entry) => (sums[entry] as number) >= least);
    if (fewer.length === 0) break;
    chosen = fewer;
  }
  chosen = chosen.toSorted((a, b) => (sums[b] as number) - (sums[a] as number) || a - b);
  for (const entry of touched) sums[entry] = 0;
  return chosen.slice(0, limit);
}

/** Enough of a list to spread into a call. */
function sampled(entries: readonly number[]): readonly number[] {
  if (entries.length <= 50_000) return entries;
  let best: number[] = [];
  let most = 0;
  for (const entry of entries) {
    if ((sums[entry] as number) > most) {
      most = sums[entry] as number;
      best = [entry];
    }
  }
  return best;
}

/** The rows of a segment that fit best what was typed, best first; of two that fit alike, the one near to `near`. */
export function searchSegment(segment: Segment, typed: Typed, limit: number, near: Position | null = null): Hit[] {
  const { normal, letters } = typed;
  const looked = new Set<number>();
  const found: Hit[] = [];
  const lookAt = (entries: readonly number[]): void => {
    for (const entry of entries) {
      if (looked.has(entry)) continue;
      looked.add(entry);
      const texts = textsOf(segment, entry);
      let best: Pick<Hit, 'score' | 'field' | 'range'> | null = null;
      texts.forEach((text, field) => {
        const match = matchText(typed, text);
        // The same in a field behind the title counts a little less.
        const score = match === null ? 0 : match.score - (field === 0 ? 0 : 0.03);
        if (match !== null && score > (best?.score ?? 0)) best = { score, field, range: match.range };
      });
      if (best === null) continue;
      const { score, field, range }: Pick<Hit, 'score' | 'field' | 'range'> = best;
      const place = placeOf(segment, entry);
      found.push({
        layer: segment.layer,
        fid: segment.fids[entry] as number,
        score: score + nearness(place, near),
        field,
        range,
        texts,
        place,
      });
    }
  };
  const pairs = pairTokens(normal);
  const start = startToken(normal);
  lookAt(withAll(segment, [start, ...pairs], MOST_LOOKED_AT));
  if (pairs.length > 0) lookAt(withAll(segment, pairs, MOST_LOOKED_AT));
  if (letters !== null && found.length < limit) {
    for (const initials of typedInitials(letters)) {
      if (initials.length >= 2)
        lookAt(withAll(segment, [readStartToken(initials), ...readTokens(initials)], MOST_LOOKED_AT));
      if (initials.length >= 3) lookAt(withAll(segment, readTokens(initials), MOST_LOOKED_AT));
    }
  }
  if (found.length < limit && pairs.length > 1) lookAt(withMost(segment, pairs, 100));
  return found.toSorted((a, b) => b.score - a.score).slice(0, limit);
}
