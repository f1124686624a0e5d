import { useState } from 'react';

const KEY = 'one-map:export';

/** Number of the last export. The tab remembers it: a reload loses no file that is being made or waits to be fetched. */
export function useExportId(): [string | null, (id: string | null) => void] {
  const [id, setId] = useState(() => {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  });
  const change = (next: string | null) => {
    setId(next);
    try {
      if (next === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, next);
    } catch {
      // It lasts as long as the page.
    }
  };
  return [id, change];
}
