import type { Reading } from './reading.ts';
import type { Metrics } from './sensor-list.ts';

/** Why a reading is not stored: `field` is wrong as `message` says. */
export interface ReadingRejection {
  code: RejectionCode;
  message: string;
  field: 'reading' | 'sensor' | 'metric' | 'at' | 'value';
  /** What was sent, as far as it can be told. */
  sensor: string;
  metric: string;
  value: string | null;
}

export type RejectionCode =
  | 'BODY_INVALID'
  | 'UNKNOWN_SENSOR'
  | 'UNKNOWN_METRIC'
  | 'OUT_OF_RANGE'
  | 'IN_THE_FUTURE'
  | 'TOO_OLD'
  | 'VALUE_DIFFERS'
  | 'NOT_STORABLE';

/** Clocks of sensors may run this far ahead, ms: as those of who reports incidents. */
const CLOCK_TOLERANCE = 5 * 60_000;
const LONGEST_NAME = 160;
const PROPERTIES = new Set(['sensor', 'metric', 'at', 'value']);
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

export interface CheckOptions {
  metricsOf(sensor: string): Metrics | undefined;
  /** ms since 1970. */
  now: number;
  /** ms since 1970: what is older has no place any more. */
  oldest: number;
}

/**
 * Checks what was sent as a reading: `{sensor, metric, at, value}` with `at` a time with a zone or ms since 1970. Plain
 * comparisons instead of a schema: some thousand a second come by here.
 */
export function checkReading(input: unknown, { metricsOf, now, oldest }: CheckOptions): Reading | ReadingRejection {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const { sensor, metric, value } = given;
  const refuse = (
    code: RejectionCode,
    field: ReadingRejection['field'],
    message: string,
    shown: unknown = value,
  ): ReadingRejection => ({
    code,
    field,
    message,
    sensor: nameOf(sensor),
    metric: nameOf(metric),
    value: shown === undefined ? null : String(typeof shown === 'object' ? JSON.stringify(shown) : shown).slice(0, 80),
  });
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse('BODY_INVALID', 'reading', 'a reading is an object {sensor, metric, at, value}', input);
  if (typeof sensor !== 'string' || sensor === '' || sensor.length > LONGEST_NAME)
    return refuse('BODY_INVALID', 'sensor', `sensor: is no text of 1 to ${LONGEST_NAME} characters`, sensor);
  if (typeof metric !== 'string' || metric === '' || metric.length > LONGEST_NAME)
    return refuse('BODY_INVALID', 'metric', `metric: is no text of 1 to ${LONGEST_NAME} characters`, metric);
  for (const name in given) {
    if (!PROPERTIES.has(name))
      return refuse('BODY_INVALID', 'reading', `${name.slice(0, 80)}: a reading has no such property`, name);
  }
  const metrics = metricsOf(sensor);
  if (metrics === undefined)
    return refuse('UNKNOWN_SENSOR', 'sensor', `sensor: ${nameOf(sensor)} is no feature of a live layer that is loaded`);
  const field = metrics.get(metric);
  if (field === undefined)
    return refuse('UNKNOWN_METRIC', 'metric', `metric: this sensor measures ${[...metrics.keys()].join(', ')}`);
  if (typeof value !== 'number' || !Number.isFinite(value))
    return refuse('BODY_INVALID', 'value', 'value: is no finite number');
  const [least, most] = field.range ?? [-Infinity, Infinity];
  if (value < least || value > most)
    return refuse(
      'OUT_OF_RANGE',
      'value',
      `value: ${metric} is from ${least} to ${most} ${field.unit ?? ''}`.trimEnd(),
    );
  if (field.type === 'int' && !Number.isInteger(value))
    return refuse('OUT_OF_RANGE', 'value', `value: ${metric} is a whole number`);
  const at = instantOf(given['at']);
  if (at === undefined)
    return refuse('BODY_INVALID', 'at', 'at: is neither a time with a zone nor ms since 1970', given['at']);
  if (at > now + CLOCK_TOLERANCE)
    return refuse(
      'IN_THE_FUTURE',
      'at',
      `at: is more than 5 minutes after now, ${new Date(now).toISOString()}`,
      given['at'],
    );
  if (at < oldest)
    return refuse('TOO_OLD', 'at', `at: readings are kept from ${new Date(oldest).toISOString()} on`, given['at']);
  return { sensor, metric, at, value: value === 0 ? 0 : value };
}

/** ms since 1970, whole; undefined for what is no instant. */
export function instantOf(given: unknown): number | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) && given > 0 ? given : undefined;
  if (typeof given !== 'string' || given.length > 40 || !INSTANT.test(given)) return undefined;
  const at = Date.parse(given);
  // 30 February would be 2 March.
  const isReal = new Date(`${given.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(given.slice(8, 10));
  return Number.isNaN(at) || !isReal ? undefined : at;
}

/** A name as it may be kept: PostgreSQL holds neither U+0000 nor lone surrogates. */
function nameOf(given: unknown): string {
  return typeof given === 'string' ? given.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, LONGEST_NAME) : '';
}
