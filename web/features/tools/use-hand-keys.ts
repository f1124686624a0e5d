import { useEffect, type RefObject } from 'react';
import type { HandMode } from '../../map/draw-mode.ts';
import type { Drawing } from '../../map/drawing.ts';

/** Pixels that an arrow key moves; with Shift for the last bit. */
const STEP = 10;
const FINE_STEP = 1;
/** What takes keys for itself. */
const TAKES_KEYS =
  'input, textarea, select, [role="tab"], [role="slider"], [contenteditable], dialog, [aria-modal="true"]';
/** What Enter presses. */
const IS_PRESSED = 'button, a, summary';

interface Hands {
  mode: HandMode | null;
  drawing: Drawing | null;
  onMode: (mode: HandMode | null) => void;
}

/** Keys of drawing and of changing what was drawn. */
export function useHandKeys(
  mode: HandMode | null,
  canEdit: boolean,
  control: RefObject<Drawing | null>,
  onMode: (mode: HandMode | null) => void,
): void {
  useEffect(() => {
    if (mode === null && !canEdit) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (!actOn(event, { mode, drawing: control.current, onMode })) return;
      event.preventDefault();
      // Arrows would move the map too.
      event.stopPropagation();
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [mode, canEdit, control, onMode]);
}

/** Does what a key stands for, and says whether it stands for something. */
function actOn(event: KeyboardEvent, { mode, drawing, onMode }: Hands): boolean {
  const { key } = event;
  const target = event.target instanceof Element ? event.target : null;
  // Only the drawing ends: what is selected stays.
  if (key === 'Escape' && mode !== null) {
    onMode(null);
    return true;
  }
  if (target?.closest(TAKES_KEYS) != null) return false;
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (mode === null) {
    if (hasModifier || key.toLowerCase() !== 'e') return false;
    onMode('edit');
    return true;
  }
  if (drawing === null) return false;
  if (key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
    drawing.undo();
    return true;
  }
  if (hasModifier) return false;
  const isDelete = key === 'Delete' || key === 'Backspace';
  if (mode !== 'edit') {
    if (isDelete) drawing.undo();
    return isDelete;
  }
  if (isDelete) {
    drawing.removeCorner();
    return true;
  }
  const step = event.shiftKey ? FINE_STEP : STEP;
  switch (key) {
    case 'Enter':
      if (target?.closest(IS_PRESSED) != null) return false;
      onMode(null);
      return true;
    case '[':
    case ']':
      drawing.chooseCorner(key === ']' ? 1 : -1);
      return true;
    case 'ArrowLeft':
    case 'ArrowRight':
      drawing.move(key === 'ArrowLeft' ? -step : step, 0);
      return true;
    case 'ArrowUp':
    case 'ArrowDown':
      drawing.move(0, key === 'ArrowUp' ? -step : step);
      return true;
    default:
      return false;
  }
}
