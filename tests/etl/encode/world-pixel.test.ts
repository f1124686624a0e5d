import { expect, test } from 'vitest';
import { mortonKey, worldX, worldY } from '../../../etl/encode/world-pixel.ts';
import { mortonKey as tileKey } from '../../../server/tiles/tile.ts';

test('world pixels at zoom 30', () => {
  expect(worldX(-180)).toBe(0);
  expect(worldX(0)).toBe(2 ** 29);
  expect(worldX(180)).toBe(2 ** 30 - 1);
  expect(worldY(0)).toBe(2 ** 29);
  expect(worldY(90)).toBe(0);
  expect(worldY(-90)).toBe(2 ** 30 - 1);
  expect(worldY(85.06)).toBe(0);
});

test('the Morton key is the one tiles are cut by', () => {
  for (const [lon, lat] of [
    [113.07, 23],
    [-122.3, 47.6],
    [179.999, -85],
    [0, 0],
  ] as const) {
    const [mx, my] = [worldX(lon), worldY(lat)];
    expect(mortonKey(mx, my)).toBe(tileKey(mx >>> 8, my >>> 8));
  }
});
