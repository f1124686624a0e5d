import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashedFid, hashKey } from '../../../etl/link/key-hash.ts';
import { KeySet } from '../../../etl/link/key-set.ts';

test('behaves like a Map from keys to their order', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.integer({ max: 50, min: 0 }).map((n) => `K${n}`),
        ),
        { maxLength: 300 },
      ),
      (keys) => {
        const set = new KeySet(1);
        const map = new Map<string, number>();
        for (const key of keys) {
          const known = map.get(key);
          expect(set.indexOf(key)).toBe(known ?? -1);
          const index = set.add(key);
          if (known === undefined) {
            expect(index).toBe(map.size);
            map.set(key, map.size);
          } else {
            expect(index).toBe(-1);
          }
        }
        expect(set.size).toBe(map.size);
      },
    ),
  );
});

test('grows to a million keys, tells all of them apart, and takes back the last', () => {
  const set = new KeySet();
  for (let i = 0; i < 1_000_000; i += 1)
    if (set.add(`P${String(i).padStart(9, '0')}`) !== i) throw new Error(`key ${i}`);
  expect(set.has('P000999999')).toBe(true);
  expect(set.has('P001000000')).toBe(false);
  set.add('last');
  set.undo();
  expect(set.has('last')).toBe(false);
  expect(set.size).toBe(1_000_000);
  expect(set.add('last')).toBe(1_000_000);
});

test('feature ids are exact, positive and always the same', () => {
  const ids = new Set<number>();
  for (let i = 0; i < 100_000; i += 1) {
    hashKey(`440604012018B${i}`);
    const fid = hashedFid();
    expect(Number.isSafeInteger(fid) && fid > 0 && fid < 2 ** 52).toBe(true);
    ids.add(fid);
  }
  expect(ids.size).toBe(100_000);
  hashKey('440604012018');
  // Ids are in links and bookmarks: this number may not change.
  expect(hashedFid()).toBe(177185354998518);
});
