import { dayText } from './people.ts';

/** Days since 1970 of the reference date, 2026-11-01, a Sunday. */
export const REFERENCE_DAY = 20_758;

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** A moment in China Standard Time, by the day since 1970 and the minute of the day. */
export function momentText(day: number, minute: number): string {
  return `${dayText(day)}T${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}:00+08:00`;
}

/** What an instrument says on the reference morning, some minutes after 08:00. */
export function morning(minutesAfterEight: number): string {
  return momentText(REFERENCE_DAY, 480 + minutesAfterEight);
}
