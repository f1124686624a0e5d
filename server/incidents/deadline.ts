// CommonJS, and Node does not see its names.
import chineseDays from 'chinese-days';

/** `minute` and `hour` run day and night; `workminute`, `workhour` and `workday` (7 working hours) in working time only. */
export interface TimeLimit {
  amount: number;
  unit: TimeUnit;
}

export const TIME_UNITS = ['minute', 'hour', 'workminute', 'workhour', 'workday'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** China keeps UTC+8 all year. */
const ZONE = 8 * HOUR;
/** Working time of a day, ms from local midnight: 08:30-12:00 and 14:00-17:30. */
const SHIFTS = [
  [8.5 * HOUR, 12 * HOUR],
  [14 * HOUR, 17.5 * HOUR],
] as const;
const WORKDAY = SHIFTS.reduce((sum, [from, to]) => sum + to - from, 0);

const UNIT_MS: Record<TimeUnit, number> = {
  minute: MINUTE,
  hour: HOUR,
  workminute: MINUTE,
  workhour: HOUR,
  workday: WORKDAY,
};

const workdays = new Map<number, boolean>();

/**
 * True on a day people work: Monday to Friday except legal holidays, and the weekend days that are worked in exchange.
 * `day` counts local days since 1970-01-01. Years whose holidays are not announced yet follow the plain week.
 */
function isWorkingDay(day: number): boolean {
  let known = workdays.get(day);
  if (known === undefined) {
    // oxlint-disable-next-line import/no-named-as-default-member -- named import fails in Node, see above
    known = chineseDays.isWorkday(new Date(day * DAY).toISOString().slice(0, 10));
    workdays.set(day, known);
  }
  return known;
}

function runsDayAndNight(unit: TimeUnit): boolean {
  return unit === 'minute' || unit === 'hour';
}

/** How long a clock of its unit runs until the limit is used up, ms. */
export function limitMs(limit: TimeLimit): number {
  return limit.amount * UNIT_MS[limit.unit];
}

/**
 * The moment a limit runs out, when the clock starts at `start`. Both are ms since 1970. A start outside working time
 * counts from the next working minute; a limit that ends with a shift is due at the end of that shift.
 */
export function dueAt(start: number, limit: TimeLimit): number {
  return dueAfter(start, limitMs(limit), limit.unit);
}

/** The moment a clock of this unit that starts at `start` has run for `ms`. */
export function dueAfter(start: number, ms: number, unit: TimeUnit): number {
  if (!Number.isFinite(start)) throw new RangeError(`start of a time limit is not a time: ${start}`);
  // Nothing is left: not even the next working minute has to come.
  if (ms <= 0 || runsDayAndNight(unit)) return start + Math.max(0, ms);
  let left = ms;
  let day = Math.floor((start + ZONE) / DAY);
  let time = start + ZONE - day * DAY;
  for (; ; day++, time = 0) {
    if (!isWorkingDay(day)) continue;
    for (const [from, to] of SHIFTS) {
      const begin = Math.max(from, time);
      if (begin >= to) continue;
      if (left <= to - begin) return day * DAY + begin + left - ZONE;
      left -= to - begin;
    }
  }
}

/**
 * How long a clock of this unit runs between two moments, ms; 0 when the second is not later. What `dueAt` gives is just
 * so far away that the limit is used up: a clock can stop and go on with what is left.
 */
export function workedBetween(start: number, end: number, unit: TimeUnit): number {
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new RangeError(`no times to count between: ${start}, ${end}`);
  }
  if (end <= start) return 0;
  if (runsDayAndNight(unit)) return end - start;
  const last = Math.floor((end + ZONE) / DAY);
  let sum = 0;
  for (let day = Math.floor((start + ZONE) / DAY); day <= last; day++) {
    if (!isWorkingDay(day)) continue;
    const midnight = day * DAY - ZONE;
    for (const [from, to] of SHIFTS) {
      sum += Math.max(0, Math.min(midnight + to, end) - Math.max(midnight + from, start));
    }
  }
  return sum;
}
