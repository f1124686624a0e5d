import { expect, test } from 'vitest';
import type { Definition, Group } from '../../../web/features/indicators/figure-text.ts';
import { findingOf, isComparable, knownWeight } from '../../../web/features/indicators/finding-of.ts';

const title = { zh: '按期结案率', en: 'Closed in time' };
const rate: Definition = { id: 'rate', title, unit: 'share', better: 'more', parts: null };
const rework: Definition = { id: 'rework', title, unit: 'share', better: 'less', parts: null };
const reports: Definition = { id: 'reports', title, unit: 'count', better: null, parts: null };
const score: Definition = {
  id: 'score',
  title,
  unit: 'score',
  better: 'more',
  parts: [
    { id: 'rate', weight: 60, rest: false },
    { id: 'rework', weight: 40, rest: true },
  ],
};

type Values = Record<string, readonly [value: number | null, previous?: number | null]>;
function group(key: string | null, values: Values): Group {
  return {
    key,
    title: null,
    values: Object.fromEntries(
      Object.entries(values).map(([id, [value, previous = null]]) => [
        id,
        { value, of: null, previous, lastYear: null },
      ]),
    ),
  };
}

test('where more is better the lowest is behind, where less is the highest; the gap is to the district', () => {
  const district = group('district', { rate: [0.8, 0.75], rework: [0.1, 0.1] });
  const groups = [
    group('a', { rate: [0.9, 0.7], rework: [0.05, 0.2] }),
    group('b', { rate: [0.6, 0.8], rework: [0.3, 0.1] }),
    group(null, { rate: [0.1], rework: [0.9] }),
  ];
  const more = findingOf(rate, groups, district);
  expect(more).toMatchObject({ value: 0.8, isBetter: true, last: { value: 0.6, lost: null } });
  expect(more.change).toBeCloseTo(0.05);
  expect(more.last?.group.key).toBe('b');
  expect(more.last?.gap).toBeCloseTo(0.2);
  expect(more.improved?.group.key).toBe('a');
  const less = findingOf(rework, groups, district);
  expect(less).toMatchObject({ change: 0, isBetter: null });
  expect(less.last?.group.key).toBe('b');
  expect(less.improved?.change).toBeCloseTo(0.15);
});

test('of a score the part that loses most is named, and a score on little weight is not compared', () => {
  const district = group('district', { score: [86], rate: [0.9], rework: [0.2] });
  const groups = [
    group('a', { score: [66], rate: [0.5], rework: [0.1] }),
    group('b', { score: [90], rate: [0.95], rework: [0.18] }),
    // Nothing but the smaller part is known.
    group('c', { score: [10], rate: [null], rework: [0.9] }),
  ];
  expect(groups.map((each) => knownWeight(score, each))).toEqual([1, 1, 0.4]);
  expect(groups.map((each) => isComparable(score, each))).toEqual([true, true, false]);
  const { last } = findingOf(score, groups, district);
  expect(last?.group.key).toBe('a');
  expect(last?.lost?.id).toBe('rate');
  expect(last?.lost?.points).toBeCloseTo(24);
});

test('nothing is said of what is not known, of equals, or of one alone', () => {
  expect(findingOf(rate, [], undefined)).toMatchObject({ value: null, change: null, last: null, improved: null });
  expect(findingOf(rate, [], group('district', { rate: [null] }))).toMatchObject({ value: null, last: null });
  const district = group('district', { rate: [0.5], reports: [30, 20] });
  const same = [group('a', { rate: [0.5], reports: [10] }), group('b', { rate: [0.5], reports: [20] })];
  expect(findingOf(rate, same, district)).toMatchObject({ change: null, last: null, improved: null });
  expect(findingOf(rate, same.slice(0, 1), district).last).toBeNull();
  // More reports are neither good nor bad: who has the most.
  expect(findingOf(reports, same, district)).toMatchObject({ change: 10, isBetter: null, last: { value: 20 } });
});
