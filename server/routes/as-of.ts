import { z } from '@hono/zod-openapi';
import { ApiError } from '../errors.ts';

export const AtParameter = z.string().max(40).optional().openapi({
  description:
    'Answers as of then: a day (its end in Asia/Shanghai) or an instant (RFC 3339). Left out: what is live now.',
  example: '2026-03-01',
});

/** Text of the parameter `at`, or of another of its kind -> instant. Throws `PARAMETER_INVALID`. */
export function parseAt(text: string | undefined, field = 'at'): Date | undefined {
  if (text === undefined || text === '') return undefined;
  const at = readInstant(text);
  if (at === null) {
    throw new ApiError(
      'PARAMETER_INVALID',
      `${field}: "${text}" is neither a day like 2026-03-01 nor an instant like 2026-03-01T12:00:00+08:00`,
      { field, value: text },
    );
  }
  return at;
}

function readInstant(text: string): Date | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const day = new Date(`${text}T00:00:00Z`);
    // JavaScript takes 30 February for 2 March.
    const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
    return isDay ? new Date(`${text}T23:59:59.999+08:00`) : null;
  }
  // A plus sign that was not escaped arrives as a blank.
  const instant = text.replace(/ (?=\d{2}:\d{2}$)/, '+');
  if (!z.iso.datetime({ offset: true }).safeParse(instant).success) return null;
  const at = new Date(instant);
  return Number.isNaN(at.getTime()) ? null : at;
}
