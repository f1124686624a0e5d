import type { GridMesh } from '../../server/db/mesh.ts';

const METRES_PER_DEGREE = 111_320;

/** Index of a cell that comes within `metres` of a place and passes `accept`, or -1. Probes eight directions. */
export function locateNear(
  mesh: GridMesh,
  lon: number,
  lat: number,
  metres: number,
  accept: (index: number) => boolean,
): number {
  const dLat = metres / METRES_PER_DEGREE;
  const dLon = dLat / Math.cos((lat * Math.PI) / 180);
  for (let step = 0; step < 8; step += 1) {
    const angle = (step * Math.PI) / 4;
    const index = mesh.locate(lon + Math.cos(angle) * dLon, lat + Math.sin(angle) * dLat);
    if (index >= 0 && accept(index)) return index;
  }
  return -1;
}
