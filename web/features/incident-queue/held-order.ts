import type { Incident } from '../../../server/app.ts';

/** A row of a list that is held still. */
export interface HeldRow {
  incident: Incident;
  /** It is no longer open; it keeps its place until the list goes on. */
  isGone: boolean;
}

/** Rows in the order they had, as they are now. */
export function inHeldOrder(held: readonly Incident[], now: ReadonlyMap<number, Incident>): HeldRow[] {
  return held.map((before) => {
    const incident = now.get(before.id);
    return { incident: incident ?? before, isGone: incident === undefined };
  });
}

/** How many are there that were not when the list was stopped. */
export function countSince(held: readonly Incident[], now: Iterable<Incident>): number {
  const known = new Set(held.map(({ id }) => id));
  let count = 0;
  for (const { id } of now) if (!known.has(id)) count += 1;
  return count;
}
