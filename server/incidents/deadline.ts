// CommonJS, and Node does not see its names.
import chineseDays from 'chinese-days';

/** `hour` runs day and night; `workhour` and `workday` (7 working hours) run in working time only. */
export interface TimeLimit {
  amount: number;
  unit: 'hour' | 'workhour' | 'workday';
}

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

/**
 * The moment a limit runs out, when the clock starts at `start`. Both are ms since 1970. A start outside working time
 * counts from the next working minute; a limit that ends with a shift is due at the end of that shift.
 */
export function dueAt(start: number, limit: TimeLimit): number {
  if (!Number.isFinite(start)) throw new RangeError(`start of a time limit is not a time: ${start}`);
  if (limit.unit === 'hour') return start + limit.amount * HOUR;
  let left = limit.amount * (limit.unit === 'workday' ? WORKDAY : HOUR);
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
