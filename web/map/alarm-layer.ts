/** deck.gl layer of alarms, or of those that a back-test says would have been. */
import type { Layer } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import { rgba, type Palette } from '../theme.ts';
import { asSeverity } from './severity-shape.ts';

export interface PlacedAlarm {
  lon: number | null;
  lat: number | null;
  severity: number;
}

/** Rings in the colour of the severity: what is below stays to be seen. Their words are in the list beside the map. */
export function alarmLayer(alarms: readonly PlacedAlarm[], palette: Palette): Layer {
  return new ScatterplotLayer<PlacedAlarm>({
    id: 'alarms',
    data: alarms.filter(({ lon }) => lon !== null),
    getPosition: ({ lon, lat }) => [lon ?? 0, lat ?? 0],
    radiusUnits: 'pixels',
    getRadius: 9,
    stroked: true,
    filled: true,
    lineWidthUnits: 'pixels',
    getLineWidth: 3,
    getLineColor: ({ severity }) => rgba(palette.severity[asSeverity(severity)]),
    getFillColor: ({ severity }) => rgba(palette.severity[asSeverity(severity)], 60),
  });
}
