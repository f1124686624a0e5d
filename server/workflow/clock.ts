import { dueAfter, limitMs, workedBetween, type TimeLimit, type TimeUnit } from '../incidents/deadline.ts';

/** Part of a limit after which its light is yellow. */
export const WARN_SHARE = 0.7;

/** When a clock that runs turns the light yellow and red, ms since 1970. */
export interface Clock {
  warnAt: number;
  dueAt: number;
}

export type Light = 'green' | 'yellow' | 'red';

/** A clock that goes on at `now` with `left` of `total`, ms of its unit. */
export function clockFrom(now: number, left: number, total: number, unit: TimeUnit): Clock {
  const untilWarning = Math.max(0, left - (1 - WARN_SHARE) * total);
  return { warnAt: dueAfter(now, untilWarning, unit), dueAt: dueAfter(now, Math.max(0, left), unit) };
}

/** A clock that starts at `now`. */
export function startClock(now: number, limit: TimeLimit): Clock {
  return clockFrom(now, limitMs(limit), limitMs(limit), limit.unit);
}

/** What is left of a clock that stops at `now`, ms of its unit; 0 when it has run out. */
export function leftOf(dueAt: number, now: number, unit: TimeUnit): number {
  return workedBetween(now, dueAt, unit);
}

/** Green below 70 % of the limit, yellow up to the limit, red beyond. */
export function lightAt(now: number, { warnAt, dueAt }: Clock): Light {
  return now > dueAt ? 'red' : now >= warnAt ? 'yellow' : 'green';
}
