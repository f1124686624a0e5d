import { SHANGHAI_OFFSET_MS } from '../shanghai-time.ts';
import type { Period } from './read-indicators.ts';

const DAY = 24 * 3_600_000;

interface Day {
  year: number;
  month: number;
  day: number;
}

/** Calendar day in Shanghai of a moment that begins one. */
function dayOf(ms: number): Day {
  const date = new Date(ms + SHANGHAI_OFFSET_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
}

function startOf({ year, month, day }: Day): number {
  return Date.UTC(year, month, day) - SHANGHAI_OFFSET_MS;
}

/** The same day of another year: 29 February becomes the 28th. */
function inYear({ year, month, day }: Day, years: number): number {
  const last = new Date(Date.UTC(year + years, month + 1, 0)).getUTCDate();
  return startOf({ year: year + years, month, day: Math.min(day, last) });
}

/**
 * The periods a figure is compared with: 环比, the one just before (of whole months as many months, otherwise as many days),
 * and 同比, the same days of the year before. From and to are beginnings of days in Shanghai, ms since 1970.
 */
export function comparedPeriods([from, to]: Period): { previous: Period; lastYear: Period } {
  const [first, end] = [dayOf(from), dayOf(to)];
  const months = (end.year - first.year) * 12 + end.month - first.month;
  const isWhole = first.day === 1 && end.day === 1 && months > 0;
  const before = isWhole ? startOf({ ...first, month: first.month - months }) : from - (to - from);
  return { previous: [before, from], lastYear: [inYear(first, -1), inYear(end, -1)] };
}

/** The days from one to another, both included, as a period; null when one is no day or the second is before the first. */
export function periodOfDays(from: string, to: string): Period | null {
  const [start, last] = [from, to].map((day) => {
    const at = Date.parse(`${day}T00:00:00Z`);
    return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
      ? at - SHANGHAI_OFFSET_MS
      : Number.NaN;
  }) as [number, number];
  return start <= last ? [start, last + DAY] : null;
}

export const STEPS = ['day', 'week', 'month'] as const;
export type Step = (typeof STEPS)[number];

/** A period cut at midnights, Mondays or firsts of months in Shanghai; the first and the last piece may be shorter. */
export function stepsOf([from, to]: Period, step: Step): Period[] {
  const pieces: Period[] = [];
  for (let at = from; at < to;) {
    const end = Math.min(to, nextStep(at, step));
    pieces.push([at, end]);
    at = end;
  }
  return pieces;
}

function nextStep(at: number, step: Step): number {
  if (step === 'day') return at + DAY;
  const { year, month } = dayOf(at);
  if (step === 'month') return startOf({ year, month: month + 1, day: 1 });
  const weekday = new Date(at + SHANGHAI_OFFSET_MS).getUTCDay();
  return at + ((8 - weekday) % 7 || 7) * DAY;
}
