import type { KeyboardEvent } from 'react';

/**
 * Escape in a form is for the form: it closes it, or leaves its field, and nothing around it. While an input method is at work the
 * key belongs to that.
 */
export function onEscape(leave: (field: HTMLElement) => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    event.preventDefault();
    leave(event.target as HTMLElement);
  };
}
