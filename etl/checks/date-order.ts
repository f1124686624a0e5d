import type { Layer } from '../../layers/define.ts';
import { dayOf } from './latest.ts';

/** Two fields of which the first may not be after the second. */
export interface DatePair {
  /** Indexes among the fields. */
  first: number;
  second: number;
  /** Which of them are instants that are compared by their day, because the other one is a day. */
  isCut: readonly [boolean, boolean];
}

/** The pairs of fields that a layer declares. */
export function datePairs(layer: Layer): DatePair[] {
  const names = Object.keys(layer.fields);
  const isInstant = (name: string): boolean => layer.fields[name]?.type === 'datetime';
  return (layer.checks.order ?? []).flatMap(([first, second]) => {
    if (second === 'today') return [];
    const isMixed = isInstant(first) !== isInstant(second);
    return [
      {
        first: names.indexOf(first),
        second: names.indexOf(second),
        isCut: [isMixed && isInstant(first), isMixed && isInstant(second)] as const,
      },
    ];
  });
}

/** Whether two stored values of a pair are in order; on the same day a day and an instant are. */
export function isInOrder({ isCut }: DatePair, first: number, second: number): boolean {
  return (isCut[0] ? dayOf(first) : first) <= (isCut[1] ? dayOf(second) : second);
}
