/** Shapes of warnings as deck.gl layers: below everything else, so that cells and incidents stay to be seen. */
import type { Layer } from '@deck.gl/core';
import { GeoJsonLayer } from '@deck.gl/layers';
import type { Feature, Geometry } from 'geojson';
import type { Alert } from '../../server/app.ts';
import { rgba, type Palette } from '../theme.ts';
import { geometryBounds } from './area-center.ts';
import { BELOW_ROADS } from './base-style.ts';
import { asSeverity } from './severity-shape.ts';

const CORNERS = 48;

/** A circle of so many km as a ring; near enough for a screen. */
function ringOf([lon, lat, km]: readonly [number, number, number]): [number, number][] {
  const ring = Array.from({ length: CORNERS }, (_, index): [number, number] => {
    const angle = (2 * Math.PI * index) / CORNERS;
    return [
      lon + (km * Math.cos(angle)) / (111.32 * Math.cos((lat * Math.PI) / 180)),
      lat + (km * Math.sin(angle)) / 110.57,
    ];
  });
  return [...ring, ring[0] as [number, number]];
}

/** The box around where a warning holds, `[west, south, east, north]`; null: everywhere. */
export function alertBounds({ areas }: Pick<Alert, 'areas'>): [number, number, number, number] | null {
  const rings = areas.flatMap(({ polygons, circles }) => [...polygons, ...circles.map(ringOf)]);
  return rings.length === 0 ? null : geometryBounds({ type: 'Polygon', coordinates: rings });
}

/** Outlines with a thin fill in the colour of the warning; `scale` thickens them for walls. */
export function alertLayers(
  alerts: readonly Pick<Alert, 'severity' | 'areas'>[],
  palette: Palette,
  scale = 1,
): Layer[] {
  const features = alerts.flatMap((alert) =>
    alert.areas.flatMap(({ polygons, circles }): Feature<Geometry, { severity: number }>[] =>
      [...polygons, ...circles.map(ringOf)].map((ring) => ({
        type: 'Feature',
        properties: { severity: alert.severity },
        geometry: { type: 'Polygon', coordinates: [ring] },
      })),
    ),
  );
  if (features.length === 0) return [];
  type Shape = (typeof features)[number];
  return [
    new GeoJsonLayer({
      id: 'alert-areas',
      data: { type: 'FeatureCollection', features },
      beforeId: BELOW_ROADS,
      filled: true,
      stroked: true,
      getFillColor: ({ properties }: Shape) => rgba(palette.severity[asSeverity(properties.severity)], 34),
      getLineColor: ({ properties }: Shape) => rgba(palette.severity[asSeverity(properties.severity)], 230),
      lineWidthUnits: 'pixels',
      getLineWidth: 2.5 * scale,
      updateTriggers: { getFillColor: palette.scheme, getLineColor: palette.scheme },
    } as ConstructorParameters<typeof GeoJsonLayer>[0]),
  ];
}
