/** Classes of figures that are not counts: averages, sums, shares, days. */
import type { RampClass } from '../theme.ts';

/** A figure as a number; days and times as milliseconds; null for none. */
export function figureNumber(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const read = typeof value === 'number' ? value : Date.parse(value);
  return Number.isFinite(read) ? read : null;
}

/**
 * Classes with about as many units in each, so that a few very high ones do not leave the rest in one colour. Bounds are
 * figures that occur: `from` and `to` of a class are its lowest and highest.
 */
export function valueClasses(values: readonly (number | null)[], steps: number): RampClass[] {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const distinct = [...new Set(sorted)];
  if (distinct.length === 0) return [];
  const count = Math.min(steps, distinct.length);
  const starts = new Set<number>();
  for (let step = 0; step < count; step += 1) {
    starts.add(
      distinct.length <= steps
        ? (distinct[step] as number)
        : (sorted[Math.floor((step * sorted.length) / count)] as number),
    );
  }
  const from = [...starts];
  return from.map((value, index) => {
    const next = from[index + 1];
    const to = next === undefined ? (sorted.at(-1) as number) : (sorted.findLast((each) => each < next) as number);
    const color =
      from.length === 1 ? Math.floor(steps / 2) : Math.round((index * (steps - 1)) / Math.max(1, from.length - 1));
    return { index: color, from: value, to };
  });
}

/** Index of the colour of a figure; that of the lowest class for what lies below. */
export function valueIndex(value: number, classes: readonly RampClass[]): number {
  return classes.findLast(({ from }) => value >= from)?.index ?? classes[0]?.index ?? -1;
}
