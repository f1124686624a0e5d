import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dueAfter,
  dueAt,
  limitMs,
  TIME_UNITS,
  workedBetween,
  type TimeLimit,
} from '../../../server/incidents/deadline.ts';

const due = (start: string, amount: number, unit: TimeLimit['unit']): string =>
  new Date(dueAt(Date.parse(`${start}+08:00`), { amount, unit }) + 8 * 3_600_000).toISOString().slice(0, 16);

describe('working hours', () => {
  test.each([
    ['inside a shift', '2026-11-23T09:00', 2, '2026-11-23T11:00'],
    ['over the midday break', '2026-11-23T11:00', 2, '2026-11-23T15:00'],
    ['ends with the shift, not after the break', '2026-11-23T10:00', 2, '2026-11-23T12:00'],
    ['starts in the break', '2026-11-23T13:00', 1, '2026-11-23T15:00'],
    ['starts before work', '2026-11-23T03:00', 1, '2026-11-23T09:30'],
    ['starts after work', '2026-11-23T20:00', 1, '2026-11-24T09:30'],
    ['over the night', '2026-11-23T17:00', 1, '2026-11-24T09:00'],
    ['over the weekend', '2026-11-20T17:00', 1, '2026-11-23T09:00'],
    ['starts on a Sunday', '2026-11-22T10:00', 4, '2026-11-23T14:30'],
  ])('%s', (_, start, hours, end) => {
    expect(due(start, hours, 'workhour')).toBe(end);
  });
});

describe('working days of seven hours', () => {
  test.each([
    ['keeps the time of day', '2026-11-23T10:00', 1, '2026-11-24T10:00'],
    ['a week has five of them', '2026-11-23T10:00', 5, '2026-11-30T10:00'],
    ['outside work: ends with the last shift', '2026-11-22T10:00', 1, '2026-11-23T17:30'],
    // 2026: National Day and Mid-Autumn Festival 1 to 7 October; Saturday 10 October is worked in exchange.
    ['National Day is not worked', '2026-09-30T10:00', 1, '2026-10-08T10:00'],
    ['a Saturday worked in exchange counts', '2026-10-09T10:00', 1, '2026-10-10T10:00'],
    ['the Sunday after it does not', '2026-10-10T10:00', 1, '2026-10-12T10:00'],
    ['Spring Festival 2025', '2025-01-27T10:00', 1, '2025-02-05T10:00'],
    ['Labour Day 2024 and the Saturday worked for it', '2024-04-30T10:00', 6, '2024-05-11T10:00'],
  ])('%s', (_, start, days, end) => {
    expect(due(start, days, 'workday')).toBe(end);
  });
});

test('hours run day and night, on holidays too', () => {
  expect(due('2026-10-01T23:30', 2, 'hour')).toBe('2026-10-02T01:30');
});

test('a later start is never due earlier, and a limit is never shorter than its working time', () => {
  const start = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2027, 0) });
  const unit = fc.constantFrom<TimeLimit['unit']>('hour', 'workhour', 'workday');
  fc.assert(
    fc.property(start, fc.nat(10 * 86_400_000), fc.integer({ min: 1, max: 20 }), unit, (at, later, amount, unit) => {
      const end = dueAt(at, { amount, unit });
      expect(dueAt(at + later, { amount, unit })).toBeGreaterThanOrEqual(end);
      expect(end - at).toBeGreaterThanOrEqual(amount * 3_600_000);
    }),
  );
});

test('a start that is no time is refused', () => {
  expect(() => dueAt(Number.NaN, { amount: 1, unit: 'hour' })).toThrow('NaN');
});

const worked = (start: string, end: string, unit: TimeLimit['unit']): number =>
  workedBetween(Date.parse(`${start}+08:00`), Date.parse(`${end}+08:00`), unit) / 3_600_000;

describe('time that a clock has run', () => {
  test.each([
    ['inside a shift', '2026-11-23T09:00', '2026-11-23T11:00', 2],
    ['the midday break does not count', '2026-11-23T11:00', '2026-11-23T15:00', 2],
    ['the night does not count', '2026-11-23T17:00', '2026-11-24T09:00', 1],
    ['a week has 35 hours', '2026-11-23T10:00', '2026-11-30T10:00', 35],
    ['National Day: 1 to 7 October do not count', '2026-09-30T17:30', '2026-10-08T08:30', 0],
    ['a Saturday worked in exchange counts', '2026-10-10T00:00', '2026-10-11T00:00', 7],
    ['backwards is nothing', '2026-11-24T09:00', '2026-11-23T09:00', 0],
  ])('%s', (_, start, end, hours) => {
    expect(worked(start, end, 'workhour')).toBe(hours);
    expect(worked(start, end, 'workday')).toBe(hours);
  });

  test('hours run day and night', () => {
    expect(worked('2026-10-01T23:30', '2026-10-02T01:30', 'hour')).toBe(2);
  });

  test('is the limit itself at its end, and adds up wherever a clock is looked at', () => {
    const start = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2027, 0) });
    const unit = fc.constantFrom(...TIME_UNITS);
    fc.assert(
      fc.property(
        start,
        fc.integer({ min: 1, max: 40 }),
        unit,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, amount, unit, part) => {
          const limit = { amount, unit };
          const end = dueAt(at, limit);
          expect(workedBetween(at, end, unit)).toBe(limitMs(limit));
          const between = Math.round(at + part * (end - at));
          expect(workedBetween(at, between, unit) + workedBetween(between, end, unit)).toBe(limitMs(limit));
          // Stopped there and set going at once, it ends when it would have.
          expect(dueAfter(between, workedBetween(between, end, unit), unit)).toBe(end);
        },
      ),
    );
  });

  test('what is no time is refused', () => {
    expect(() => workedBetween(Number.NaN, 0, 'hour')).toThrow('NaN');
    expect(() => workedBetween(0, Number.POSITIVE_INFINITY, 'hour')).toThrow('Infinity');
  });
});
