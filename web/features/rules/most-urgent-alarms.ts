import type { Alarm } from '../../../server/app.ts';

/** What nobody has acknowledged first, of that the most severe, of that the newest. */
export function mostUrgentAlarms<A extends Pick<Alarm, 'id' | 'severity' | 'acknowledgedAt'>>(
  alarms: readonly A[],
  count: number,
): A[] {
  const isSeen = ({ acknowledgedAt }: A) => Number(acknowledgedAt !== null);
  return alarms.toSorted((a, b) => isSeen(a) - isSeen(b) || a.severity - b.severity || b.id - a.id).slice(0, count);
}
