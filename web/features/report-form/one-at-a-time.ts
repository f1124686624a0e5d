/** Work that is never done twice at once: what is asked for meanwhile is done afterwards, the last of it only. */
export function oneAtATime<T>(work: (input: T) => Promise<void>): (input: T) => Promise<void> {
  let isBusy = false;
  let next: { input: T } | null = null;
  return async (input) => {
    next = { input };
    if (isBusy) return;
    isBusy = true;
    try {
      while (next !== null) {
        const { input: now }: { input: T } = next;
        next = null;
        await work(now);
      }
    } finally {
      isBusy = false;
    }
  };
}
