/**
 * Statistics of values on cells. `neighbours[i]` are the indexes of the cells next to cell `i`, without itself. Formulas as in
 * Getis and Ord 1992/1995, Moran 1950, Cliff and Ord 1981, Anselin 1995; held against PySAL in the tests.
 */

export interface LocalValue {
  z: number;
  /** Two-sided. */
  p: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Complementary error function, right to 1.2e-7 (W. J. Cody's kind of Chebyshev fit). */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const poly = series.reduceRight((sum, factor) => sum * t + factor, 0);
  const value = t * Math.exp(-x * x + poly);
  return x >= 0 ? value : 2 - value;
}

/** Probability of a normal deviation at least so far from 0, on either side. */
export function twoSided(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/** Gi* with binary weights, the cell itself among its neighbours: high z are clusters of high values. */
export function getisOrd(values: readonly number[], neighbours: readonly (readonly number[])[]): LocalValue[] {
  const n = values.length;
  const average = mean(values);
  const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / n - average * average);
  return values.map((own, i) => {
    const near = neighbours[i] ?? [];
    const weight = near.length + 1;
    const sum = near.reduce((total, j) => total + (values[j] ?? 0), own);
    const deviation = spread * Math.sqrt((n * weight - weight * weight) / (n - 1));
    const z = deviation > 0 ? (sum - average * weight) / deviation : 0;
    return { z, p: twoSided(z) };
  });
}

export interface GlobalMoran {
  i: number;
  expected: number;
  /** Under randomisation. */
  variance: number;
  z: number;
  p: number;
}

/** Global Moran's I with row-standardised weights. Null when it is not defined: all values the same, or no neighbours. */
export function globalMoran(values: readonly number[], neighbours: readonly (readonly number[])[]): GlobalMoran | null {
  const n = values.length;
  const average = mean(values);
  const deviations = values.map((value) => value - average);
  const second = deviations.reduce((sum, value) => sum + value ** 2, 0);
  const fourth = deviations.reduce((sum, value) => sum + value ** 4, 0);
  if (!(second > 0) || n < 4) return null;
  let cross = 0;
  let s0 = 0;
  let s1 = 0;
  const incoming = new Float64Array(n);
  const weight = (i: number) => 1 / (neighbours[i]?.length ?? 1);
  const sets = neighbours.map((near) => new Set(near));
  neighbours.forEach((near, i) => {
    for (const j of near) {
      const w = weight(i);
      cross += w * deviations[i]! * deviations[j]!;
      s0 += w;
      incoming[j] = incoming[j]! + w;
      // (w_ij + w_ji)² once for each pair: half of it from either side, or all of it where only one side has it.
      const back = sets[j]?.has(i) ? weight(j) : 0;
      s1 += back > 0 ? (w + back) ** 2 / 2 : w ** 2;
    }
  });
  if (s0 === 0) return null;
  const s2 = neighbours.reduce((sum, near, i) => sum + ((near.length > 0 ? 1 : 0) + incoming[i]!) ** 2, 0);
  const i = (n / s0) * (cross / second);
  const expected = -1 / (n - 1);
  const kurtosis = fourth / n / (second / n) ** 2;
  const a = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0);
  const b = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0);
  const variance = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0 * s0) - expected * expected;
  const z = (i - expected) / Math.sqrt(variance);
  return { i, expected, variance, z, p: twoSided(z) };
}

export type Quadrant = 'HH' | 'LL' | 'HL' | 'LH';

export interface LocalMoran {
  i: number;
  /** High or low itself, and high or low around it. */
  quadrant: Quadrant;
  /** Pseudo p of conditional permutations. */
  p: number;
}

/** Numbers from 0 to 1, the same for the same seed, so that the same question has the same answer. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Local Moran's I with row-standardised weights: the own value stays, the others are drawn without repetition. */
export function localMoran(
  values: readonly number[],
  neighbours: readonly (readonly number[])[],
  permutations = 999,
): LocalMoran[] {
  const n = values.length;
  const average = mean(values);
  const deviations = values.map((value) => value - average);
  const second = deviations.reduce((sum, value) => sum + value ** 2, 0);
  const random = randomNumbers(20_261_127);
  const pool = Array.from({ length: n }, (_, index) => index);
  return deviations.map((own, i): LocalMoran => {
    const near = neighbours[i] ?? [];
    const lag = near.length === 0 ? 0 : near.reduce((sum, j) => sum + deviations[j]!, 0) / near.length;
    const quadrant: Quadrant = own > 0 ? (lag > 0 ? 'HH' : 'HL') : lag > 0 ? 'LH' : 'LL';
    if (near.length === 0 || second === 0) return { i: 0, quadrant, p: 1 };
    const actual = near.reduce((sum, j) => sum + values[j]!, 0);
    // The same values added in another order must count as the same.
    const slack = 1e-9 * Math.sqrt(second);
    let larger = 0;
    for (let run = 0; run < permutations; run++) {
      let sum = 0;
      // The first places of the pool are drawn; the cell itself is passed over.
      for (let k = 0, drawn = 0; drawn < near.length; k++) {
        const pick = k + Math.floor(random() * (n - k));
        const chosen = pool[pick]!;
        pool[pick] = pool[k]!;
        pool[k] = chosen;
        if (chosen === i) continue;
        sum += values[chosen]!;
        drawn++;
      }
      if (Math.sign(own) * (sum - actual) >= -slack) larger++;
    }
    const extreme = Math.min(larger, permutations - larger);
    return { i: ((n - 1) * own * lag) / second, quadrant, p: (extreme + 1) / (permutations + 1) };
  });
}

/** The largest p that is significant at `alpha` when so many are tested (Benjamini and Hochberg 1995); 0 when none is. */
export function fdrThreshold(ps: readonly number[], alpha: number): number {
  const sorted = ps.toSorted((a, b) => a - b);
  for (let rank = sorted.length; rank > 0; rank--) {
    const p = sorted[rank - 1]!;
    if (p <= (rank / sorted.length) * alpha) return p;
  }
  return 0;
}

/** Pearson's r; NaN when one of both is always the same. */
export function pearson(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, index) => {
    const [x, y] = [value - meanA, b[index]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  });
  return ab / Math.sqrt(aa * bb);
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value);
  const result = Array.from({ length: values.length }, () => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]!.value === order[from]!.value) to++;
    for (let at = from; at <= to; at++) result[order[at]!.index] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return result;
}

export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranks(a), ranks(b));
}

/** p of a correlation by Fisher's transformation; needs more than 10 pairs to be any good. */
export function correlationP(r: number, n: number): number {
  if (n < 4 || Number.isNaN(r)) return 1;
  return Math.abs(r) >= 1 ? 0 : twoSided(Math.atanh(r) * Math.sqrt(n - 3));
}
