import * as fc from 'fast-check';
import { cellToParent, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { cellName } from '../../../server/aggregate/hexagon-index.ts';
import { sortByKey } from '../../../server/aggregate/fill.ts';
import { TextInterner } from '../../../server/aggregate/text-interner.ts';

describe('sortByKey', () => {
  it('sorts keys of 43 bits, equal ones in their order, rows without a key last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 43 - 1 }), fc.constantFrom(5, 6))),
        (keys) => {
          const expected = keys
            .map((key, row) => ({ key: key < 0 ? Infinity : key, row }))
            .toSorted((a, b) => (a.key === b.key ? a.row - b.row : a.key - b.key))
            .map(({ row }) => row);
          expect([...sortByKey(Float64Array.from(keys))]).toEqual(expected);
        },
      ),
    );
  });
});

describe('cellName', () => {
  it('names the parent of a cell, all over the world', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.integer({ min: 5, max: 12 }),
        (lat, lon, res) => {
          const cell = latLngToCell(lat, lon, 12);
          const key = Number((BigInt(`0x${cell}`) >> 9n) & (2n ** 43n - 1n));
          const shift = 3 * (12 - res);
          const low = (((key % 2 ** 32) >>> shift) << shift) >>> 0;
          expect(cellName(Math.floor(key / 2 ** 32), low, res)).toBe(cellToParent(cell, res));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('TextInterner', () => {
  it('gives one number to equal texts, and orders them by code point', () => {
    const interner = new TextInterner();
    const texts = Array.from(
      { length: 5000 },
      (_, index) => ['𠮷', 'ﬀ', 'a', '佛山', 'b'][index % 5] + String(index % 700),
    );
    const codes = texts.map((text) => {
      const bytes = Buffer.from(`..${text}.`);
      return interner.codeOf(bytes, 2, bytes.length - 1);
    });
    const { texts: bytes, ends, rank } = interner.finish();
    const dictionary = [
      '',
      ...Array.from(ends, (end, index) => Buffer.from(bytes).toString('utf8', ends[index - 1], end)),
    ];
    expect(new Set(codes).size).toBe(new Set(texts).size);
    codes.forEach((code, index) => expect(dictionary[rank[code] as number]).toBe(texts[index]));
    expect(dictionary.slice(1)).toEqual(
      [...new Set(texts)].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });
});
