import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** How much this process and those it starts stand back, as `nice` counts: 0 not at all, 19 most. */
export const STANDS_BACK = 10;

/** The least that anybody gets. */
const LAST = 19;

/**
 * Lets a service on the same machine go first. A load is busy for minutes, a map request for milliseconds; on a machine
 * with nothing else to do a load takes no longer. Counted from where the process was started: what runs beside it, with
 * the same parent, goes first in any case.
 */
export function yieldToService(nice: number): void {
  for (const thread of threads()) {
    try {
      setPriority(thread, Math.min(LAST, getPriority(thread) + nice));
    } catch (error) {
      // A thread may have ended meanwhile.
      if ((error as { info?: { code?: string } }).info?.code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Linux gives each thread a priority of its own, and the threads that compile and collect garbage are there before the first
 * line of a program. Elsewhere one number is that of the whole process.
 */
function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
