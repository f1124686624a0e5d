import { useState } from 'react';

const KEY = 'one-map:favourite-layers';

function stored(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    // Another program's text, or a browser that keeps nothing.
    return [];
  }
}

/** Layers somebody marked, kept by his browser: they are his and not part of a link. */
export function useFavourites() {
  const [ids, setIds] = useState(stored);
  const toggle = (id: string) => {
    const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
    setIds(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // They last as long as the page.
    }
  };
  return { ids, toggle };
}
