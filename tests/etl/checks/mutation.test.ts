import { describe, expect, test } from 'vitest';
import { ALL_CHECKS, type Check } from '../../../etl/checks/active-checks.ts';
import { conformance, ELSEWHERE } from './support/conformance.ts';

/** What is only looked for in rows and values that another check has refused. */
const LEANING: Partial<Record<Check, readonly string[]>> = {
  MISSING_REQUIRED: ['EMPTY_ROW'],
  BAD_TYPE: ['FULL_WIDTH', 'NUMBER_CLEANED', 'PLACEHOLDER_EMPTIED', 'EXCEL_DATE'],
  BAD_PATTERN: ['TEXT_CLEANED'],
};

function without(check: Check): ReadonlySet<Check> {
  return new Set([...ALL_CHECKS].filter((other) => other !== check));
}

function wrong(outcomes: [string, string][]): [string, string][] {
  return outcomes.filter(([expected, found]) => expected !== found);
}

test('each planted fault is caught with its code, and good rows are not', () => {
  expect(wrong(conformance(ALL_CHECKS))).toEqual([]);
});

test('there is a planted fault for every check', () => {
  const planted = new Set(conformance(ALL_CHECKS).map(([expected]) => expected));
  expect([...ALL_CHECKS].filter((check) => !planted.has(check)).toSorted()).toEqual([...ELSEWHERE].toSorted());
  expect(planted.size).toBeGreaterThan(30);
});

describe('a check that is taken away is missed', () => {
  test.each([...ALL_CHECKS].filter((check) => !ELSEWHERE.includes(check)))('%s', (check) => {
    const outcomes = conformance(without(check));
    const missed = wrong(outcomes);
    // Its own faults go through, or are called something else; all others are still found.
    expect(missed.map(([expected]) => expected)).toContain(check);
    expect(missed.filter(([expected]) => expected !== check && !LEANING[check]?.includes(expected))).toEqual([]);
    expect(outcomes.map(([, found]) => found)).not.toContain(check);
  });
});
