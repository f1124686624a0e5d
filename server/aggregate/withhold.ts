import type { Groups, Metric } from './aggregate-query.ts';
import { suppress } from './suppress.ts';

/** An aggregate as it may be shown. What is withheld is null. */
export interface ShownGroups {
  counts: (number | null)[];
  /** Null as a whole for `count`. */
  values: (number | null)[] | null;
  total: number | null;
  /** The metric over everything. */
  totalValue: number | null;
  outside: number | null;
  suppressed: { k: number; groups: number; count: number | null };
}

/**
 * Withholds what tells of fewer than `k`: counts by `suppress`, and with a count its value. `counts` of a metric on a
 * field are the rows with a value, so no figure is made of fewer than `k` of them, nor is what is left of the total.
 *
 * A share gives away both its parts. It is shown only where both may be: where few of a group satisfy the condition, and
 * where few do not.
 */
export function withhold(groups: Groups, metric: Metric, k: number): ShownGroups {
  const { counts, values, outside, outsidePart, overall } = groups;
  if (metric.kind === 'share' && metric.of !== null) {
    const parts = values ?? [];
    const part = suppress(parts, outsidePart, k);
    const rest = suppress(
      counts.map((count, index) => count - (parts[index] as number)),
      outside - outsidePart,
      k,
    );
    const isShown = (index: number): boolean => part.counts[index] !== null && rest.counts[index] !== null;
    const isOutsideShown = part.unlocated !== null && rest.unlocated !== null;
    const total = part.total === null || rest.total === null ? null : part.total + rest.total;
    let groupsWithheld = isOutsideShown ? 0 : 1;
    let withheld = isOutsideShown ? 0 : outside;
    counts.forEach((count, index) => {
      if (isShown(index)) return;
      groupsWithheld++;
      withheld += count;
    });
    return {
      counts: counts.map((count, index) => (isShown(index) ? count : null)),
      values: counts.map((count, index) => (isShown(index) ? (parts[index] as number) / count : null)),
      total,
      totalValue: total === null || total === 0 ? null : (overall ?? 0) / total,
      outside: isOutsideShown ? outside : null,
      suppressed: { k, groups: groupsWithheld, count: total === null ? null : withheld },
    };
  }
  const { unlocated, ...shown } = suppress(counts, outside, k);
  const { total } = shown;
  if (metric.kind === 'count') return { ...shown, outside: unlocated, values: null, totalValue: null };
  const isShare = metric.kind === 'share';
  return {
    ...shown,
    outside: unlocated,
    values: shown.counts.map((count, index) => {
      if (count === null) return null;
      if (!isShare) return (values?.[index] as number | undefined) ?? null;
      return total === null || total === 0 ? null : count / total;
    }),
    totalValue: total === null || isShare ? null : overall,
  };
}
