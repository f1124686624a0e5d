import { dayText } from './people.ts';

/** 2026-11-01, the day the district is described, in days since 1970. */
export const TODAY = 20_758;

const two = (n: number): string => String(n).padStart(2, '0');

/** Local time of the district, as departments write it. */
export function moment(day: number, hour: number, minute: number): string {
  return `${dayText(day)}T${two(hour)}:${two(minute)}:00+08:00`;
}

/** An observation of the reference morning, `minute` minutes after eight. */
export function thisMorning(minute: number): string {
  return moment(TODAY, 8, minute);
}
