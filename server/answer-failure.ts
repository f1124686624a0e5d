import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { ApiError, errorBody, toApiError } from './errors.ts';

/** What is answered when something went wrong, and a word in the log when that is our fault. */
export function answerFailure(
  thrown: unknown,
  request: { method: string; path: string; id: string; log: Logger; limitMs?: number | undefined },
) {
  const error = thrown instanceof HTTPException ? fromHttpException(thrown) : toApiError(thrown, request.limitMs);
  const { method, path, id } = request;
  if (error.code === 'INTERNAL') request.log.error({ err: thrown, method, path }, 'failed');
  else if (error.status >= 500) request.log.warn({ err: thrown, path }, error.code);
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    ...(error.status === 503 ? { 'Retry-After': '2' } : {}),
    ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  };
  return { error, headers, body: errorBody(error, id) };
}

/** What Hono itself throws: malformed JSON, above all. */
function fromHttpException(thrown: HTTPException): ApiError {
  if (thrown.status === 400) {
    return new ApiError('BODY_MALFORMED', 'The body is not valid JSON.', { field: 'body', cause: thrown });
  }
  if (thrown.status === 413) return new ApiError('BODY_TOO_LARGE', 'The body is too large.', { cause: thrown });
  return toApiError(thrown);
}
