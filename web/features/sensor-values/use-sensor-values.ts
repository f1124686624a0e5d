import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useSensors } from '../../api/sensors.ts';
import { sensorLayers } from '../../map/sensor-layers.ts';
import type { Palette } from '../../theme.ts';
import { useNow } from '../../ui/use-now.ts';
import type { Camera, Language } from '../../url-state.ts';

const NOTHING: never[] = [];
/** Nearer than this, values have room. */
const VALUE_ZOOM = 12.5;

export interface SensorValueSettings {
  /** The sensor layers that are shown. */
  shown: readonly LayerSummary[];
  camera: Camera | null;
  zoom: number;
  palette: Palette;
  lang: Language;
  scale: number;
}

/** What the sensors of the shown layers said last, at their places: joined here, since tiles hold no live state. */
export function useSensorValues({ shown, camera, zoom, palette, lang, scale }: SensorValueSettings) {
  const { t } = useTranslation();
  const layers = shown.map(({ id }) => id).join(',');
  const sensors = useSensors(layers === '' || zoom < VALUE_ZOOM ? null : layers, boxAround(camera));
  const beat = useNow(30_000);
  const rounded = Math.round(zoom * 4) / 4;
  return useMemo(
    () =>
      sensors.data === undefined || layers === '' || zoom < VALUE_ZOOM
        ? NOTHING
        : sensorLayers({
            list: sensors.data,
            now: beat,
            palette,
            lang,
            silentFor: (minutes) =>
              minutes < 120
                ? t('sensor.silentMinutes', { count: minutes })
                : t('sensor.silentHours', { count: Math.round(minutes / 60) }),
            scale,
            zoom: rounded,
          }),
    [sensors.data, layers, zoom, rounded, beat, palette, lang, scale, t],
  );
}

/** What a screen shows and some more, in steps, so that a small move asks nothing. */
function boxAround(camera: Camera | null): string | null {
  if (camera === null) return null;
  const half = (360 / 2 ** camera.zoom) * 4;
  const step = half / 2;
  const snap = (value: number): number => Math.round(value / step) * step;
  const [lng, lat] = [snap(camera.lng), snap(camera.lat)];
  return [lng - half, lat - half, lng + half, lat + half].map((value) => value.toFixed(5)).join(',');
}
