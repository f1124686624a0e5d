/** The time that screens go by: now, or the moment that a replay has reached. */
let replayed: (() => number) | null = null;

/** ms since 1970. */
export function clockNow(): number {
  return replayed?.() ?? Date.now();
}

/** Makes the screen go by another clock; null: by the real one again. */
export function setClock(clock: (() => number) | null): void {
  replayed = clock;
}
