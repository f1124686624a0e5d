import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { NO_INT, type PackedBytes } from '../../../server/queries/packed.ts';
import { encodePoints, encodeShapes } from '../../../server/tiles/mvt.ts';
import { ShapeEncoder, type ShapeKind } from '../../../server/tiles/shape.ts';

function decode(tile: Buffer, layer: string) {
  const decoded = new VectorTile(new PbfReader(tile)).layers[layer];
  if (decoded === undefined) throw new Error(`no layer ${layer}`);
  return Array.from({ length: decoded.length }, (_, index) => {
    const feature = decoded.feature(index);
    return { id: feature.id, type: feature.type, properties: feature.properties, geometry: feature.loadGeometry() };
  });
}

type Positions = [number, number][];
/** Tile units are metres here, so that the numbers of a test are those of the tile; y runs down. */
const FRAME = { west: 0, north: 0, east: 4096, south: -4096, perMetre: 1 };

/** WKB by hand, little-endian: numbers of 4 bytes, and positions of 16. */
function wkb(type: number, ...parts: (number | Positions | Buffer)[]): Buffer {
  const head = Buffer.from([1, type, 0, 0, 0]);
  return Buffer.concat([
    head,
    ...parts.map((part) => {
      if (Buffer.isBuffer(part)) return part;
      const numbers = Buffer.alloc(4 + (typeof part === 'number' ? 0 : part.length * 16));
      numbers.writeUInt32LE(typeof part === 'number' ? part : part.length);
      if (typeof part !== 'number') {
        part.forEach(([x, y], index) => {
          numbers.writeDoubleLE(x, 4 + index * 16);
          numbers.writeDoubleLE(-y, 12 + index * 16);
        });
      }
      return numbers;
    }),
  ]);
}
const NOTHING = wkb(7, 0);

/** Texts as a column holds them. */
function texts(...values: (string | null)[]): PackedBytes {
  const ends: number[] = [];
  const starts: number[] = [];
  const all = Buffer.from(values.join(''));
  let at = 0;
  for (const value of values) {
    starts.push(at);
    at += Buffer.byteLength(value ?? '');
    ends.push(value === null ? -1 : at);
  }
  return { kind: 'bytes', buffer: all, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}
describe('encodePoints', () => {
  it('keeps ids of 53 bits, every type of value, gaps, and characters outside the basic plane', () => {
    const ids = Float64Array.from([1, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]);
    const tile = encodePoints('point', ids, Int32Array.from([0, 4095, -70]), Int32Array.from([0, 4095, 5000]), [
      { name: 'name', type: 'string', column: texts('𠮷野家', null, '佛山') },
      { name: 'whole', type: 'int', column: { kind: 'int', values: Int32Array.from([7, -2_147_483_647, NO_INT]) } },
      { name: 'large', type: 'int', column: { kind: 'int', values: Int32Array.from([2_147_483_647, 0, 1]) } },
      { name: 'exact', type: 'number', column: { kind: 'float', values: Float64Array.from([1.5, NaN, -0.1]) } },
      { name: 'flag', type: 'bool', column: { kind: 'bool', values: Uint8Array.from([2, 1, 0]) } },
      { name: 'day', type: 'date', column: { kind: 'int', values: Int32Array.from([0, -1, NO_INT]) } },
      { name: 'time', type: 'datetime', column: { kind: 'float', values: Float64Array.from([1500, NaN, -1]) } },
    ]);
    expect(decode(tile, 'point')).toEqual([
      {
        id: 1,
        type: 1,
        geometry: [[{ x: 0, y: 0 }]],
        properties: {
          name: '𠮷野家',
          whole: 7,
          large: 2_147_483_647,
          exact: 1.5,
          flag: true,
          day: '2000-01-01',
          time: '2000-01-01T00:00:00.001Z',
        },
      },
      {
        id: 2 ** 52 + 1,
        type: 1,
        geometry: [[{ x: 4095, y: 4095 }]],
        properties: { whole: -2_147_483_647, large: 0, flag: false, day: '1999-12-31' },
      },
      {
        id: Number.MAX_SAFE_INTEGER,
        type: 1,
        geometry: [[{ x: -70, y: 5000 }]],
        properties: { name: '佛山', large: 1, exact: -0.1, time: '1999-12-31T23:59:59.999Z' },
      },
    ]);
  });

  it('stores each value once, and grows for many', () => {
    const count = 20_000;
    const numbers = Int32Array.from({ length: count }, (_, index) => index % 4096);
    const names = texts(...Array.from({ length: count }, (_, index) => `name ${index % 3}`));
    const ids = Float64Array.from(numbers, (_, index) => index);
    const tile = encodePoints('many', ids, numbers, numbers, [{ name: 'name', type: 'string', column: names }]);
    expect(decode(tile, 'many')[19_999]).toMatchObject({ id: 19_999, properties: { name: 'name 1' } });
    expect(tile.length).toBeLessThan(count * 20);
    expect(tile.toString('latin1').split('name 2')).toHaveLength(2);
  });

  it('is empty without a row', () => {
    const nothing = new Int32Array(0);
    expect(encodePoints('none', new Float64Array(0), nothing, nothing, [])).toHaveLength(0);
  });
});

const area = (positions: { x: number; y: number }[]) =>
  positions.reduce((sum, a, index) => {
    const b = positions[(index + 1) % positions.length] as { x: number; y: number };
    return sum + a.x * b.y - b.x * a.y;
  }, 0) / 2;

/** The features of a tile of these shapes, whose ids count from 1. */
function shapeTile(kind: ShapeKind, shapes: readonly Buffer[], tolerance = 0) {
  const ids = Float64Array.from(shapes, (_, index) => index + 1);
  const encoder = new ShapeEncoder(Buffer.concat(shapes), FRAME, kind, tolerance);
  return decode(encodeShapes('shape', ids, encoder, []), 'shape');
}

describe('encodeShapes', () => {
  it('does not let a hole eat up a ring that is hardly larger', () => {
    const around: Positions = [
      [0, 0],
      [2.4, 0],
      [2.4, 2.4],
      [0, 2.4],
      [0, 0],
    ];
    const within: Positions = [
      [0.1, 0.1],
      [2.3, 0.1],
      [2.3, 2.3],
      [0.1, 2.3],
      [0.1, 0.1],
    ];
    const [feature] = shapeTile('polygon', [wkb(3, 2, around, within)], 3);
    expect(feature?.geometry.map((each) => area(each.slice(0, -1)))).toEqual([4]);
  });

  const outer: Positions = [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
    [0, 0],
  ];
  const hole: Positions = [
    [20, 20],
    [40, 20],
    [40, 40],
    [20, 40],
    [20, 20],
  ];

  it.each([false, true])('winds outer rings one way and holes the other (reversed: %s)', (reversed) => {
    const turn = (positions: Positions) => (reversed ? positions.toReversed() : positions);
    const [feature] = shapeTile('polygon', [wkb(3, 2, turn(outer), turn(hole))]);
    expect(feature?.type).toBe(3);
    expect(feature?.geometry.map((each) => area(each.slice(0, -1)))).toEqual([10_000, -400]);
  });

  it('scales metres to units of the tile, y down, and rounds', () => {
    const frame = { west: 100, north: 900, east: 300, south: 700, perMetre: 20.48 };
    const line = Buffer.from(
      wkb(2, [
        [0, 0],
        [0, 0],
      ]),
    );
    line.writeDoubleLE(110.01, 9);
    line.writeDoubleLE(890, 17);
    line.writeDoubleLE(300, 25);
    line.writeDoubleLE(700, 33);
    const tile = encodeShapes('shape', Float64Array.from([1]), new ShapeEncoder(line, frame, 'line', 0), []);
    expect(decode(tile, 'shape')[0]?.geometry).toEqual([
      [
        { x: 205, y: 205 },
        { x: 4096, y: 4096 },
      ],
    ]);
  });

  it('draws a polygon without an area one pixel wide', () => {
    const [feature] = shapeTile('polygon', [
      wkb(3, 1, [
        [7, 9],
        [7.2, 9],
        [7, 9.1],
        [7, 9],
      ]),
    ]);
    expect(area(feature?.geometry[0]?.slice(0, -1) ?? [])).toBe(64);
    expect(feature?.geometry[0]?.[0]).toEqual({ x: 3, y: 5 });
  });

  it('keeps the large part of a polygon and drops a collapsed one with its hole', () => {
    const large: Positions = [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 0],
    ];
    const collapsed: Positions = [
      [50, 50],
      [60, 50],
      [50, 50],
    ];
    const [feature] = shapeTile('polygon', [wkb(6, 2, wkb(3, 1, large), wkb(3, 2, collapsed, hole))]);
    expect(feature?.geometry).toHaveLength(1);
    expect(area(feature?.geometry[0]?.slice(0, -1) ?? [])).toBe(50);
  });

  it('draws of a collection only what is of the kind of the layer', () => {
    const mixed = wkb(
      7,
      3,
      wkb(1, Buffer.alloc(16)),
      wkb(2, [
        [0, 0],
        [5, 5],
      ]),
      wkb(3, 1, outer),
    );
    expect(shapeTile('polygon', [mixed, wkb(3, 1, outer)]).map(({ geometry }) => geometry.length)).toEqual([1, 1]);
    expect(shapeTile('line', [mixed])[0]?.geometry).toEqual([
      [
        { x: 0, y: 0 },
        { x: 5, y: 5 },
      ],
    ]);
  });

  it('draws lines, and leaves out what became a point or nothing', () => {
    const decoded = shapeTile('line', [
      wkb(2, [
        [0, 0],
        [5, 5],
        [5, 5],
        [9, -3],
      ]),
      wkb(2, [
        [5, 5],
        [5, 5.3],
      ]),
      wkb(5, 0),
      NOTHING,
      wkb(
        5,
        2,
        wkb(2, [
          [1, 1],
          [2, 2],
        ]),
        wkb(2, [
          [3, 3],
          [4, 4],
        ]),
      ),
    ]);
    expect(decoded.map(({ id, geometry }) => [id, geometry])).toEqual([
      [
        1,
        [
          [
            { x: 0, y: 0 },
            { x: 5, y: 5 },
            { x: 9, y: -3 },
          ],
        ],
      ],
      [
        5,
        [
          [
            { x: 1, y: 1 },
            { x: 2, y: 2 },
          ],
          [
            { x: 3, y: 3 },
            { x: 4, y: 4 },
          ],
        ],
      ],
    ]);
  });

  it('cuts lines off where the buffer around the tile ends, and begins anew where they come back', () => {
    const paths = (...positions: Positions): number[][][] => {
      // Something that is always there.
      const [feature, mark] = shapeTile('line', [
        wkb(2, positions),
        wkb(2, [
          [0, 0],
          [9, 9],
        ]),
      ]);
      return mark === undefined ? [] : (feature?.geometry ?? []).map((path) => path.map(({ x, y }) => [x, y]));
    };
    // Out and back in, once along a slope.
    expect(paths([0, 0], [0, -100], [50, -100], [50, 0], [150, -128])).toEqual([
      [
        [0, 0],
        [0, -64],
      ],
      [
        [50, -64],
        [50, 0],
        [100, -64],
      ],
    ]);
    // Through it without a position in it, from further than 32 bits of units reach.
    expect(paths([-1e12, 10], [1e12, 10])).toEqual([
      [
        [-64, 10],
        [4160, 10],
      ],
    ]);
    // Along the edge of the buffer it is within; beside it, round a corner of it and at one point of it it is not.
    expect(paths([-64, -64], [4160, -64])).toHaveLength(1);
    expect(paths([-64.5, 0], [-64.5, 50])).toEqual([]);
    expect(paths([-100, 0], [-100, -200], [0, -200])).toEqual([]);
    expect(paths([-128, 0], [0, -128])).toEqual([]);
    // Of many parts each is a line.
    const zigzag: Positions = Array.from({ length: 1001 }, (_, i) => [i * 4, i % 2 === 0 ? 0 : -100]);
    expect(paths(...zigzag)).toHaveLength(501);
  });

  it('simplifies by the tolerance, and never to nothing', () => {
    const wavy: Positions = Array.from({ length: 101 }, (_, i) => [i * 10, i % 2 === 0 ? 0 : 2]);
    expect(shapeTile('line', [wkb(2, wavy)])[0]?.geometry[0]).toHaveLength(101);
    expect(shapeTile('line', [wkb(2, wavy)], 3)[0]?.geometry[0]).toEqual([
      { x: 0, y: 0 },
      { x: 1000, y: 0 },
    ]);
    const small: Positions = [
      [0, 0],
      [2, 0],
      [3, 1],
      [2, 2],
      [0, 2],
      [0, 0],
    ];
    expect(area(shapeTile('polygon', [wkb(3, 1, small)], 3)[0]?.geometry[0]?.slice(0, -1) ?? [])).toBeGreaterThan(3);
  });

  it('refuses what it cannot read', () => {
    const bigEndian = Buffer.from(wkb(2, outer));
    bigEndian[0] = 0;
    expect(() => shapeTile('line', [bigEndian])).toThrow('WKB');
    expect(() => shapeTile('line', [wkb(17, 0)])).toThrow('WKB');
  });
});
