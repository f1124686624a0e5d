import type { Fresh } from './candidates.ts';
import { matchGroups, SURE } from './likeness.ts';
import type { Pair } from './links.ts';

/**
 * What the machine links: each new report with the likeliest group, if that is likely enough. Reports are looked at in
 * the order in which they came, so that several of one page find each other. Groups are never put together by the
 * machine: who is in one already stays there.
 */
export function findPairs(fresh: readonly Fresh[]): Pair[] {
  const waiting = new Set(fresh.map(({ id }) => id));
  const rootOf = new Map<number, number>();
  const pairs: Pair[] = [];
  for (const report of fresh) {
    waiting.delete(report.id);
    if (rootOf.has(report.id)) continue;
    const known = report.others
      // Who came later and is alone will look at this one, not this one at it.
      .filter(({ id, isNew }) => !waiting.has(id) && !(isNew && id > report.id))
      .map((other) => ({ ...other, root: rootOf.get(other.id) ?? other.root }));
    const apart = new Set(report.apart);
    const notOurs = new Set(known.filter(({ id, root }) => apart.has(id) || apart.has(root)).map(({ root }) => root));
    const [match] = matchGroups(
      report,
      known.filter(({ root }) => !notOurs.has(root)),
    );
    if (!match || match.score < SURE) continue;
    rootOf.set(report.id, match.root);
    pairs.push({
      a: report.id,
      b: match.root,
      detail: {
        score: Math.round(match.score * 1000) / 1000,
        metres: Math.round(match.metres),
        minutes: Math.round(match.minutes),
        sameCategory: match.sameCategory,
        wording: Math.round(match.wording * 100) / 100,
      },
    });
  }
  return pairs;
}
