import { useEffect, useState } from 'react';
import { clockNow } from '../clock.ts';

/** ms since 1970 on the screen's clock, refreshed every `everyMs` of real time, on the beat. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(clockNow);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const beat = () => {
      setNow(clockNow());
      timer = setTimeout(beat, everyMs - (Date.now() % everyMs));
    };
    timer = setTimeout(beat, everyMs - (Date.now() % everyMs));
    return () => clearTimeout(timer);
  }, [everyMs]);
  return now;
}
