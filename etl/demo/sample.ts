import type { Random } from './random.ts';

/** `count` different items of a list, or all when there are fewer, in random order. */
export function sample<T>(list: readonly T[], count: number, random: Random): T[] {
  const items = list.slice();
  const wanted = Math.min(count, items.length);
  for (let i = 0; i < wanted; i++) {
    const k = random.int(i, items.length - 1);
    [items[i], items[k]] = [items[k] as T, items[i] as T];
  }
  return items.slice(0, wanted);
}

/**
 * Chooses a fixed number out of many that pass by, each as likely as its weight says, and holds only about twice as many
 * as are wanted (Efraimidis and Spirakis: the largest of u^(1/weight) win).
 */
export class WeightedChoice<T> {
  private kept: { item: T; rank: number; order: number }[] = [];
  private seen = 0;
  private readonly wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  offer(item: T, weight: number, random: Random): void {
    this.seen += 1;
    if (!(weight > 0)) return;
    this.kept.push({ item, rank: Math.log(1 - random.next()) / weight, order: this.seen });
    if (this.kept.length > 2 * this.wanted + 16) this.trim();
  }

  /** The chosen, in the order in which they came. */
  take(): T[] {
    this.trim();
    return this.kept.toSorted((p, q) => p.order - q.order).map(({ item }) => item);
  }

  private trim(): void {
    this.kept.sort((p, q) => q.rank - p.rank);
    this.kept.length = Math.min(this.kept.length, this.wanted);
  }
}
