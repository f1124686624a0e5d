export interface SparklineProps {
  values: readonly (number | null)[];
  /** What the values are measured by, drawn behind them: the same steps of the whole. */
  measure?: readonly (number | null)[] | undefined;
  /** Lowest and highest of all lines that are looked at side by side. */
  range: readonly [number, number];
  /** The line in words. */
  label: string;
}

const [WIDTH, HEIGHT, MARGIN] = [96, 26, 3];

/** A value over time as small as a word; gaps are where nothing is known. The last value has a dot. */
export function Sparkline({ values, measure, range: [low, high], label }: SparklineProps) {
  const x = (index: number) => MARGIN + (index * (WIDTH - 2 * MARGIN)) / Math.max(1, values.length - 1);
  const y = (value: number) =>
    high > low ? HEIGHT - MARGIN - ((value - low) * (HEIGHT - 2 * MARGIN)) / (high - low) : HEIGHT / 2;
  const path = (list: readonly (number | null)[]) =>
    list
      .map((value, index) =>
        value === null
          ? ''
          : `${(list[index - 1] ?? null) === null ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`,
      )
      .join('');
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg className="om-spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {measure && <path className="om-spark-measure" d={path(measure)} />}
      <path className="om-spark-line" d={path(values)} />
      {last >= 0 && <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2.2" />}
    </svg>
  );
}

/** Lowest and highest of several lines. */
export function rangeOf(lines: readonly (readonly (number | null)[])[]): [number, number] {
  const known = lines.flatMap((line) => line.filter((value) => value !== null));
  return known.length === 0 ? [0, 0] : [Math.min(...known), Math.max(...known)];
}
