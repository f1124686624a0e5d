/** What moves and what sensors say, of the layers that are shown. */
import { useMemo } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { useMoving } from '../../features/moving/use-moving.ts';
import { useSensorValues } from '../../features/sensor-values/use-sensor-values.ts';
import { light } from '../../theme.ts';
import type { UrlState } from '../../url-state.ts';

const NOTHING: never[] = [];

export interface LiveSettings {
  state: UrlState;
  catalogue: readonly LayerSummary[];
  zoom: number;
  /** Enlarges marks on large screens. */
  scale: number;
}

export function useLiveLayers({ state, catalogue, zoom, scale }: LiveSettings) {
  const { layers, asOf, camera, lang } = state;
  // The past does not move, and says nothing any more.
  const live = useMemo(
    () => (asOf === null ? layers.flatMap(({ id }) => catalogue.find((item) => item.id === id) ?? []) : NOTHING),
    [catalogue, layers, asOf],
  );
  const movingShown = useMemo(() => live.filter((layer) => layer.moving !== null), [live]);
  const sensorShown = useMemo(() => live.filter((layer) => layer.sensor !== null), [live]);
  const moving = useMoving({ shown: movingShown, zoom, palette: light, scale });
  const sensorValues = useSensorValues({ shown: sensorShown, camera, zoom, palette: light, lang, scale });
  /** Layers of which it is known where their vehicles are: marks that glide stand for the features of the last load. */
  const gliding = [...new Set(moving.vehicles.map(({ kind }) => kind))].toSorted().join();
  return { moving, movingShown, sensorValues, gliding };
}
