import type { FeatureCollection, Geometry } from 'geojson';

/** Lines between areas, as deck.gl takes them: `[lng, lat, lng, lat …]` of where each begins, and of where it ends. */
export interface Borders {
  length: number;
  from: Float64Array;
  to: Float64Array;
}

const known = new WeakMap<FeatureCollection, Borders>();

function ringsOf(geometry: Geometry): number[][][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

/**
 * Every line around areas once, computed once for an answer. Neighbours share their border: drawn around each area as a
 * path with joints it is drawn twice, and the outlines of 921 micro-grids then take more than half of a frame where a
 * processor draws.
 */
export function bordersOf(areas: FeatureCollection): Borders {
  const before = known.get(areas);
  if (before) return before;
  const seen = new Set<string>();
  const from: number[] = [];
  const to: number[] = [];
  for (const { geometry } of areas.features) {
    for (const ring of ringsOf(geometry)) {
      for (let index = 1; index < ring.length; index++) {
        const [ax = 0, ay = 0] = ring[index - 1] ?? [];
        const [bx = 0, by = 0] = ring[index] ?? [];
        // The same line, in whichever direction its area is walked around.
        const isForward = ax < bx || (ax === bx && ay <= by);
        const key = isForward ? `${ax},${ay},${bx},${by}` : `${bx},${by},${ax},${ay}`;
        if (seen.has(key)) continue;
        seen.add(key);
        from.push(ax, ay);
        to.push(bx, by);
      }
    }
  }
  const borders = { length: seen.size, from: Float64Array.from(from), to: Float64Array.from(to) };
  known.set(areas, borders);
  return borders;
}
