import { expect, test } from 'vitest';
import { formatCursor, parseCursor } from '../../../server/live/cursor.ts';

test('a cursor survives its own text', () => {
  const cursor = { epoch: '2429abf3372b', id: 9_007_199_254_740 };
  expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
});

test.each(['', '1', 'abc', 'abc.', '.5', 'abc.-1', 'abc.1.5', 'abc.1e5', 'xyz.1', "a'.1", `a.${'9'.repeat(16)}`])(
  '%j is no cursor',
  (text) => {
    expect(parseCursor(text)).toBeUndefined();
  },
);
