/** When each event is due, ms after the start. Never decreasing. */
export type Pace = (index: number) => number;

/** `rate` events per second; 0 means as fast as they are taken. */
export function atRate(rate: number): Pace {
  return rate === 0 ? () => 0 : (index) => (index * 1000) / rate;
}

/** As they happened, `speed` times as fast. `times` are ms since 1970, sorted. */
export function atSpeed(times: readonly number[], speed: number): Pace {
  const start = times[0] ?? 0;
  return (index) => ((times[index] ?? start) - start) / speed;
}

/**
 * Calls `send` with consecutive ranges of `0..count`, each event not before it is due and at most `most` at once.
 * While a call is under way further events become due; they go together in the next one.
 */
export async function paced(
  count: number,
  pace: Pace,
  most: number,
  send: (from: number, to: number) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < count;) {
    const now = performance.now() - start;
    let to = from;
    while (to < count && to - from < most && pace(to) <= now) to += 1;
    if (to > from) {
      await send(from, to);
      from = to;
    } else {
      const wait = pace(from) - now;
      await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 60_000)));
    }
  }
}
