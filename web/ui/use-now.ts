import { useSyncExternalStore } from 'react';
import { clockNow } from '../clock.ts';

/** All clocks of one rhythm go by one timer and are drawn at once. */
interface Beat {
  now: number;
  listeners: Set<() => void>;
  subscribe: (listener: () => void) => () => void;
  getNow: () => number;
}

const beats = new Map<number, Beat>();

function beatOf(everyMs: number): Beat {
  const known = beats.get(everyMs);
  if (known) return known;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    timer = setTimeout(tick, everyMs - (Date.now() % everyMs));
  };
  const read = () => {
    beat.now = clockNow();
    readAt = Date.now();
  };
  const tick = () => {
    read();
    wait();
    for (const listener of beat.listeners) listener();
  };
  let readAt = Date.now();
  const beat: Beat = {
    now: clockNow(),
    listeners: new Set(),
    subscribe: (listener) => {
      if (beat.listeners.size === 0) wait();
      beat.listeners.add(listener);
      return () => {
        beat.listeners.delete(listener);
        if (beat.listeners.size === 0) clearTimeout(timer);
      };
    },
    getNow: () => {
      // Nobody has kept it going since the last one left. React asks twice and wants the same answer.
      if (beat.listeners.size === 0 && Math.abs(Date.now() - readAt) >= everyMs) read();
      return beat.now;
    },
  };
  beats.set(everyMs, beat);
  return beat;
}

/** ms since 1970 on the screen's clock, refreshed every `everyMs` of real time, on the beat. */
export function useNow(everyMs = 1000): number {
  const { subscribe, getNow } = beatOf(everyMs);
  return useSyncExternalStore(subscribe, getNow);
}
