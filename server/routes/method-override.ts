import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../errors.ts';
import type { AppEnv } from './router.ts';

const HEADER = 'X-HTTP-Method-Override';

/** The value of a parameter as it would stand in the address: lists with commas, objects (filters) as JSON. */
function asParameter(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map((item) => asParameter(name, item)).join(',');
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  throw new ApiError('BODY_INVALID', `${name}: must be a text, number, list or object`, { field: name, value });
}

/**
 * A POST with `X-HTTP-Method-Override: GET` is the GET of the same address, the parameters of which are the properties of
 * the body: for filters that are too long for an address. The routes do not know the difference.
 */
export function methodOverride(
  fetch: (request: Request, env: unknown) => Response | Promise<Response>,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const method = c.req.header(HEADER);
    if (method === undefined || c.req.method !== 'POST') return await next();
    if (method.toUpperCase() !== 'GET') {
      throw new ApiError('PARAMETER_INVALID', `${HEADER}: only GET is possible`, { field: HEADER, value: method });
    }
    let body: unknown;
    try {
      body = await c.req.json();
    } catch (cause) {
      throw new ApiError('BODY_MALFORMED', 'The body is not valid JSON.', { cause });
    }
    if (body === null || typeof body !== 'object' || Array.isArray(body)) {
      throw new ApiError('BODY_INVALID', 'The body must be an object of parameters.', { field: 'json' });
    }
    const url = new URL(c.req.url);
    for (const [name, value] of Object.entries(body)) url.searchParams.set(name, asParameter(name, value));
    const headers = new Headers(c.req.raw.headers);
    for (const name of [HEADER, 'Content-Type', 'Content-Length', 'Transfer-Encoding']) headers.delete(name);
    c.res = await fetch(new Request(url, { headers, signal: c.req.raw.signal }), c.env);
    return undefined;
  };
}
