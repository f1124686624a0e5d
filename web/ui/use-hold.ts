import { useCallback, useEffect, useRef, useState } from 'react';

/** So long after the last touch or movement a list goes on by itself, ms: nobody's finger is still on its way. */
const HOLD_MS = 10_000;
/** Whoever walks through it by keyboard reads on the way. */
const KEYBOARD_HOLD_MS = 60_000;

/**
 * Holds a list still while somebody is about to pick from it: what moves under a pointer is picked wrongly. It holds from the
 * first movement over it, and lets go when the mouse leaves, or some time after the last sign of anybody.
 */
export function useHold() {
  const [isHeld, setIsHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const release = useCallback(() => {
    clearTimeout(timer.current);
    setIsHeld(false);
  }, []);
  const holdFor = useCallback((ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setIsHeld(false), ms);
    setIsHeld(true);
  }, []);
  const hold = useCallback(() => holdFor(HOLD_MS), [holdFor]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    isHeld,
    release,
    handlers: {
      onPointerMove: hold,
      onPointerDown: hold,
      onWheel: hold,
      onKeyDown: () => holdFor(KEYBOARD_HOLD_MS),
      // A finger that is lifted leaves, too, and comes back for the next row.
      onPointerLeave: (event: { pointerType: string }) => event.pointerType === 'mouse' && release(),
    },
  };
}
