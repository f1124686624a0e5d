import { expect, test } from 'vitest';
import { timeReader } from '../../../etl/replay/time.ts';

const read = (text: string, ...others: string[]): string | undefined => {
  const at = timeReader([text, ...others])(text);
  return at === undefined ? undefined : new Date(at).toISOString();
};

test.each([
  ['12/30/15 20:42', '2015-12-30T12:42:00.000Z'],
  ['3/14/2025 1:20', '2025-03-13T17:20:00.000Z'],
  ['2015/1/2 03:04:05', '2015-01-01T19:04:05.000Z'],
  ['2026-11-22 10:00:00', '2026-11-22T02:00:00.000Z'],
  ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z'],
  ['2026-11-22T10:00:00.123-05:00', '2026-11-22T15:00:00.000Z'],
  ['3/4/2025', '2025-03-03T16:00:00.000Z'],
  ['20200101 141500', '2020-01-01T06:15:00.000Z'],
  ['103年01月01日 04時30分00秒', '2013-12-31T20:30:00.000Z'],
  ['1706493582860', '2024-01-29T01:59:42.860Z'],
])('%s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test('another value of the file tells that days come first', () => {
  expect(read('3/4/2025 00:00', '14/3/2025 00:00')).toBe('2025-04-02T16:00:00.000Z');
});

test.each(['', 'yesterday', '2/30/2025 10:00', '13/13/2025 10:00', '1/1/2025 25:00', '20250101'])(
  '%j is no time',
  (text) => {
    expect(read(text, '1/2/2025 10:00')).toBeUndefined();
  },
);
