/** Counts as they may be shown. Withheld ones are null; their sum is `suppressed.count`. */
export interface Suppressed {
  counts: (number | null)[];
  total: number | null;
  unlocated: number | null;
  suppressed: { k: number; groups: number; count: number | null };
}

/**
 * Withholds counts below `k`, then the smallest others until what is withheld adds up to at least `k`, so that nothing
 * small can be found by subtraction. The rows without a place are a group like the others. When all there is is less
 * than `k`, the total is withheld too. `Σ counts + suppressed.count + unlocated = total` wherever they are shown.
 * Zero is not withheld: it tells of nobody.
 */
export function suppress(counts: readonly number[], unlocated: number, k: number): Suppressed {
  const total = counts.reduce((sum, count) => sum + count, 0) + unlocated;
  const groups = [...counts, unlocated];
  const withheld = new Set<number>();
  let sum = 0;
  groups.forEach((count, index) => {
    if (count === 0 || count >= k) return;
    withheld.add(index);
    sum += count;
  });
  if (withheld.size > 0 && sum < k) {
    const rest = groups
      .map((count, index) => ({ count, index }))
      .filter(({ count, index }) => count > 0 && !withheld.has(index))
      .toSorted((a, b) => a.count - b.count || a.index - b.index);
    for (const { count, index } of rest) {
      if (sum >= k) break;
      withheld.add(index);
      sum += count;
    }
  }
  const isHidden = withheld.size > 0 && sum < k;
  return {
    counts: counts.map((count, index) => (withheld.has(index) ? null : count)),
    total: isHidden ? null : total,
    unlocated: withheld.has(counts.length) ? null : unlocated,
    suppressed: { k, groups: withheld.size, count: isHidden ? null : sum },
  };
}
