import { useMemo } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import type { CityMapProps } from '../../map/city-map.tsx';
import { mapLayersOf } from '../../map/layer-style.ts';
import { light } from '../../theme.ts';
import { pictureTitle } from '../../time.ts';
import type { UrlState } from '../../url-state.ts';

/** The picture of another time that lies right of the divider, if two are compared. */
export function useSwiped(
  state: UrlState,
  catalogue: readonly LayerSummary[],
): NonNullable<CityMapProps['swipe']> | null {
  const { layers, swipe, times, asOf, lang } = state;
  return useMemo(() => {
    const layer = catalogue.find(({ id }) => id === swipe?.layer);
    const shownSwiped = layers.find(({ id }) => id === swipe?.layer);
    if (!swipe || !layer?.raster || !shownSwiped) return null;
    const options = {
      palette: light,
      opacity: shownSwiped.opacity,
      origin: location.origin,
      filter: null,
      selected: null,
    };
    return {
      layers: mapLayersOf(layer, { ...options, at: asOf, time: swipe.time }),
      left: pictureTitle(times[layer.id] ?? layer.raster.times.at(-1) ?? '', lang),
      right: pictureTitle(swipe.time, lang),
    };
  }, [catalogue, layers, swipe, times, asOf, lang]);
}
