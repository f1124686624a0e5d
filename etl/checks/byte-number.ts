import { daysInMonth } from '../../server/db/copy-binary.ts';

/** Numbers and times that stand in bytes in the usual forms; NaN for every other form, which is then read as a text. */

const ZERO = 48;
const DOT = 46;
const MINUS = 45;
/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * A decimal number like `-113.0712`, of at most 15 digits: both the digits and the power of ten are then exact doubles, and
 * their quotient is the nearest double, which is what `Number` answers.
 */
export function decimalOf(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  let digits = 0;
  let decimals = -1;
  let value = 0;
  for (let i = isNegative ? start + 1 : start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (byte === DOT) {
      if (decimals >= 0 || digits === 0) return Number.NaN;
      decimals = 0;
      continue;
    }
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
    digits += 1;
    if (decimals >= 0) decimals += 1;
  }
  if (digits === 0 || digits > EXACT_DIGITS || decimals === 0) return Number.NaN;
  if (decimals > 0) value /= POWERS[decimals] as number;
  // Not 0 - 0: a minus sign before zero is kept, as `Number` keeps it.
  return isNegative ? -value : value;
}

/** A whole number of at most nine digits. */
export function integerOf(bytes: Uint8Array, start: number, end: number): number {
  const from = bytes[start] === MINUS ? start + 1 : start;
  if (end - from < 1 || end - from > 9) return Number.NaN;
  let value = 0;
  for (let i = from; i < end; i += 1) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return from === start || value === 0 ? value : -value;
}

/** Days since 2000-01-01 of `YYYY-MM-DD`; NaN otherwise. */
export function plainDayOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return Number.NaN;
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2);
  const month = pair(bytes, start + 5);
  const day = pair(bytes, start + 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  if (day > 28 && day > daysInMonth(year, month)) return Number.NaN;
  return civilDays(year, month, day);
}

/** Microseconds since 2000-01-01 UTC of `YYYY-MM-DD hh:mm:ss`, also with `T`, and with `+08:00` or without a zone; NaN otherwise. */
export function plainInstantOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length !== 19 && length !== 25) return Number.NaN;
  const blank = bytes[start + 10];
  if ((blank !== 32 && blank !== 84) || bytes[start + 13] !== 58 || bytes[start + 16] !== 58) return Number.NaN;
  if (length === 25 && !isChinaZone(bytes, start + 19)) return Number.NaN;
  const days = plainDayOf(bytes, start, start + 10);
  const hours = pair(bytes, start + 11);
  const minutes = pair(bytes, start + 14);
  const seconds = pair(bytes, start + 17);
  if (!(hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 59)) return Number.NaN;
  const micros = (days * 86_400 + (hours - 8) * 3600 + minutes * 60 + seconds) * 1e6;
  return Number.isSafeInteger(micros) ? micros : Number.NaN;
}

/** Days since 2000-01-01 of a day of the Gregorian calendar, counted in years that begin in March. */
export function civilDays(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 730_425;
}

function pair(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NEGATIVE_INFINITY;
}

function isChinaZone(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 43 &&
    bytes[at + 1] === 48 &&
    bytes[at + 2] === 56 &&
    bytes[at + 3] === 58 &&
    bytes[at + 4] === 48 &&
    bytes[at + 5] === 48
  );
}
