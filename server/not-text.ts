import type { Context } from 'hono';
import { ApiError } from './errors.ts';

/** What PostgreSQL says of U+0000 in text and in JSON, which hold all else. */
const REFUSED = new Set(['22021', '22P05']);

interface Found {
  path: string;
  text: string;
}

/** The first text in `value`, or name of a property, that holds U+0000. */
function findNul(value: unknown, path = ''): Found | null {
  if (typeof value === 'string') return value.includes('\0') ? { path, text: value } : null;
  if (value === null || typeof value !== 'object') return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = key.includes('\0') ? { path, text: key } : findNul(inner, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/**
 * What was thrown; when the database refused a character of what the caller sent, the caller's error instead, which names
 * where it stands.
 */
export async function refusedText(c: Context, thrown: unknown): Promise<unknown> {
  if (!REFUSED.has(String((thrown as { code?: unknown } | null)?.code))) return thrown;
  const query = findNul(c.req.query());
  // It was read before; a body that is no JSON has no property to name.
  const body = query === null ? findNul(await c.req.json().catch(() => null)) : null;
  const found = query ?? body;
  const field = found?.path || (query === null ? 'body' : 'query');
  return new ApiError(
    query === null ? 'BODY_INVALID' : 'PARAMETER_INVALID',
    `${field}: contains a character that is not text`,
    { field, value: found?.text, cause: thrown },
  );
}
