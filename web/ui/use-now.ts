import { useEffect, useState } from 'react';

/** ms since 1970, refreshed every `everyMs`, on the beat of the clock. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const beat = () => {
      setNow(Date.now());
      timer = setTimeout(beat, everyMs - (Date.now() % everyMs));
    };
    timer = setTimeout(beat, everyMs - (Date.now() % everyMs));
    return () => clearTimeout(timer);
  }, [everyMs]);
  return now;
}
