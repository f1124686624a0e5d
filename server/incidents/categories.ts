import type { Text } from '../../layers/define.ts';
import { categoryList } from './category-list.ts';
import type { TimeLimit } from './deadline.ts';

/** A kind of incident. `limit` is the time within which it must be dealt with. */
export interface Category {
  code: string;
  title: Text;
  limit: TimeLimit;
}

const byCode = new Map<string, Category>(
  categoryList.map(([code, zh, en, amount, unit]) => [code, { code, title: { zh, en }, limit: { amount, unit } }]),
);

/** All categories in the order of the standard, then the social-governance list. */
export const categories: readonly Category[] = [...byCode.values()];

/** The category with this code, e.g. `06010` or `Z0901`. */
export function findCategory(code: string): Category | undefined {
  return byCode.get(code);
}
