/** deck.gl layers of what moves: a mark that glides to where it was heard of last, and the way it came. */
import type { Layer } from '@deck.gl/core';
import { PathLayer, ScatterplotLayer, TextLayer } from '@deck.gl/layers';
import { rgba, type Palette } from '../theme.ts';
import { freshnessOf, TRAIL_MS, type Vehicle } from './moving-track.ts';

export const MOVING_LAYER = 'moving';
/** Names are shown from this zoom on. */
const LABEL_ZOOM = 14;

export interface MovingOptions {
  vehicles: readonly Vehicle[];
  /** Seconds from one position to the next, by kind. */
  every: ReadonlyMap<string, number>;
  /** ms since 1970, of the server. */
  now: number;
  zoom: number;
  palette: Palette;
  scale: number;
  /** People who asked their system for less motion see marks jump. */
  isStill: boolean;
}

/** Vehicles that are late are hollow, fade, and say so where there is room for words. */
export function movingLayers({ vehicles, every, now, zoom, palette, scale, isStill }: MovingOptions): Layer[] {
  const kinds = [...every.keys()];
  const colorOf = (vehicle: Vehicle) =>
    palette.series[kinds.indexOf(vehicle.kind) % palette.series.length] ?? palette.ui.accent;
  const isLate = (vehicle: Vehicle) => freshnessOf(vehicle, now, every.get(vehicle.kind) ?? 10) === 'late';
  // From bright to a third within ten minutes.
  const alphaOf = (vehicle: Vehicle) =>
    Math.round(255 * Math.max(0.35, 1 - Math.max(0, now - vehicle.at - 30_000) / 600_000));
  const glide = isStill ? {} : { transitions: { getPosition: { duration: glideMs(every), easing: linear } } };
  const beat = Math.floor(now / 5000);
  return [
    new PathLayer<Vehicle>({
      id: `${MOVING_LAYER}-trails`,
      data: vehicles.filter(({ trail, at }) => trail.length > 1 && now - at < TRAIL_MS),
      getPath: ({ trail }) => trail.map(({ position }) => position),
      getColor: (vehicle) => rgba(colorOf(vehicle), 110),
      widthUnits: 'pixels',
      getWidth: 2.5 * scale,
      capRounded: true,
      jointRounded: true,
    }),
    new ScatterplotLayer<Vehicle>({
      id: MOVING_LAYER,
      data: vehicles as Vehicle[],
      pickable: true,
      stroked: true,
      radiusUnits: 'pixels',
      lineWidthUnits: 'pixels',
      getPosition: ({ position }) => position,
      getRadius: (zoom < 12 ? 3.5 : 5.5) * scale,
      getFillColor: (vehicle) =>
        isLate(vehicle) ? rgba(palette.map.halo, 120) : rgba(colorOf(vehicle), alphaOf(vehicle)),
      getLineColor: (vehicle) =>
        isLate(vehicle) ? rgba(colorOf(vehicle), alphaOf(vehicle)) : rgba(palette.map.halo, 230),
      getLineWidth: (vehicle) => (isLate(vehicle) ? 2 : 1.2) * scale,
      updateTriggers: { getFillColor: beat, getLineColor: beat, getLineWidth: beat, getRadius: zoom < 12 },
      ...glide,
    }),
    ...(zoom < LABEL_ZOOM
      ? []
      : [
          new TextLayer<Vehicle>({
            id: `${MOVING_LAYER}-names`,
            data: vehicles as Vehicle[],
            characterSet: 'auto',
            getText: (vehicle) =>
              isLate(vehicle) ? `${vehicle.label} · ${Math.round((now - vehicle.at) / 60_000)}′` : vehicle.label,
            getPosition: ({ position }) => position,
            getSize: 12 * scale,
            getColor: rgba(palette.map.label),
            getPixelOffset: [0, -14 * scale],
            fontFamily: 'sans-serif',
            background: true,
            getBackgroundColor: rgba(palette.map.halo, 215),
            backgroundPadding: [3, 1],
            updateTriggers: { getText: beat },
            ...glide,
          }),
        ]),
  ];
}

function linear(share: number): number {
  return share;
}

function glideMs(every: ReadonlyMap<string, number>): number {
  return Math.min(...every.values(), 10) * 1000;
}
