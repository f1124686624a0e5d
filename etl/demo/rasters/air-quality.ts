import type { Context } from '../context.ts';
import type { LandUse } from '../land-use.ts';
import { createNoise } from '../noise.ts';
import { boundsOf } from '../plane.ts';
import { writeField } from './field-picture.ts';

const CELL = 200;
/** What a square kilometre of each use adds to or takes from the air, µg/m³ of PM2.5. */
const EMISSION: Partial<Record<LandUse, number>> = {
  factory: 34,
  commerce: 14,
  mixed: 10,
  old_town: 9,
  village: 8,
  office: 7,
  estate: 4,
  park: -14,
  green: -10,
  pond: -6,
  water: -8,
};
const weather = createNoise('air weather', 6500);

/** PM2.5 over the district in µg/m³: sources spread by the wind over a background from the region. */
export function particlesOf(context: Context): (x: number, y: number) => number {
  const { blocks } = context.district;
  const [minX, minY, maxX, maxY] = boundsOf(blocks.flatMap((block) => block.ring));
  const columns = Math.ceil((maxX - minX) / CELL) + 1;
  const rows = Math.ceil((maxY - minY) / CELL) + 1;
  let field = new Float64Array(columns * rows);
  for (const block of blocks) {
    const i = Math.floor((block.inner[0] - minX) / CELL);
    const j = Math.floor((block.inner[1] - minY) / CELL);
    const k = j * columns + i;
    field[k] = (field[k] as number) + ((EMISSION[block.use] ?? 0) * block.area) / (CELL * CELL);
  }
  // Three box means are nearly a bell of 900 m.
  for (let round = 0; round < 3; round++) field = mean(field, columns, rows, 4);
  return (x, y) => {
    const u = Math.max(0, Math.min(columns - 1.001, (x - minX) / CELL));
    const v = Math.max(0, Math.min(rows - 1.001, (y - minY) / CELL));
    const i = Math.floor(u);
    const j = Math.floor(v);
    const k = j * columns + i;
    const low = (field[k] as number) * (1 - u + i) + (field[k + 1] as number) * (u - i);
    const high = (field[k + columns] as number) * (1 - u + i) + (field[k + columns + 1] as number) * (u - i);
    return 27 + 5 * weather(x, y) + 0.5 * (low * (1 - v + j) + high * (v - j));
  };
}

function mean(field: Float64Array, columns: number, rows: number, reach: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(field.length);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      let n = 0;
      for (let q = Math.max(0, j - reach); q <= Math.min(rows - 1, j + reach); q++) {
        for (let p = Math.max(0, i - reach); p <= Math.min(columns - 1, i + reach); p++) {
          sum += field[q * columns + p] as number;
          n += 1;
        }
      }
      out[j * columns + i] = sum / n;
    }
  }
  return out;
}

/** The forecast field within the district. */
export function drawAirQuality(context: Context, file: string): void {
  writeField(context, {
    file,
    crs: 'EPSG:4490',
    pixel: 0.001,
    margin: null,
    valueAt: particlesOf(context),
    decimals: 1,
  });
}
