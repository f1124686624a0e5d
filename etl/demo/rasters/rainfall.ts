import type { Context } from '../context.ts';
import { createNoise } from '../noise.ts';
import { writeField } from './field-picture.ts';

const coarse = createNoise('rain band', 5200);
const fine = createNoise('rain cells', 1500);
const ragged = createNoise('rain edges', 420);

/** How the rain moves, metres a minute: with the south-west monsoon. */
const DRIFT = { east: 420, north: 260 };
/** A frame every so many minutes, over two hours to the reference morning. */
const STEP = 10;
export const FRAMES = 13;

/**
 * Rain rate in mm/h: a band from south-west to north-east with a few heavy cells in it, which wanders over the district.
 * @param minutes from the reference morning; earlier ones are negative
 */
export function rainAt(x: number, y: number, minutes = 0): number {
  const [east, north] = [x - DRIFT.east * minutes * 0.1, y - DRIFT.north * minutes * 0.1];
  // The band itself crosses more slowly than its cells run along it.
  const across = (x - y * 1.1 - 1800 - 55 * minutes) / 6200;
  const band = Math.exp(-(across * across));
  const mood =
    band * (1 + 0.5 * coarse(east, north)) + 0.38 * fine(east, north) * band + 0.07 * ragged(east, north) - 0.42;
  return mood <= 0 ? 0 : 62 * mood ** 1.7;
}

/** Minutes of the frames from the reference morning, the oldest first. */
export function frameMinutes(): number[] {
  return Array.from({ length: FRAMES }, (_, i) => (i + 1 - FRAMES) * STEP);
}

/** One frame of the radar over the district and around it; where it sees no rain it holds no value. */
export function drawRainfall(context: Context, file: string, minutes: number): void {
  writeField(context, {
    file,
    crs: 'EPSG:4326',
    pixel: 0.0025,
    margin: 6000,
    valueAt: (x, y) => {
      const rate = rainAt(x, y, minutes);
      return rate < 0.2 ? null : rate;
    },
    decimals: 2,
  });
}
