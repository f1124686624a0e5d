import { getPriority, setPriority } from 'node:os';

/** How much this process and those it starts stand back, as `nice` counts: 0 not at all, 19 most. */
export const STANDS_BACK = 10;

/**
 * Lets a service on the same machine go first. A load is busy for minutes, a map request for milliseconds; on a machine
 * with nothing else to do a load takes no longer.
 */
export function yieldToService(nice: number): void {
  // Whoever started this with `nice` knows best; and only the administrator may go back.
  if (getPriority() < nice) setPriority(nice);
}
