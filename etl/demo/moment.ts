import { dayText } from './people.ts';
import type { Random } from './random.ts';

/** 2026-11-01, a Sunday, the day on which the district is described, in days since 1970. */
export const TODAY = 20_758;
/** The reference morning, 08:00, in minutes of the day. */
export const MORNING = 480;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** `yyyy-mm-ddThh:mm:00+08:00` of a day since 1970 and a minute of it; minutes may run over midnight. */
export function momentText(day: number, minute: number): string {
  const carried = day + Math.floor(minute / 1440);
  const left = ((minute % 1440) + 1440) % 1440;
  return `${dayText(carried)}T${two(Math.floor(left / 60))}:${two(left % 60)}:00+08:00`;
}

/** The same by the hour and the minute of it. */
export function moment(day: number, hour: number, minute: number): string {
  return momentText(day, hour * 60 + minute);
}

/** What an instrument says on the reference morning, some minutes after eight. */
export function morning(minutesAfterEight: number): string {
  return momentText(TODAY, MORNING + minutesAfterEight);
}

/** When a device last reported: within the last `minutes` before the reference morning. */
export function lastReport(random: Random, minutes = 8): string {
  return momentText(TODAY, MORNING - random.int(0, minutes));
}

/** Hours of the day at which people notice and report things, as weights of 24. */
export const DAYTIME = [1, 1, 0.5, 0.5, 0.5, 1, 2, 5, 10, 11, 10, 8, 5, 6, 9, 10, 9, 7, 6, 6, 6, 5, 3, 2];

const mornings = DAYTIME.slice(0, 8);
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const [WHOLE, EARLY] = [sum(DAYTIME), sum(mornings)];

/** A minute of the day at which something is reported; on the last day only before the reference morning. */
export function reportMinute(day: number, random: Random): number {
  let left = random.next() * (day >= TODAY ? EARLY : WHOLE);
  let hour = 0;
  while (left >= (DAYTIME[hour] as number)) {
    left -= DAYTIME[hour] as number;
    hour += 1;
  }
  return hour * 60 + random.int(0, 59);
}

/** A day up to today, the more likely the nearer, at most `days` back. */
export function recentDay(days: number, random: Random): number {
  return TODAY - Math.floor(days * random.next() ** 1.3);
}
