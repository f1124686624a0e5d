import { expect, test } from 'vitest';
import { IncidentInput } from '../../../server/contract/incidents.ts';
import { plainInput } from '../../../server/incidents/plain-input.ts';

const whole = {
  key: 'plain-1',
  source: 'sensor',
  category: '06010',
  standard: '2026',
  title: '暴露垃圾',
  severity: 2,
  lon: 113.05,
  lat: 23.05,
  crs: 'EPSG:4326',
  address: '大沥镇',
  description: 'two\nlines',
  occurredAt: '2026-11-28T06:30:00.123+08:00',
};
const VALUES: readonly unknown[] = [
  undefined,
  null,
  '',
  'a',
  'ab',
  'a'.repeat(64),
  'a'.repeat(65),
  '字'.repeat(200),
  '𠮷',
  '𠮷𠮷',
  '𠮷'.repeat(101),
  '𠮷'.repeat(201),
  'a'.repeat(4000),
  'a'.repeat(4001),
  '06010',
  '0110',
  '01-10',
  'Z01',
  'Z0901',
  'Z090',
  '06010 ',
  '06010\n',
  '０６０１０',
  '2013',
  '2027',
  'GCJ-02',
  'gcj-02',
  0,
  -0,
  4,
  5,
  -1,
  1.5,
  1e20,
  180,
  -180.0000001,
  90,
  90.5,
  NaN,
  Infinity,
  true,
  [],
  ['a'],
  {},
  '2026-02-28T00:00:00Z',
  '2024-02-29T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-12-31T23:59:59.999999999Z',
  '2026-12-31T23:59Z',
  '2026-12-31T24:00:00Z',
  '2026-12-31T23:59:60Z',
  '2026-12-31T23:59:59',
  '2026-12-31T23:59:59+0800',
  '2026-12-31T23:59:59+08',
  '2026-12-31T23:59:59-23:59',
  '2026-12-31T23:59:59+24:00',
  '2026-12-31 23:59:59Z',
  ' 2026-12-31T23:59:59Z',
];
const NAMES = [...Object.keys(whole), 'reporter', 'token', '__proto__', 'constructor', 'Key', ''];

/** Values that a message can bring: JSON has neither undefined nor what is no number. */
function* messages(): Generator<unknown> {
  yield* [null, undefined, 1, 'text', [], [whole], {}, whole, { ...whole, reporter: { name: 'a' } }];
  for (const name of NAMES) {
    const { [name as keyof typeof whole]: _, ...without } = whole;
    yield without;
    for (const value of VALUES) {
      const message = JSON.parse(JSON.stringify(without)) as object;
      Object.defineProperty(message, name, { value, enumerable: true, configurable: true, writable: true });
      yield message;
      yield Object.fromEntries(Object.entries(message).toReversed());
    }
  }
}

test('what is taken as plain is what the contract takes, and says the same', () => {
  let [taken, refused] = [0, 0];
  for (const message of messages()) {
    const plain = plainInput(message);
    if (plain === undefined) refused += 1;
    else {
      taken += 1;
      const parsed = IncidentInput.safeParse(message);
      expect(parsed.error?.issues ?? [], JSON.stringify(message)).toEqual([]);
      expect(plain).toEqual(parsed.data);
    }
  }
  expect(taken).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(700);
});

test('what the contract takes is plain, unless it says who reported or its length is not plain', () => {
  for (const message of messages()) {
    const parsed = IncidentInput.safeParse(message);
    const isMissing = Object.values((message ?? {}) as object).includes(undefined);
    const { reporter, address, ...texts } = parsed.data ?? {};
    const isUnsure = address?.length === 2 || JSON.stringify({ address, ...texts }).includes('𠮷');
    if (!parsed.success || reporter !== undefined || isMissing || isUnsure) continue;
    expect(plainInput(message), JSON.stringify(message)).toEqual(parsed.data);
  }
});
