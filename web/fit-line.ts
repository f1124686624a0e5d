function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export interface FittedLine {
  slope: number;
  /** Height of the line where `a` is nought. */
  intercept: number;
  /** How far each pair lies above or below the line, in standard deviations. */
  residuals: number[];
}

/** The line through pairs of figures that fits best by least squares. */
export function fitLine(a: readonly number[], b: readonly number[]): FittedLine {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [sab, saa] = [0, 0];
  a.forEach((value, index) => {
    sab += (value - meanA) * ((b[index] ?? 0) - meanB);
    saa += (value - meanA) ** 2;
  });
  const slope = saa === 0 ? 0 : sab / saa;
  const intercept = meanB - slope * meanA;
  const raw = a.map((value, index) => (b[index] ?? 0) - intercept - slope * value);
  const deviation = Math.sqrt(raw.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, a.length - 2));
  // Below the errors of arithmetic there is nothing to tell.
  const isExact = deviation <= 1e-9 * Math.max(1, Math.abs(meanB));
  return { slope, intercept, residuals: raw.map((value) => (isExact ? 0 : value / deviation)) };
}
