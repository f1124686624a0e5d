/** Drawing on the map by hand, for the tools or for whoever else wants a shape. */
import { useCallback, useRef, useState } from 'react';
import type { DrawMode, HandMode } from '../../map/draw-mode.ts';
import type { Drawing } from '../../map/drawing.ts';
import { shapeGeometry, type DrawnShape } from '../../shape.ts';
import type { patchUrl } from '../../use-url-state.ts';

export function useHand(shape: DrawnShape | null, patch: typeof patchUrl) {
  const [handMode, setHandMode] = useState<HandMode | null>(null);
  // What was being changed may be gone: the way back of the browser leads to before it.
  const mode = handMode === 'edit' && (shape === null || shapeGeometry(shape) === null) ? null : handMode;
  const control = useRef<Drawing | null>(null);
  /** Whether the shape is being changed for the first time: one step of the address for all that is changed at a time. */
  const isFirstChange = useRef(true);
  const onMode = useCallback(
    (next: HandMode | null) => {
      setHandMode(next);
      isFirstChange.current = true;
      // Where there is room for one only, one draws on the map.
      if (next !== null) patch({ sheet: null }, true);
    },
    [patch],
  );
  /** Who wants what is drawn, when it is not the tools. */
  const drawnFor = useRef<((shape: DrawnShape) => void) | null>(null);
  const onDraw = useCallback(
    (next: DrawMode, done: (shape: DrawnShape) => void) => {
      drawnFor.current = done;
      onMode(next);
    },
    [onMode],
  );
  const onToolMode = useCallback(
    (next: HandMode | null) => {
      drawnFor.current = null;
      onMode(next);
      // Back to where the tools and their answers are.
      if (next === null && handMode !== null) patch({ sheet: 'analyse' }, true);
    },
    [onMode, handMode, patch],
  );
  const onEdited = useCallback(
    (changed: DrawnShape) => {
      patch({ shape: changed }, !isFirstChange.current);
      isFirstChange.current = false;
    },
    [patch],
  );
  const onDrawn = useCallback(
    (drawn: DrawnShape) => {
      setHandMode(null);
      const done = drawnFor.current;
      drawnFor.current = null;
      if (done === null) patch({ shape: drawn, sheet: 'analyse' });
      else {
        done(drawn);
        patch({ sheet: 'analyse' }, true);
      }
    },
    [patch],
  );
  return { mode, control, onDraw, onToolMode, onEdited, onDrawn } as const;
}
