import { useCallback, useState } from 'react';

/** A switch that this browser remembers; without storage it is off after a reload. */
export function useRemembered(key: string): [boolean, () => void] {
  const [isOn, setIsOn] = useState(() => {
    try {
      return localStorage.getItem(key) === '1';
    } catch {
      return false;
    }
  });
  const toggle = useCallback(
    () =>
      setIsOn((before) => {
        try {
          localStorage.setItem(key, before ? '0' : '1');
        } catch {
          // It holds until the reload.
        }
        return !before;
      }),
    [key],
  );
  return [isOn, toggle];
}
