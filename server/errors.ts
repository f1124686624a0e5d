/**
 * Every failure a caller can see: one code, one status, one body. Handlers throw `ApiError`; `toApiError` turns what
 * libraries throw into one; the handler in `app.ts` writes it.
 */
import type { ErrorBody } from './contract/basics.ts';

export const ERROR_STATUS = {
  PARAMETER_INVALID: 400,
  BODY_INVALID: 400,
  BODY_MALFORMED: 400,
  FILTER_INVALID: 400,
  TILE_INVALID: 400,
  CURSOR_INVALID: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  ROUTE_NOT_FOUND: 404,
  LAYER_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  FEATURE_NOT_FOUND: 404,
  TILE_NOT_FOUND: 404,
  INCIDENT_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  MEDIA_NOT_FOUND: 404,
  DISPATCH_NOT_FOUND: 404,
  CANDIDATE_NOT_FOUND: 404,
  REPORT_NOT_FOUND: 404,
  ALERT_NOT_FOUND: 404,
  MESSAGE_NOT_FOUND: 404,
  FEED_NOT_FOUND: 404,
  SENSOR_NOT_FOUND: 404,
  LOAD_NOT_FOUND: 404,
  EXPORT_NOT_FOUND: 404,
  RULE_NOT_FOUND: 404,
  ALARM_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  KEY_REUSED: 409,
  INCIDENT_OVER: 409,
  DISPATCH_SETTLED: 409,
  SUBSCRIPTION_NOT_FOUND: 404,
  LETTER_NOT_FOUND: 404,
  NOT_LINKABLE: 409,
  CHANNEL_UNAVAILABLE: 409,
  MOVE_NOT_ALLOWED: 409,
  INCIDENT_CHANGED: 412,
  SOURCE_GONE: 409,
  EXPORT_NOT_READY: 409,
  RULE_NOT_TESTED: 409,
  EXPORT_TOO_LARGE: 422,
  RESULT_EMPTY: 422,
  RESULT_REFUSED: 422,
  VERSION_GONE: 410,
  REPORT_EXPIRED: 410,
  REPLAY_TOO_OLD: 410,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  OUTSIDE_DISTRICT: 422,
  UNKNOWN_CATEGORY: 422,
  IN_THE_FUTURE: 422,
  NOT_STORABLE: 422,
  REASON_REQUIRED: 422,
  ADDRESS_UNKNOWN: 422,
  LIMIT_EXCEEDED: 422,
  OVERLOADED: 429,
  TOO_MANY_REPORTS: 429,
  INTERNAL: 500,
  EXPORT_NO_SPACE: 507,
  DATABASE_UNAVAILABLE: 503,
  QUERY_TIMEOUT: 503,
  BUSY: 503,
  NOT_READY: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export interface ErrorDetails {
  /** The parameter or property at fault, e.g. `filter` or `incidents.3.lon`. */
  field?: string;
  /** The value at fault as it was received. Long text is cut in the answer. */
  value?: unknown;
  cause?: unknown;
}

export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: (typeof ERROR_STATUS)[ErrorCode];
  readonly field: string | undefined;
  readonly value: unknown;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.field = details.field;
    this.value = details.value;
  }
}

const LONGEST_VALUE = 200;

/** Values travel back to the caller, so a megabyte of rubbish is not echoed. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}… (${value.length} characters)` : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : value;
}

/** The body of an error answer. */
export function errorBody(error: ApiError, requestId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.value === undefined ? {} : { value: shorten(error.value) }),
      requestId,
    },
  };
}

/** What the driver and the operating system say when the database cannot be reached or is going down. */
const UNREACHABLE = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
]);

/** True when `error` means that the database cannot be reached now, as opposed to having refused a statement. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (UNREACHABLE.has(code) || /^08\w{3}$/.test(code))) return true;
  // The unix socket of the embedded engine is gone; a missing file has another system call.
  if (code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'connect') return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnreachable);
  return error.cause !== undefined && isDatabaseUnreachable(error.cause);
}

/**
 * Anything thrown -> what the caller is told. Unknown errors become `INTERNAL`, with the original as cause. `limitMs` is
 * how long a query of the request may take.
 */
export function toApiError(error: unknown, limitMs?: number): ApiError {
  if (error instanceof ApiError) return error;
  if (isDatabaseUnreachable(error)) {
    return new ApiError('DATABASE_UNAVAILABLE', 'The database cannot be reached. Try again in a few seconds.', {
      cause: error,
    });
  }
  if ((error as { code?: unknown } | null)?.code === '57014') {
    const limit = limitMs === undefined ? 'too long' : `longer than ${limitMs / 1000} s, which is the limit,`;
    return new ApiError('QUERY_TIMEOUT', `The query took ${limit} and was stopped. Ask for a smaller area.`, {
      cause: error,
    });
  }
  return new ApiError('INTERNAL', 'Something went wrong on the server. The request id leads to the log entry.', {
    cause: error,
  });
}
