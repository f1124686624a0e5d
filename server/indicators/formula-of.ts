import type { Counted, Indicator } from './definitions.ts';

function counted({ act, where, less }: Counted): string {
  const each = where === undefined ? act : `${act}[${where.replace('_', ' ')}]`;
  return less === undefined ? each : `(${each} − ${less})`;
}

/** How an indicator is computed, in the words of `acts.ts`: what documents and the page say of it. */
export function formulaOf({ measure }: Indicator): string {
  if ('count' in measure) return counted(measure.count);
  if ('share' in measure) return measure.share.map(counted).join(' ÷ ');
  if ('mean' in measure) return `mean working minutes of ${measure.mean}`;
  if ('top3' in measure) return `${measure.top3} of the three most frequent categories ÷ ${measure.top3}`;
  return measure.score.map(({ key, weight, rest }) => `${weight} × ${rest ? `(1 − ${key})` : key}`).join(' + ');
}
