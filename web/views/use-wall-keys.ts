import { useEffect } from 'react';
import type { WallKey } from '../features/shortcuts/shortcut-sheet.tsx';

/** Single keys of the wall, while nobody writes, no dialog is open and no other key is held. */
export function useWallKeys(actions: Readonly<Partial<Record<WallKey, () => void>>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target?.closest('input, textarea, select, [contenteditable], dialog[open], [role="dialog"]')) return;
      const action = (actions as Readonly<Record<string, (() => void) | undefined>>)[
        event.key.length === 1 ? event.key.toLowerCase() : event.key
      ];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [actions]);
}
