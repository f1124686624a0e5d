import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pictureTime } from '../../../etl/raster/picture-time.ts';
import { createContext } from '../../../etl/demo/context.ts';
import { elevationOf } from '../../../etl/demo/elevation.ts';
import { toBoard } from '../../../etl/demo/plane.ts';
import { particlesOf } from '../../../etl/demo/rasters/air-quality.ts';
import { drawRaster, rasterDeliveries } from '../../../etl/demo/rasters/index.ts';
import { rainAt } from '../../../etl/demo/rasters/rainfall.ts';
import { getLayer } from '../../../layers/index.ts';
import { type Samples, Tiff, type TiffLevel } from '../../../server/db/tiff.ts';

const out = mkdtempSync(join(tmpdir(), 'one-map-rasters-'));
const context = createContext(0.01, 1);

beforeAll(() => {
  for (const id of Object.keys(rasterDeliveries)) drawRaster(context, getLayer(id), join(out, id));
}, 240_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** The whole picture of a GeoTIFF in EPSG:3857 or EPSG:4326. */
async function picture(id: string, name: string): Promise<{ tiff: Tiff; level: TiffLevel; samples: Samples }> {
  const tiff = await Tiff.open(join(out, id, name));
  const level = tiff.levels[0] as TiffLevel;
  const file = await open(tiff.path);
  try {
    const all = await tiff.window(level, [0, 0, level.width, level.height], (index) => tiff.tile(file, level, index));
    return { tiff, level, samples: all?.samples as Samples };
  } finally {
    await file.close();
  }
}

describe.each(Object.keys(rasterDeliveries))('%s', (id) => {
  test('has as many pictures as its definition expects, each of a time where there are several', () => {
    const names = readdirSync(join(out, id));
    const [least, most] = getLayer(id).checks.rows;
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(names.length).toBeLessThanOrEqual(most);
    if (names.length > 1) expect(new Set(names.map(pictureTime)).size).toBe(names.length);
    for (const name of names) expect(readFileSync(join(out, id, name)).toString('latin1', 0, 2)).toBe('II');
  });
});

test('the same district gives the same bytes', () => {
  const again = join(out, 'again');
  drawRaster(context, getLayer('radar_rainfall'), again);
  for (const name of readdirSync(again)) {
    expect(readFileSync(join(again, name)).equals(readFileSync(join(out, 'radar_rainfall', name))), name).toBe(true);
  }
});

test('from year to year the city grows: fields and ponds become houses', async () => {
  const names = ['2006', '2012', '2019'].map((year) => `satellite_image_${year}.tif`);
  const years = await Promise.all(names.map((name) => picture('satellite_image_history', name)));
  const now = await picture('satellite_image_current', 'satellite_image_2026.tif');
  // Ponds and fields are darker in red than roofs and yards are: undo each year's tint and count.
  const open = [...years, now].map(({ samples }, n) => {
    const [red, green, blue] = [
      [10, 2, -10],
      [-6, 4, 2],
      [4, 6, -2],
      [0, 0, 0],
    ][n] as [number, number, number];
    let count = 0;
    let all = 0;
    for (let i = 0; i < samples.length; i += 4) {
      if (samples[i + 3] !== 255) continue;
      all += 1;
      const [r, g, b] = [
        (samples[i] as number) - red,
        (samples[i + 1] as number) - green,
        (samples[i + 2] as number) - blue,
      ];
      const isWater = g > r + 6 && b > r - 4;
      const isField = g > r + 8 && g > b + 25;
      if (isWater || isField) count += 1;
    }
    return count / all;
  });
  expect(open[0]).toBeGreaterThan((open[1] as number) + 0.01);
  expect(open[1]).toBeGreaterThan((open[2] as number) + 0.005);
  expect(open[2]).toBeGreaterThanOrEqual(open[3] as number);
  for (const { level, tiff } of years) {
    expect([level.width, level.height]).toEqual([now.level.width, now.level.height]);
    expect(tiff.levels.length).toBeGreaterThan(2);
  }
});

test('rain wanders over the district, frame by frame, with heavy cells in it', async () => {
  const names = readdirSync(join(out, 'radar_rainfall')).toSorted();
  expect(names).toHaveLength(13);
  expect([names[0], names[12]].map((name) => pictureTime(name as string))).toEqual([
    '2026-11-01T06:00:00+08:00',
    '2026-11-01T08:00:00+08:00',
  ]);
  const middles: number[] = [];
  for (const name of names) {
    const { tiff, level, samples } = await picture('radar_rainfall', name);
    let [weight, sum, heaviest] = [0, 0, 0];
    for (let i = 0; i < samples.length; i += 1) {
      const rate = samples[i] as number;
      if (tiff.isEmpty(rate)) continue;
      expect(rate).toBeGreaterThanOrEqual(0.2);
      weight += rate;
      sum += rate * (i % level.width);
      heaviest = Math.max(heaviest, rate);
    }
    expect(heaviest).toBeGreaterThan(15);
    expect(heaviest).toBeLessThan(200);
    middles.push(sum / weight);
  }
  expect((middles[12] as number) - (middles[0] as number)).toBeGreaterThan(5);
  const { tiff, samples, level } = await picture('radar_rainfall', names[12] as string);
  const [lon, lat] = [113.06, 23.02];
  const [column, row] = [
    Math.floor((lon - tiff.west) / tiff.pixelWidth),
    Math.floor((tiff.north - lat) / tiff.pixelHeight),
  ];
  const middle = toBoard(tiff.west + (column + 0.5) * tiff.pixelWidth, tiff.north - (row + 0.5) * tiff.pixelHeight);
  expect(Math.max(0.2, samples[row * level.width + column] as number)).toBeCloseTo(Math.max(0.2, rainAt(...middle)), 1);
});

test('air is worse among factories than among ponds', () => {
  const particles = particlesOf(context);
  const mean = (use: string): number => {
    const blocks = context.district.blocks.filter((block) => block.use === use);
    return blocks.reduce((sum, { inner }) => sum + particles(inner[0], inner[1]), 0) / blocks.length;
  };
  expect(mean('factory')).toBeGreaterThan(mean('pond') + 4);
  for (const { inner } of context.district.blocks) {
    expect(particles(inner[0], inner[1])).toBeGreaterThan(5);
    expect(particles(inner[0], inner[1])).toBeLessThan(90);
  }
});

test('the hills of the model stand where they should', () => {
  const surface = elevationOf(context);
  expect(surface.at(...toBoard(113.0312, 23.0235))).toBeGreaterThan(40);
  expect(surface.at(...toBoard(113.06, 23.03))).toBeLessThan(12);
});
