/** deck.gl layers of what the planner's tools work on and find. */
import type { Layer } from '@deck.gl/core';
import { GeoJsonLayer } from '@deck.gl/layers';
import type { Feature, Geometry } from 'geojson';
import { rgba, type Palette } from '../theme.ts';

type Options = ConstructorParameters<typeof GeoJsonLayer>[0];

function collection(geometries: readonly Geometry[]): { type: 'FeatureCollection'; features: Feature[] } {
  return {
    type: 'FeatureCollection',
    features: geometries.map((geometry) => ({ type: 'Feature', properties: {}, geometry })),
  };
}

/** The shape a tool works on: an outline, with hardly any fill, so that what is inside stays to be seen. */
export function shapeLayer(geometry: Geometry, palette: Palette, id = 'tool-shape'): Layer {
  return new GeoJsonLayer({
    id,
    data: collection([geometry]),
    filled: true,
    stroked: true,
    getFillColor: rgba(palette.ui.accent, 28),
    getLineColor: rgba(palette.ui.accent),
    lineWidthUnits: 'pixels',
    getLineWidth: 2.5,
    pointRadiusUnits: 'pixels',
    getPointRadius: 6,
  } as Options);
}

/** What a tool has found, as areas, lines or points. */
export function foundLayer(id: string, geometries: readonly Geometry[], palette: Palette, series = 1): Layer {
  const color = palette.series[series] ?? palette.ui.accent;
  return new GeoJsonLayer({
    id: `tool-${id}`,
    data: collection(geometries),
    filled: true,
    stroked: true,
    getFillColor: (feature: Feature) => rgba(color, feature.geometry.type === 'Point' ? 255 : 46),
    getLineColor: rgba(color),
    lineWidthUnits: 'pixels',
    getLineWidth: 2.5,
    pointRadiusUnits: 'pixels',
    getPointRadius: 6,
  } as Options);
}

/** Areas of a filter: a thin outline, apart from what a tool works on. */
export function filterAreaLayer(geometries: readonly Geometry[], palette: Palette): Layer {
  return new GeoJsonLayer({
    id: 'filter-areas',
    data: collection(geometries),
    filled: false,
    stroked: true,
    getLineColor: rgba(palette.map.selected, 200),
    lineWidthUnits: 'pixels',
    getLineWidth: 1.5,
  } as Options);
}
