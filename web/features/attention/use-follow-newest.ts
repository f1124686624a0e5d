import { useEffect, useRef } from 'react';
import { gravestFirst } from '../../gravest-first.ts';
import type { Incident } from '../../../server/app.ts';
import { useLive } from '../../live-store.ts';

/** So long each is shown before the next, ms: a map that flies all the time shows nothing. */
const STAY_MS = 8_000;

/**
 * Shows what comes in by itself, the gravest of it, one after the other, and stops as soon as anybody touches anything: a hand
 * on the screen is right, whatever comes.
 */
export function useFollowNewest(isOn: boolean, show: (incident: Incident) => void, stop: () => void): void {
  const arrivals = useLive((state) => state.arrivals);
  const shownAt = useRef(0);
  const lastId = useRef(0);
  useEffect(() => {
    // From here on: what has come before is in the queue.
    if (isOn) lastId.current = Math.max(0, ...useLive.getState().arrivals.map(({ id }) => id));
  }, [isOn]);
  useEffect(() => {
    if (!isOn) return undefined;
    const next = () => {
      const [gravest] = arrivals
        .filter(({ id, parent }) => id > lastId.current && parent === null)
        .toSorted(gravestFirst);
      if (!gravest) return;
      lastId.current = Math.max(...arrivals.map(({ id }) => id));
      shownAt.current = Date.now();
      show(gravest);
    };
    const timer = setTimeout(next, Math.max(0, shownAt.current + STAY_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [isOn, arrivals, show]);
  useEffect(() => {
    if (!isOn) return undefined;
    const events = ['pointerdown', 'wheel', 'keydown'] as const;
    // Not the click that switched it on.
    const timer = setTimeout(() => {
      for (const name of events) document.addEventListener(name, stop, { capture: true, passive: true });
    }, 0);
    return () => {
      clearTimeout(timer);
      for (const name of events) document.removeEventListener(name, stop, { capture: true });
    };
  }, [isOn, stop]);
}
