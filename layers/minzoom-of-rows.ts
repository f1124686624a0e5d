import type { Layer } from './define.ts';

/** Zooms below which a tile of so many rows would hold too much, the most rows first. */
const POINTS = [
  [200_000, 13],
  [20_000, 10],
  [2000, 6],
] as const;
const SHAPES = [
  [50_000, 12],
  [5000, 9],
  [500, 5],
] as const;

/** The first zoom at which a layer is drawn that nobody has defined: below it points are shown as hexagons. */
export function minzoomOfRows(geometry: Layer['geometry'], rows: number): number {
  const steps = geometry === 'point' ? POINTS : SHAPES;
  return steps.find(([count]) => rows > count)?.[1] ?? 0;
}
