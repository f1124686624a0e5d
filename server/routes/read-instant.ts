import { ApiError } from '../errors.ts';

/** An instant with a zone, or a day of Asia/Shanghai, of which it is the beginning. Throws `PARAMETER_INVALID`. */
export function readInstant(field: string, text: string): Date {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const at = new Date(isDay ? `${text}T00:00:00+08:00` : text);
  // 30 February would be 2 March.
  const day = Number(text.slice(8, 10));
  const isReal = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
  if ((!isDay && !isInstant) || Number.isNaN(at.getTime()) || !isReal) {
    const message = `${field}: "${text.slice(0, 64)}" is neither a day like 2026-11-01 nor a time with a zone`;
    throw new ApiError('PARAMETER_INVALID', message, { field, value: text });
  }
  return at;
}
