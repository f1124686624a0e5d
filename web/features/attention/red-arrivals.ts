import type { Incident } from '../../../server/app.ts';

/** So long a red arrival asks for attention, ms. */
export const ATTENTION_MS = 60_000;

export interface RedArrival {
  incident: Incident;
  /** ms since 1970. */
  seenAt: number;
}

/** Which red arrivals ask for attention: the new ones added, those that are old, looked at or no longer open left out; newest first. */
export function redArrivals(
  before: readonly RedArrival[],
  arrivals: readonly Incident[],
  open: ReadonlyMap<number, Incident>,
  done: ReadonlySet<number>,
  now: number,
): RedArrival[] {
  const known = new Set(before.map(({ incident }) => incident.id));
  const fresh = arrivals
    .filter(({ id, severity, parent }) => severity === 1 && parent === null && !known.has(id))
    .map((incident) => ({ incident, seenAt: now }));
  return [...fresh, ...before].filter(
    ({ incident, seenAt }) => now - seenAt < ATTENTION_MS && open.has(incident.id) && !done.has(incident.id),
  );
}
