import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { NO_INT } from '../../../server/queries/packed.ts';
import { encodePoints, encodeShapes } from '../../../server/tiles/mvt.ts';

function decode(tile: Buffer, layer: string) {
  const decoded = new VectorTile(new PbfReader(tile)).layers[layer];
  if (decoded === undefined) throw new Error(`no layer ${layer}`);
  return Array.from({ length: decoded.length }, (_, index) => {
    const feature = decoded.feature(index);
    return { id: feature.id, type: feature.type, properties: feature.properties, geometry: feature.loadGeometry() };
  });
}

/** TWKB by hand: precision 0, coordinates as differences. */
function twkb(type: number, ...numbers: number[]): Buffer {
  const bytes: number[] = [type, 0];
  for (const number of numbers) {
    let rest = number;
    while (rest > 127) {
      bytes.push((rest & 127) | 128);
      rest >>>= 7;
    }
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}
function text(value: string | null): Buffer | null {
  return value === null ? null : Buffer.from(value);
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
const ring = (...positions: [number, number][]) => {
  let [x, y] = [0, 0];
  return [
    positions.length,
    ...positions.flatMap(([nextX, nextY]) => {
      const step = [zigzag(nextX - x), zigzag(nextY - y)];
      [x, y] = [nextX, nextY];
      return step;
    }),
  ];
};

describe('encodePoints', () => {
  it('keeps ids of 53 bits, every type of value, gaps, and characters outside the basic plane', () => {
    const ids = Float64Array.from([1, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]);
    const tile = encodePoints('point', ids, Int32Array.from([0, 4095, -70]), Int32Array.from([0, 4095, 5000]), [
      { name: 'name', type: 'string', column: { kind: 'bytes', values: [text('𠮷野家'), text(null), text('佛山')] } },
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
    const values = Array.from({ length: count }, (_, index) => Buffer.from(`name ${index % 3}`));
    const ids = Float64Array.from(numbers, (_, index) => index);
    const tile = encodePoints('many', ids, numbers, numbers, [
      { name: 'name', type: 'string', column: { kind: 'bytes', values } },
    ]);
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

describe('encodeShapes', () => {
  const ids = Float64Array.from([1]);

  it.each([false, true])('winds outer rings one way and holes the other (reversed: %s)', (reversed) => {
    const outer: [number, number][] = [
      [0, 0],
      [100, 0],
      [100, 100],
      [0, 100],
      [0, 0],
    ];
    const hole: [number, number][] = [
      [20, 20],
      [40, 20],
      [40, 40],
      [20, 40],
      [20, 20],
    ];
    const turn = (positions: [number, number][]) => (reversed ? positions.toReversed() : positions);
    // Differences run on from ring to ring.
    const both = ring(...turn(outer), ...turn(hole)).slice(1);
    const shape = twkb(3, 2, 5, ...both.slice(0, 10), 5, ...both.slice(10));
    const [feature] = decode(encodeShapes('area', 'polygon', ids, [shape], []), 'area');
    expect(feature?.type).toBe(3);
    expect(feature?.geometry.map((each) => area(each.slice(0, -1)))).toEqual([10_000, -400]);
  });

  it('draws a polygon without an area one pixel wide', () => {
    const shape = twkb(3, 1, ...ring([7, 9], [7, 9], [7, 9], [7, 9]));
    const [feature] = decode(encodeShapes('area', 'polygon', ids, [shape], []), 'area');
    expect(area(feature?.geometry[0]?.slice(0, -1) ?? [])).toBe(64);
    expect(feature?.geometry[0]?.[0]).toEqual({ x: 3, y: 5 });
  });

  it('keeps the large part of a polygon and drops a collapsed one', () => {
    const parts = ring([0, 0], [10, 0], [10, 10], [0, 0], [50, 50], [60, 50], [50, 50]).slice(1);
    const shape = twkb(6, 2, 1, 4, ...parts.slice(0, 8), 1, 3, ...parts.slice(8));
    const [feature] = decode(encodeShapes('area', 'polygon', ids, [shape], []), 'area');
    expect(feature?.geometry).toHaveLength(1);
    expect(area(feature?.geometry[0]?.slice(0, -1) ?? [])).toBe(50);
  });

  it('draws lines, and leaves out what became a point or nothing', () => {
    const lines = [
      twkb(2, ...ring([0, 0], [5, 5], [5, 5], [9, -3])),
      twkb(2, ...ring([5, 5], [5, 5])),
      Buffer.from([5, 16]),
      null,
    ];
    const decoded = decode(encodeShapes('line', 'line', Float64Array.from([1, 2, 3, 4]), lines, []), 'line');
    expect(decoded).toEqual([
      {
        id: 1,
        type: 2,
        properties: {},
        geometry: [
          [
            { x: 0, y: 0 },
            { x: 5, y: 5 },
            { x: 9, y: -3 },
          ],
        ],
      },
    ]);
  });
});
