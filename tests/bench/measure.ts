/** One comparison: ours against a reference, both measured in turn in the same run. */
export interface Comparison {
  name: string;
  ours: string;
  reference: string;
  /** How many times better ours is than the reference; above 1 is better. */
  ratio: number;
  target: string;
}

/** Middle value (the lower one of an even number). Throws when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('no value to take the median of');
  return middle;
}

/** Value below which the share `p` (0..1) of the values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
  if (value === undefined) throw new Error('no value to take a percentile of');
  return value;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs `a` and `b` in turn, `runs` times each, so that both meet the same weather. Each is timed as a whole.
 * @returns milliseconds of each run
 */
export async function alternate(
  runs: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
): Promise<{ a: number[]; b: number[] }> {
  return alternateTimes(
    runs,
    () => timed(a),
    () => timed(b),
  );
}

/** Like `alternate`, for work that states its own milliseconds. */
export async function alternateTimes(
  runs: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<{ a: number[]; b: number[] }> {
  const times = { a: [] as number[], b: [] as number[] };
  for (let run = 0; run < runs; run++) {
    times.a.push(await a());
    times.b.push(await b());
  }
  return times;
}
