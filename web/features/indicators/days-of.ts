import type { IndicatorChoice } from '../../url-state.ts';

const DAY = 24 * 3_600_000;

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** First and last day of a period that ends today, `YYYY-MM-DD`. Pure. @param today the day in Shanghai */
export function daysOf(period: IndicatorChoice['period'], today: string): { from: string; to: string } {
  const at = Date.parse(`${today}T00:00:00Z`);
  const month = `${today.slice(0, 7)}-01`;
  if (period === 'week') return { from: day(at - 6 * DAY), to: today };
  if (period === 'month') return { from: month, to: today };
  if (period === 'year') return { from: `${today.slice(0, 4)}-01-01`, to: today };
  if (period === 'today') return { from: today, to: today };
  const last = day(Date.parse(`${month}T00:00:00Z`) - DAY);
  return { from: `${last.slice(0, 7)}-01`, to: last };
}

/** How finely a period is cut to see how it went: not more steps than can be told apart. Pure. */
export function stepOf({ from, to }: { from: string; to: string }): 'day' | 'week' | 'month' {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  return days <= 31 ? 'day' : days <= 180 ? 'week' : 'month';
}
