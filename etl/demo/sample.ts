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
