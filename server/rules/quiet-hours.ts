const MINUTE = 60_000;
const DAY = 1440;
/** China keeps UTC+8 all year. */
const ZONE = 480;

export interface QuietHours {
  /** Minutes of the day in Asia/Shanghai; `to` may lie on the next day. */
  from: number;
  to: number;
}

/** Reads `22:00`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** The first moment not before `at` (ms since 1970) that is not in quiet hours: their end belongs to the day. */
export function endOfQuiet(quiet: QuietHours | null, at: number): number {
  if (quiet === null) return at;
  const minutes = Math.floor(at / MINUTE) + ZONE;
  const midnight = minutes - (minutes % DAY);
  const ofDay = minutes - midnight;
  const { from, to } = quiet;
  const isQuiet = from < to ? ofDay >= from && ofDay < to : ofDay >= from || ofDay < to;
  if (!isQuiet) return at;
  const end = midnight + to + (ofDay >= to ? DAY : 0);
  return (end - ZONE) * MINUTE;
}
