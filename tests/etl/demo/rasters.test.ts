import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import { particlesOf } from '../../../etl/demo/rasters/air-quality.ts';
import { rampOf } from '../../../etl/demo/rasters/field-picture.ts';
import { drawRaster, rasterDeliveries } from '../../../etl/demo/rasters/index.ts';
import { rainAt } from '../../../etl/demo/rasters/rainfall.ts';
import { getLayer } from '../../../layers/index.ts';

const out = mkdtempSync(join(tmpdir(), 'one-map-rasters-'));
const context = createContext(0.01, 1);
const written = new Map<string, number>();

beforeAll(() => {
  for (const id of Object.keys(rasterDeliveries)) written.set(id, drawRaster(context, getLayer(id), join(out, id)));
}, 240_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Pixels `[r, g, b, a]` of a tile. */
function pixels(id: string, z: number, x: number, y: number): number[][] {
  const { data } = PNG.sync.read(readFileSync(join(out, id, String(z), String(x), `${y}.png`)));
  return Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(i * 4, i * 4 + 4)]);
}

/** The tile of a zoom that holds a place. */
function tileAt(lon: number, lat: number, z: number): [number, number] {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [
    Math.floor(((lon + 180) / 360) * 2 ** z),
    Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 2 ** z),
  ];
}

/** Mean red of some pixels. */
function light(list: number[][]): number {
  return list.reduce((sum, [r]) => sum + (r as number), 0) / list.length;
}

describe.each(Object.keys(rasterDeliveries))('%s', (id) => {
  test('has tiles of every zoom of its definition, and no others', () => {
    const { minzoom, maxzoom } = getLayer(id).tiles as { minzoom: number; maxzoom: number };
    const zooms = readdirSync(join(out, id)).map(Number);
    expect(zooms.toSorted((p, q) => p - q)).toEqual(
      Array.from({ length: maxzoom - minzoom + 1 }, (_, i) => minzoom + i),
    );
    const files = readdirSync(join(out, id), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.png'));
    expect(files).toHaveLength(written.get(id) as number);
    const [least, most] = getLayer(id).checks.rows;
    expect(files.length).toBeGreaterThanOrEqual(least);
    expect(files.length).toBeLessThanOrEqual(most);
  });
});

test('twenty years ago the same ground carried fewer houses', () => {
  const [x, y] = tileAt(113.06, 23.04, 14);
  const now = pixels('satellite_image_current', 14, x, y);
  const then = pixels('satellite_image_history', 14, x, y);
  expect(now.map((p) => p[3])).toEqual(then.map((p) => p[3]));
  // Without the tint what did not change would be equal: undo it and count what is left.
  const changed = now.filter((p, i) => {
    const q = then[i] as number[];
    return Math.abs((q[0] as number) - 10 - (p[0] as number)) + Math.abs((q[2] as number) + 10 - (p[2] as number)) > 12;
  });
  expect(changed.length / now.length).toBeGreaterThan(0.1);
  expect(changed.length / now.length).toBeLessThan(0.9);
});

test('rain is drawn in the colours of the legend, where it rains, and nowhere else', () => {
  const layer = getLayer('radar_rainfall');
  const { colours } = rampOf(layer.symbology);
  const allowed = new Set(colours.map((colour) => colour.join()));
  const { maxzoom } = layer.tiles as { maxzoom: number };
  const foreign = new Set<string>();
  let wet = 0;
  let dry = 0;
  for (const column of readdirSync(join(out, layer.id, String(maxzoom)))) {
    for (const file of readdirSync(join(out, layer.id, String(maxzoom), column))) {
      for (const [r, g, b, a] of pixels(layer.id, maxzoom, Number(column), Number.parseInt(file, 10))) {
        if (a === 0) dry += 1;
        else {
          wet += 1;
          if (!allowed.has([r, g, b].join())) foreign.add([r, g, b].join());
        }
      }
    }
  }
  expect([...foreign]).toEqual([]);
  expect(wet).toBeGreaterThan(20_000);
  expect(dry).toBeGreaterThan(wet);
  const heaviest = Math.max(...context.district.blocks.map(({ inner }) => rainAt(inner[0], inner[1])));
  expect(heaviest).toBeGreaterThan(20);
});

test('air is worse among factories than among ponds, and nothing is drawn beyond the outline', () => {
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
  const [x, y] = tileAt(113.07, 22.99, 10);
  const alphas = new Set(pixels('air_forecast_grid', 10, x, y).map((p) => p[3]));
  expect(alphas.has(0)).toBe(true);
  expect(alphas.has(165)).toBe(true);
});

test('hills of the relief are brown, the plain is green, and light comes from the north-west', () => {
  const [x, y] = tileAt(113.0312, 23.0235, 14);
  const relief = pixels('dem_5m', 14, x, y);
  const brown = relief.filter(([r, g, b]) => (r as number) > (g as number) * 1.15 && (g as number) > (b as number));
  const green = relief.filter(([r, g]) => (g as number) > (r as number));
  expect(brown.length).toBeGreaterThan(400);
  expect(green.length).toBeGreaterThan(10_000);
  // The north-western half of the hill is lit, the south-eastern one is in the shade.
  const top = brown.length / 2;
  expect(light(brown.slice(0, Math.floor(top)))).toBeGreaterThan(light(brown.slice(Math.floor(top))) + 10);
});
