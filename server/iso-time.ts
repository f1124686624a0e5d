/** Times of many incidents of a batch are the same, and a look is a tenth of what writing one costs. */
const written = new Map<number, string>();
const MOST = 4096;

/** A time (ms since 1970) as ISO 8601 in UTC, `2026-11-22T00:00:00.000Z`. */
export function isoTime(ms: number): string {
  const known = written.get(ms);
  if (known !== undefined) return known;
  if (written.size >= MOST) written.clear();
  const text = new Date(ms).toISOString();
  written.set(ms, text);
  return text;
}
