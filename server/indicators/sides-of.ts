import { CONDITIONS } from './read-indicators.ts';
import type { Counted, Indicator } from './definitions.ts';

/** `all`: what an indicator is about; `part`: what is counted of it; `rest`: what is missing to the whole. */
export const SIDES = ['all', 'part', 'rest'] as const;
export type Side = (typeof SIDES)[number];

/** SQL of the acts on each side that can be listed. All of it comes from the definitions, none from a caller. */
export type Sides = Partial<Record<Side, string>>;

function conditionOf({ act, where }: Counted): string {
  return where === undefined ? `a.act = '${act}'` : `(a.act = '${act}' and ${CONDITIONS[where]})`;
}

/**
 * Which acts stand behind an indicator. As many as its numbers say: `part` and `all` are the two numbers that were divided, `rest` is
 * their difference. Empty for a score, which is made of other indicators. Pure.
 */
export function sidesOf({ measure }: Indicator): Sides {
  if ('count' in measure) return { all: conditionOf(measure.count) };
  if ('mean' in measure) return { all: `(a.act = '${measure.mean}' and a.minutes is not null)` };
  if ('top3' in measure) return { all: conditionOf({ act: measure.top3 }) };
  if ('score' in measure) return {};
  const [part, whole] = measure.share;
  const all = conditionOf(whole);
  if (part.less !== undefined) return { all, rest: conditionOf({ act: part.less }) };
  // Of other acts, what is missing to the whole is no act.
  if (part.act !== whole.act || part.where === undefined) return { all, part: conditionOf(part) };
  return { all, part: conditionOf(part), rest: `(${all} and (${CONDITIONS[part.where]}) is not true)` };
}
