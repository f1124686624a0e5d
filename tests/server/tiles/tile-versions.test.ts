import { describe, expect, it } from 'vitest';
import type { MercatorBox } from '../../../server/queries/changed-places.ts';
import { frameOf, tileAt, tileSize } from '../../../server/tiles/tile.ts';
import { TileVersions } from '../../../server/tiles/tile-versions.ts';

const X = 12_590_000;
const Y = 2_637_000;
const PLACE: MercatorBox = [X, Y, X, Y];
const FAR: MercatorBox = [X + 20_000, Y, X + 20_000, Y];

describe('tileAt', () => {
  it('finds the tile whose frame holds the position', () => {
    for (const z of [0, 5, 12, 16, 22]) {
      const frame = frameOf(tileAt(z, X, Y));
      expect(frame.west <= X && X < frame.east && frame.south < Y && Y <= frame.north, `zoom ${z}`).toBe(true);
    }
    expect(tileAt(3, -9e9, 9e9)).toEqual({ z: 3, x: 0, y: 0 });
    expect(tileAt(3, 9e9, -9e9)).toEqual({ z: 3, x: 7, y: 7 });
  });
});

describe('TileVersions', () => {
  it('knows nothing at first: the live load', () => {
    expect(new TileVersions().loadOf('road', 9, tileAt(14, X, Y))).toBe(9);
  });

  it('gives a new load only to the tiles a change touches, at every zoom', () => {
    const versions = new TileVersions();
    versions.note('road', 7, 9, [PLACE]);
    for (const z of [8, 12, 14, 16, 18]) {
      expect(versions.loadOf('road', 9, tileAt(z, X, Y)), `zoom ${z}`).toBe(9);
      if (z > 10) expect(versions.loadOf('road', 9, tileAt(z, X + 20_000, Y)), `zoom ${z}`).toBe(7);
    }
    expect(versions.loadOf('other', 9, tileAt(14, X + 20_000, Y))).toBe(9);
    // Who still answers from the load before, answers as of it.
    expect(versions.loadOf('road', 7, tileAt(14, X, Y))).toBe(7);
  });

  it('counts a tile near whose edge something changed, since tiles are drawn over their edge', () => {
    const versions = new TileVersions();
    const tile = tileAt(14, X, Y);
    const { east, north } = frameOf(tile);
    const next = tileSize(14) / 64;
    versions.note('road', 7, 9, [[east + next, north - 1, east + next, north - 1]]);
    expect(versions.loadOf('road', 9, tile)).toBe(9);
    versions.note('road', 9, 10, [[east + 3 * next, north - 1, east + 3 * next, north - 1]]);
    expect(versions.loadOf('road', 10, tile)).toBe(9);
  });

  it('follows a chain of changes', () => {
    const versions = new TileVersions();
    versions.note('road', 7, 9, [PLACE]);
    versions.note('road', 9, 12, [FAR]);
    expect(versions.loadOf('road', 12, tileAt(14, X, Y))).toBe(9);
    expect(versions.loadOf('road', 12, tileAt(14, X + 20_000, Y))).toBe(12);
    expect(versions.loadOf('road', 12, tileAt(14, X + 40_000, Y))).toBe(7);
  });

  it('takes what it does not know for changed: gaps, changes in too many places, long ago', () => {
    const versions = new TileVersions();
    const elsewhere = tileAt(14, X + 40_000, Y);
    versions.note('road', 7, 9, [PLACE]);
    versions.note('road', 10, 11, [PLACE]);
    expect(versions.loadOf('road', 11, elsewhere)).toBe(10);
    versions.note('road', 11, 12, null);
    expect(versions.loadOf('road', 12, elsewhere)).toBe(12);
    versions.note('road', 12, 13, [[X - 100_000, Y - 100_000, X + 100_000, Y + 100_000]]);
    expect(versions.loadOf('road', 13, tileAt(14, X + 400_000, Y))).toBe(13);
    for (let load = 14; load < 100; load += 1) versions.note('road', load - 1, load, [PLACE]);
    expect(versions.loadOf('road', 99, elsewhere)).toBeGreaterThan(13);
  });
});
