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

/** A GeoTIFF in EPSG:3857 or EPSG:4326 as a whole, in its largest size of at most so many pixels across. */
async function picture(
  id: string,
  name: string,
  across = Infinity,
): Promise<{ tiff: Tiff; level: TiffLevel; samples: Samples }> {
  const tiff = await Tiff.open(join(out, id, name));
  const level = tiff.levels.find(({ width }) => width <= across) as TiffLevel;
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

test('from year to year the city grows: ponds, fields and building ground become houses', async () => {
  const names = ['2006', '2012', '2019'].map((year) => `satellite_image_${year}.tif`);
  const years = await Promise.all(names.map((name) => picture('satellite_image_history', name, 1100)));
  const now = await picture('satellite_image_current', 'satellite_image_2026.tif', 1100);
  // Each year's tint is undone, then pixels are counted by their colour.
  const tints = [
    [10, 2, -10],
    [-6, 4, 2],
    [4, 6, -2],
    [0, 0, 0],
  ] as const;
  const shares = [...years, now].map(({ samples }, n) => {
    const [red, green, blue] = tints[n] as (typeof tints)[number];
    let [grown, bare, all] = [0, 0, 0];
    for (let i = 0; i < samples.length; i += 4) {
      if (samples[i + 3] !== 255) continue;
      all += 1;
      const r = (samples[i] as number) - red;
      const g = (samples[i + 1] as number) - green;
      const b = (samples[i + 2] as number) - blue;
      if ((g > r + 6 && b > r - 4) || (g > r + 8 && g > b + 25)) grown += 1;
      if (r > 145 && r - b > 35) bare += 1;
    }
    return { pondsAndFields: grown / all, open: (grown + bare) / all };
  });
  const open = shares.map((share) => share.open) as [number, number, number, number];
  expect(open[0]).toBeGreaterThan(open[1] + 0.01);
  expect(open[1]).toBeGreaterThan(open[2] + 0.004);
  expect(open[2]).toBeGreaterThan(open[3] + 0.003);
  expect(shares[0]?.pondsAndFields).toBeGreaterThan((shares[3]?.pondsAndFields ?? 1) + 0.005);
  for (const { level, tiff } of years) {
    expect(now.level.width / level.width).toBeCloseTo(Math.round(now.level.width / level.width), 1);
    expect(tiff.west).toBeCloseTo(now.tiff.west, -2);
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
