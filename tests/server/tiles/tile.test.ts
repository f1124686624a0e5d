import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf, keyRange, mortonKey, parseTile } from '../../../server/tiles/tile.ts';

describe('parseTile', () => {
  it('reads numbers, with and without a suffix', () => {
    expect(parseTile('14', '13338', '7100.mvt')).toEqual({ z: 14, x: 13338, y: 7100 });
    expect(parseTile('0', '0', '0')).toEqual({ z: 0, x: 0, y: 0 });
  });

  it.each([
    ['99', '1', '1', 'z'],
    ['23', '1', '1', 'z'],
    ['-1', '0', '0', 'z'],
    ['1.5', '0', '0', 'z'],
    ['1e1', '0', '0', 'z'],
    ['', '0', '0', 'z'],
    ['3', '8', '0', 'x'],
    ['3', 'a', '0', 'x'],
    ['3', '0', '8.mvt', 'y'],
    ['3', '0', '1.exe', 'y'],
    ['3', '0', '../1', 'y'],
    ['3', '0', '99999999999999999999', 'y'],
  ])('refuses %s/%s/%s and names %s', (z, x, y, field) => {
    expect(() => parseTile(z, x, y)).toThrow(expect.objectContaining({ code: 'TILE_INVALID', field }));
  });
});

describe('keyRange', () => {
  it('holds the keys of a tile and of its four children, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 21 }), fc.nat(2 ** 22 - 1), fc.nat(2 ** 22 - 1), (z, x22, y22) => {
        const tile = { z, x: x22 >>> (22 - z), y: y22 >>> (22 - z) };
        const { low, high } = keyRange(tile);
        const key = mortonKey(x22, y22);
        expect(key).toBeGreaterThanOrEqual(low);
        expect(key).toBeLessThan(high);
        const children = [0, 1, 2, 3].map((n) =>
          keyRange({ z: z + 1, x: tile.x * 2 + (n & 1), y: tile.y * 2 + (n >> 1) }),
        );
        expect(children.map((child) => child.low)).toEqual([
          low,
          children[0]?.high,
          children[1]?.high,
          children[2]?.high,
        ]);
        expect(children[3]?.high).toBe(high);
      }),
    );
  });
});

describe('frameOf', () => {
  it('has neighbours edge to edge', () => {
    const here = frameOf({ z: 14, x: 13338, y: 7100 });
    const right = frameOf({ z: 14, x: 13339, y: 7101 });
    expect(here.east).toBeCloseTo(right.west, 6);
    expect(here.south).toBeCloseTo(right.north, 6);
    expect((here.east - here.west) * here.perMetre).toBeCloseTo(4096, 6);
  });
});
