import { latLngToCell } from 'h3-js';
import type { Position } from './place-index.ts';

/** Resolution of the stored cell; every coarser one is made from it by bit arithmetic. */
export const H3_RESOLUTION = 12;

/** Sets the H3 cell of a position from its coordinates. */
export function setH3(position: Position): void {
  const cell = latLngToCell(position.lat, position.lon, H3_RESOLUTION);
  position.h3High = Number.parseInt(cell.slice(0, -8), 16);
  position.h3Low = Number.parseInt(cell.slice(-8), 16);
}
