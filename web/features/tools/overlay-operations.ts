import type { LayerSummary } from '../../../server/app.ts';

export const OVERLAY_OPERATIONS = ['intersection', 'clip', 'difference', 'union', 'symmetric_difference'] as const;
export type OverlayOperation = (typeof OVERLAY_OPERATIONS)[number];

/** 0 of points, 1 of lines, 2 of areas. */
export function dimensionOf(layer: Pick<LayerSummary, 'geometry'>): 0 | 1 | 2 {
  return layer.geometry === 'polygon' ? 2 : layer.geometry === 'line' ? 1 : 0;
}

/** What can be made of two layers by what they are; a drawn shape is an area. */
export function operationsOf(a: 0 | 1 | 2, b: 0 | 1 | 2): OverlayOperation[] {
  return OVERLAY_OPERATIONS.filter((operation) => {
    switch (operation) {
      case 'intersection':
        return true;
      case 'clip':
        return b === 2;
      case 'difference':
        return b >= a;
      case 'union':
        return a === 2 && b === 2;
      case 'symmetric_difference':
        return a === b;
    }
  });
}
