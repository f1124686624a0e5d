import { useEffect } from 'react';

/** Dialogs of the component library, and those of the browser. */
const DIALOG = '[aria-modal="true"], dialog[open]';

/** `/` goes to the search box, Esc closes what is open. */
export function useShortcuts(onEscape: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // What is pressed while an input method is at work is for that.
      if (event.isComposing) return;
      const target = event.target as HTMLElement | null;
      const isTyping = target !== null && (target.tagName === 'INPUT' || target.tagName === 'TEXTAREA');
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
        const search = document.querySelector<HTMLInputElement>('[data-search-first]');
        if (!search) return;
        event.preventDefault();
        search.focus();
      } else if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector(DIALOG)) {
        // A dialog closes itself, and nothing else with it.
        onEscape();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onEscape]);
}
