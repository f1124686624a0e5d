/** The situation card's circle or outline on the map, and the place somebody asked to see. */
import type { Layer } from '@deck.gl/core';
import type { Geometry } from 'geojson';
import { useMemo } from 'react';
import type { SituationCard } from '../../../server/app.ts';
import { foundLayer, shapeLayer } from '../../map/tool-layers.ts';
import type { Palette } from '../../theme.ts';
import type { Spot } from './nearby-list.tsx';

const NOTHING: Layer[] = [];

export function useCardLayers(card: SituationCard | undefined, spot: Spot | null, palette: Palette): Layer[] {
  return useMemo(() => {
    if (card === undefined) return NOTHING;
    const { at, shape } = card;
    const found: Geometry[] =
      spot === null
        ? []
        : [
            { type: 'LineString', coordinates: [[...at], [...spot.at]] },
            { type: 'Point', coordinates: [...spot.at] },
          ];
    return [
      shapeLayer(shape.geometry as unknown as Geometry, palette, 'card-shape'),
      ...(found.length === 0 ? [] : [foundLayer('card-spot', found, palette)]),
    ];
  }, [card, spot, palette]);
}
