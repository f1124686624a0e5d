import { useLayoutEffect, useState } from 'react';

const DESK_PX = 16;

function rootSize(kind: 'wall' | 'desk'): number {
  const { innerWidth: width, innerHeight: height } = window;
  if (width < 900) return DESK_PX;
  // 20 px at 1920 × 1080.
  if (kind === 'wall') return Math.max(13, Math.min(width / 96, height / 54));
  // A desk on a screen of 4K at its full number of pixels.
  return width > 2200 ? Math.max(DESK_PX, Math.min(width / 120, height / 67.5)) : DESK_PX;
}

/**
 * Sets the size of 1 rem and returns it in pixels. A wall grows with the screen, so that it reads the same from five metres at
 * 1080p and at 4K; a desk keeps the size people have set.
 */
export function useRootSize(kind: 'wall' | 'desk'): number {
  const [px, setPx] = useState(() => rootSize(kind));
  useLayoutEffect(() => {
    const fit = () => {
      const size = rootSize(kind);
      document.documentElement.style.fontSize = size === DESK_PX ? '' : `${size}px`;
      setPx(size);
    };
    fit();
    window.addEventListener('resize', fit);
    return () => {
      window.removeEventListener('resize', fit);
      document.documentElement.style.fontSize = '';
    };
  }, [kind]);
  return px;
}
