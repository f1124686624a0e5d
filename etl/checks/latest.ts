/** 2000-01-01 UTC, from which days and instants are stored. */
const EPOCH = Date.UTC(2000, 0, 1);
const DAY = 86_400_000;
/** China Standard Time, all year round. */
const OFFSET = 8 * 3_600_000;
/** Clocks of sensors may be fast. */
const CLOCK_SKEW = 3_600_000;

/** Today in China, in days since 2000-01-01. */
export function latestDay(now: Date): number {
  return Math.floor((now.getTime() + OFFSET - EPOCH) / DAY);
}

/** The latest instant that is not in the future, in microseconds since 2000-01-01 UTC. */
export function latestInstant(now: Date): number {
  return (now.getTime() + CLOCK_SKEW - EPOCH) * 1000;
}

/** The instant of a stored day or instant. */
export function instantOf(value: number, type: 'date' | 'datetime'): Date {
  return new Date(type === 'date' ? EPOCH + value * DAY - OFFSET : EPOCH + value / 1000);
}

/** The day in China of a stored instant, in days since 2000-01-01. */
export function dayOf(instant: number): number {
  return Math.floor((instant / 1000 + OFFSET) / DAY);
}
