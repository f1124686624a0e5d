/** Times and durations as people read them. All times are shown in Asia/Shanghai, wherever the screen stands. */
import type { Language } from './url-state.ts';

const ZONE = 'Asia/Shanghai';
const locale: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}:${kind}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(locale[language], { timeZone: ZONE, hourCycle: 'h23', ...options });
    formats.set(key, known);
  }
  return known;
}

/** `09:05` */
export function clock(ms: number, language: Language): string {
  return format(language, 'clock', { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** `09:05:07` */
export function clockSeconds(ms: number, language: Language): string {
  return format(language, 'seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
}

/** `2026年11月22日星期日`, `Sun, 22 Nov 2026` */
export function longDate(ms: number, language: Language): string {
  const length = language === 'zh' ? 'long' : 'short';
  return format(language, 'date', { year: 'numeric', month: length, day: 'numeric', weekday: length }).format(ms);
}

/** `11月22日 09:05`; of another year than that of `now`, `2024年11月22日 09:05`. */
export function dateTime(ms: number, language: Language, now = Date.now()): string {
  const moment = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const;
  const isThisYear = today(ms).slice(0, 4) === today(now).slice(0, 4);
  return (
    isThisYear ? format(language, 'dateTime', moment) : format(language, 'dateTimeYear', { year: 'numeric', ...moment })
  ).format(ms);
}

/** Time of a picture: a year and a day as they are, an instant to the minute. */
export function pictureTitle(time: string, language: Language): string {
  return time.length > 10 ? dateTime(Date.parse(time), language) : time;
}

const units: Record<Language, { s: string; m: string; h: string; d: string; join: string }> = {
  zh: { s: '秒', m: '分', h: '时', d: '天', join: '' },
  en: { s: ' s', m: ' min', h: ' h', d: ' d', join: ' ' },
};

/** Two largest units: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`. Negative durations count as zero. */
export function duration(ms: number, language: Language): string {
  const { s, m, h, d, join } = units[language];
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}${s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${m}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}${h}${join}${String(minutes % 60).padStart(2, '0')}${m}`;
  return `${Math.floor(hours / 24)}${d}${join}${hours % 24}${h}`;
}

/** `320 ms`, `1.2 s`, `45 s` */
export function shortLatency(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** Number with group separators, a dash where it is not known; `digits` decimals where more than none are wanted. */
export function number(value: number | null | undefined, language: Language, digits = 0): string {
  if (value === null || value === undefined) return '–';
  return value.toLocaleString(
    locale[language],
    digits > 0 ? { minimumFractionDigits: digits, maximumFractionDigits: digits } : {},
  );
}

/** Metres as people say them: `850 m`, `12.3 km`. */
export function length(metres: number, language: Language): string {
  return metres < 1000 ? `${number(Math.round(metres), language)} m` : `${number(metres / 1000, language, 2)} km`;
}

/** Square metres as people say them: `850 m²`, `2.01 km²`. */
export function area(square: number, language: Language): string {
  return square < 100_000 ? `${number(Math.round(square), language)} m²` : `${number(square / 1e6, language, 2)} km²`;
}

/** A share of 0 … 1 as whole per cent; a dash where it is not known. */
export function percent(value: number | null, language: Language): string {
  return value === null ? '–' : `${number(Math.round(100 * value), language)} %`;
}

/** The day it is in Asia/Shanghai, `YYYY-MM-DD`. */
export function today(now = Date.now()): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}
