import { setImmediate } from 'node:timers/promises';

/**
 * Runs pieces of work one after the other, with a turn of the event loop before each. A count takes milliseconds; when fifty
 * people ask at once, a push to a screen waits for one of them and not for fifty.
 */
export function createTurns(): <T>(work: () => T) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(() => setImmediate()).then(work);
    // The next one does not care how this one ended.
    last = mine.catch(() => {});
    return mine;
  };
}
