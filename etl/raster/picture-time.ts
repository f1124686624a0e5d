/**
 * The time in the name of a picture, in Asia/Shanghai: `…_2006.tif`, `…_20260301.tif`, `…_2026-03-01.tif`,
 * `…_20260301T0810.tif`, `…_20260301_081000.tif`. The last one in the name counts; null when there is none.
 */
export function pictureTime(name: string): string | null {
  const stem = name.replace(/\.\w+$/, '');
  let found: string | null = null;
  for (const { groups } of stem.matchAll(PATTERN)) {
    const { year, month, day, hour, minute, second = '00' } = groups as Record<string, string | undefined>;
    if (month === undefined) {
      found = year ?? null;
      continue;
    }
    const date = `${year}-${month}-${day}`;
    const start = new Date(`${date}T00:00:00Z`);
    if (Number.isNaN(start.getTime()) || !start.toISOString().startsWith(date)) continue;
    found = hour === undefined ? date : `${date}T${hour}:${minute}:${second}+08:00`;
  }
  return found;
}

const PATTERN =
  /(?<!\d)(?<year>(?:19|20)\d{2})(?:-?(?<month>0[1-9]|1[0-2])-?(?<day>0[1-9]|[12]\d|3[01])(?:[T_-]?(?<hour>[01]\d|2[0-3]):?(?<minute>[0-5]\d)(?::?(?<second>[0-5]\d))?)?)?(?!\d)/g;

/** The time that the picture itself states (TIFF tag DateTime, `YYYY:MM:DD HH:MM:SS`); it is that of the program that wrote it too often to stand for a series. */
export function statedTime(text: string | undefined): string | null {
  const match = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text ?? '');
  if (!match) return null;
  const [, year, month, day, clock] = match;
  return Number.isNaN(Date.parse(`${year}-${month}-${day}T${clock}+08:00`))
    ? null
    : `${year}-${month}-${day}T${clock}+08:00`;
}
