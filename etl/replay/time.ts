/** China keeps UTC+8 all year; a time without zone is local time of the district. */
const ZONE = '+08:00';

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
/** Day and hour in figures only, never a day alone, which may be any number; the year of the Republic of China, in words; ms since 1970. */
const DIGITS = /^(\d{4})(\d{2})(\d{2}) (\d{1,2})(\d{2})(\d{2})$/;
const REPUBLIC = /^(\d{2,3})年(\d{1,2})月(\d{1,2})日(?: (\d{1,2})時(\d{1,2})分(?:(\d{1,2})秒)?)?$/;
const EPOCH_MS = /^\d{12,13}$/;
const SLASHED = /^(\d{1,4})\/(\d{1,2})\/(\d{1,4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * Makes a reader for the times of one file, from all of its values: whether `3/4/2025` is a day in March or in April
 * is decided by a value such as `3/14/2025`, and is month first when nothing tells.
 * @returns ms since 1970, or undefined for a text that is no time
 */
export function timeReader(samples: Iterable<string>): (text: string) => number | undefined {
  let dayFirst = false;
  for (const sample of samples) {
    const match = SLASHED.exec(sample.trim());
    if (match && match[1] && match[1].length <= 2 && Number(match[1]) > 12) dayFirst = true;
  }
  return (text) => readTime(text.trim(), dayFirst);
}

function readTime(text: string, dayFirst: boolean): number | undefined {
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour, minute, second, zone] = iso;
    return instant(year, month, day, hour, minute, second, zone);
  }
  if (EPOCH_MS.test(text)) return Number(text);
  const digits = DIGITS.exec(text);
  if (digits) {
    const [, year, month, day, hour, minute, second] = digits;
    return instant(year, month, day, hour, minute, second);
  }
  const republic = REPUBLIC.exec(text);
  if (republic) {
    const [, year, month, day, hour = '0', minute = '00', second = '00'] = republic;
    return instant(String(Number(year) + 1911), month, day, hour, two(minute), two(second));
  }
  const slashed = SLASHED.exec(text);
  if (!slashed) return undefined;
  const [, a = '', b, c = '', hour = '0', minute = '00', second] = slashed;
  if (a.length === 4) return instant(a, b, c, hour, minute, second);
  const year = c.length === 2 ? `20${c}` : c;
  return dayFirst ? instant(year, b, a, hour, minute, second) : instant(year, a, b, hour, minute, second);
}

const two = (part: string): string => part.padStart(2, '0');

function instant(
  year = '',
  month = '',
  day = '',
  hour = '',
  minute = '',
  second = '00',
  zone: string = ZONE,
): number | undefined {
  const date = `${year}-${two(month)}-${two(day)}`;
  // Date.parse takes 31 February for 3 March.
  if (new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) !== date) return undefined;
  const at = Date.parse(`${date}T${two(hour)}:${minute}:${second}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}
