import type { Context } from 'hono';
import { ApiError } from '../errors.ts';

/**
 * The list that came as JSON to a route that also takes a body of another type. Such a body cannot be declared as
 * required, and where there is none the validator hands on an empty object.
 */
export function listBody(c: Context): unknown[] {
  const body: unknown = c.req.valid('json' as never);
  if (Array.isArray(body)) return body;
  throw new ApiError('BODY_INVALID', 'json: must be a list', { field: 'json' });
}
