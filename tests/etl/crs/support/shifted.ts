import { fromWgs84 } from '../../../../etl/crs/transform.ts';
import type { Sample } from '../../../../etl/crs/verdict.ts';

/** Points of a known layer name the cell of some 500 m they lie in. */
const CELL = 0.005;
export function cellOf(lon: number, lat: number): string {
  return `${Math.floor(lon / CELL)}-${Math.floor(lat / CELL)}`;
}

export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function points(count: number, seed = 7): { lon: number; lat: number }[] {
  const next = random(seed);
  return Array.from({ length: count }, () => ({ lon: 112.98 + next() * 0.17, lat: 22.93 + next() * 0.12 }));
}

export interface Shifting {
  count?: number;
  /** Metres. */
  noise?: number;
  cell?: boolean;
  before?: boolean;
  named?: boolean;
  swap?: boolean;
  /** A displacement that no formula makes, metres east and north. */
  by?: readonly [number, number];
  seed?: number;
}

/** A known layer in another system, with what its rows say of themselves. */
export function shifted(crs: string, options: Shifting = {}): Sample[] {
  const transform = fromWgs84(crs);
  const next = random(99);
  const [east, north] = options.by ?? [0, 0];
  return points(options.count ?? 300, options.seed).map(({ lon, lat }) => {
    const dLon = ((next() - 0.5) * 2 * (options.noise ?? 0) + east) / 102_400;
    const dLat = ((next() - 0.5) * 2 * (options.noise ?? 0) + north) / 110_750;
    const [x, y] = transform(lon + dLon, lat + dLat);
    const sample: Sample = options.swap ? { x: y, y: x } : { x, y };
    if (options.cell) sample.cell = cellOf(lon, lat);
    if (options.before) sample.before = [lon, lat];
    if (options.named) sample.named = [lon, lat];
    return sample;
  });
}
