import type { Context } from 'hono';
import type { AppEnv } from './router.ts';

/** Scheme and host that links in an answer begin with: those of the setting `PUBLIC_URL`, else of the request. */
export function originOf(c: Context<AppEnv>): string {
  return c.var.services.publicUrl ?? new URL(c.req.url).origin;
}

/** The address of the request as the caller knows it. */
export function addressOf(c: Context<AppEnv>): string {
  const { pathname, search } = new URL(c.req.url);
  return `${originOf(c)}${pathname}${search}`;
}
