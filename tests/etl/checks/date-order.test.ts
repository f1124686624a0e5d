import { describe, expect, test } from 'vitest';
import { datePairs, isInOrder } from '../../../etl/checks/date-order.ts';
import { recipesFor } from '../../../etl/demo/faults.ts';
import type { Layer } from '../../../layers/define.ts';
import { getLayer, layers } from '../../../layers/index.ts';

const EPOCH = Date.UTC(2000, 0, 1);
const day = (text: string): number => (Date.parse(text) - EPOCH) / 86_400_000;
const instant = (text: string): number => (Date.parse(text) - EPOCH) * 1000;

function pairOf(first: 'date' | 'datetime', second: 'date' | 'datetime') {
  const title = { zh: '时', en: 'Time' };
  const layer = { ...getLayer('park'), fields: { a: { type: first, title }, b: { type: second, title } } };
  const [pair] = datePairs({ ...layer, checks: { rows: [0, 1], order: [['a', 'b']] } } as unknown as Layer);
  return pair!;
}

describe('dates in order', () => {
  test('two days, two instants', () => {
    expect(isInOrder(pairOf('date', 'date'), day('2026-03-01'), day('2026-03-01'))).toBe(true);
    expect(isInOrder(pairOf('date', 'date'), day('2026-03-02'), day('2026-03-01'))).toBe(false);
    const instants = pairOf('datetime', 'datetime');
    expect(isInOrder(instants, instant('2026-03-01T08:00:00Z'), instant('2026-03-01T08:00:01Z'))).toBe(true);
    expect(isInOrder(instants, instant('2026-03-01T08:00:01Z'), instant('2026-03-01T08:00:00Z'))).toBe(false);
  });

  test('a day and an instant compare by the day in China', () => {
    const pair = pairOf('date', 'datetime');
    // 00:30 of the second in China is still the first in UTC.
    expect(isInOrder(pair, day('2026-03-02'), instant('2026-03-01T16:30:00Z'))).toBe(true);
    expect(isInOrder(pair, day('2026-03-02'), instant('2026-03-01T15:30:00Z'))).toBe(false);
    const other = pairOf('datetime', 'date');
    expect(isInOrder(other, instant('2026-03-01T15:59:00Z'), day('2026-03-01'))).toBe(true);
    expect(isInOrder(other, instant('2026-03-01T16:00:00Z'), day('2026-03-01'))).toBe(false);
  });
});

const dated = layers.filter(
  ({ fields }) => Object.values(fields).filter(({ type }) => type === 'date' || type === 'datetime').length > 1,
);

test('there are layers with two dates', () => {
  expect(dated.length).toBeGreaterThanOrEqual(17);
});

test.each(dated.map(({ id }) => id))('%s says in which order its dates are, and the demo breaks it', (id) => {
  expect(datePairs(getLayer(id)).length).toBeGreaterThan(0);
  const codes = recipesFor(getLayer(id)).map(({ code }) => code);
  expect(codes).toContain('DATE_ORDER');
});
