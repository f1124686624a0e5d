import type { Context, Next } from 'hono';
import { checkJson, readText } from '../intake/read-text.ts';
import type { AppEnv } from './router.ts';

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Bodies of JSON are UTF-8, say each name once and end somewhere: else a check could see another value than the one that
 * is stored. The body stays to be read by whoever comes next.
 */
export async function strictJson(c: Context<AppEnv>, next: Next): Promise<void> {
  const { method } = c.req;
  if (method !== 'GET' && method !== 'HEAD' && JSON_TYPE.test(c.req.header('Content-Type') ?? '')) {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (bytes.length > 0) checkJson(readText(bytes));
  }
  await next();
}
