import { SHANGHAI_OFFSET_MS, shanghaiDay } from '../shanghai-time.ts';
import { z } from '@hono/zod-openapi';
import type { Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { EVERYTHING, type FieldRef, type Predicate } from '../filter/predicate.ts';

/**
 * The field that says when a row was true: the one its source names, else the first time, else the first day. Masked
 * ones never: asking for them in steps would tell them.
 */
export function timeField(layer: Layer, masked: readonly string[]): FieldRef | null {
  const named = layer.source.timestamp;
  const candidates = Object.entries(layer.fields).filter(([name]) => !masked.includes(name));
  const found =
    candidates.find(([name]) => name === named) ??
    candidates.find(([, field]) => field.type === 'datetime') ??
    candidates.find(([, field]) => field.type === 'date');
  return found === undefined ? null : { name: found[0], type: found[1].type };
}

function refuse(message: string, value: string): never {
  throw new ApiError('PARAMETER_INVALID', `datetime: ${message}`, { field: 'datetime', value });
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** First and last millisecond of a day or an instant. */
function readMoment(text: string, whole: string): { first: number; last: number } {
  // A plus sign that was not escaped arrives as a blank.
  const plain = text.replace(/ (?=\d{2}:\d{2}$)/, '+').toUpperCase();
  if (DAY.test(plain)) {
    const first = Date.parse(`${plain}T00:00:00Z`) - SHANGHAI_OFFSET_MS;
    // JavaScript takes 30 February for 2 March.
    if (Number.isNaN(first) || shanghaiDay(first) !== plain || plain < '0001') refuse(`${text} is no day`, whole);
    return { first, last: first + DAY_MS - 1 };
  }
  if (!z.iso.datetime({ offset: true }).safeParse(plain).success) {
    refuse('must be an instant of RFC 3339 or a day, or two of them with / between, where .. is open', whole);
  }
  const at = Date.parse(plain);
  if (Number.isNaN(at) || at < Date.UTC(1, 0, 1) || plain.startsWith('0000')) refuse(`${text} is no instant`, whole);
  return { first: at, last: at };
}

/** An end of an interval that is open. */
function isOpen(part: string): boolean {
  return part === '' || part === '..';
}

/**
 * Reads `datetime`: an instant, a day, or an interval `from/to` whose ends may be open (`..` or nothing). Rows without a
 * time match, as do all rows of a layer that has none. Throws `PARAMETER_INVALID`.
 */
export function readDatetime(text: string | undefined, layer: Layer, masked: readonly string[]): Predicate {
  if (text === undefined) return EVERYTHING;
  const parts = text.split('/');
  if (parts.length > 2) refuse('has more than one /', text);
  const [from = '', to = from] = parts;
  if (parts.length === 1 && isOpen(from)) refuse('is empty', text);
  const first = isOpen(from) ? null : readMoment(from, text).first;
  const last = isOpen(to) ? null : readMoment(to, text).last;
  if (first !== null && last !== null && first > last) refuse('ends before it begins', text);

  const field = timeField(layer, masked);
  if (field === null || (first === null && last === null)) return EVERYTHING;
  const value = (ms: number) => (field.type === 'date' ? shanghaiDay(ms) : new Date(ms).toISOString());
  const bounds: Predicate[] = [];
  if (first !== null) bounds.push({ kind: 'compare', field, op: '>=', value: value(first) });
  if (last !== null) bounds.push({ kind: 'compare', field, op: '<=', value: value(last) });
  return {
    kind: 'or',
    of: [
      { kind: 'null', field },
      { kind: 'and', of: bounds },
    ],
  };
}
