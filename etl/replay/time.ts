/** China keeps UTC+8 all year; a time without zone is local time of the district. */
const ZONE = '+08:00';

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
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
