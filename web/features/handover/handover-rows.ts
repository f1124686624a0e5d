import type { Incident } from '../../../server/app.ts';
import { byUrgency, countsAsOpen, type Situation } from '../../situation.ts';

/** Rows of a sheet that one person hands to another: more nobody reads. */
const MOST = 20;

/** What the next shift has to know of first: what is red or orange, and what is late; and how much more of it there is. */
export function handoverRows(situation: Situation): { rows: Incident[]; more: number } {
  const grave = [...situation.incidents.values()].filter(
    (incident) =>
      countsAsOpen(incident) &&
      (incident.severity === 1 || incident.severity === 2 || situation.overdue.has(incident.id)),
  );
  const rows = grave.toSorted(byUrgency(situation)).slice(0, MOST);
  return { rows, more: grave.length - rows.length };
}
