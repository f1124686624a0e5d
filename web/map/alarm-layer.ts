/** deck.gl layer of alarms, or of those that a back-test says would have been. */
import type { Layer } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import { rgba, type Palette } from '../theme.ts';
import { asSeverity } from './severity-shape.ts';

export interface PlacedAlarm {
  id?: number;
  lon: number | null;
  lat: number | null;
  severity: number;
  /** Somebody has seen it: its ring is empty. */
  acknowledgedAt?: string | null;
}

/** Rings in the colour of the severity: what is below stays to be seen. Their words are in the list beside the map. */
export function alarmLayer(
  alarms: readonly PlacedAlarm[],
  palette: Palette,
  { scale = 1, selected = null }: { scale?: number; selected?: number | null } = {},
): Layer {
  const isSelected = ({ id }: PlacedAlarm) => id !== undefined && id === selected;
  return new ScatterplotLayer<PlacedAlarm>({
    id: 'alarms',
    data: alarms.filter(({ lon }) => lon !== null),
    pickable: true,
    getPosition: ({ lon, lat }) => [lon ?? 0, lat ?? 0],
    radiusUnits: 'pixels',
    getRadius: (alarm) => (isSelected(alarm) ? 15 : 9) * scale,
    stroked: true,
    filled: true,
    lineWidthUnits: 'pixels',
    getLineWidth: (alarm) => (isSelected(alarm) ? 5 : 3) * scale,
    getLineColor: ({ severity }) => rgba(palette.severity[asSeverity(severity)]),
    // Alpha 1, not 0: what is fully transparent cannot be picked.
    getFillColor: ({ severity, acknowledgedAt }) =>
      rgba(palette.severity[asSeverity(severity)], acknowledgedAt ? 1 : 60),
    updateTriggers: { getRadius: [scale, selected], getLineWidth: [scale, selected] },
  });
}
