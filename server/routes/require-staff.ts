import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import type { AppEnv } from './router.ts';

/** Throws `FORBIDDEN` for the public. */
export function requireStaff(c: Context<AppEnv>): void {
  if (c.var.caller.role !== 'staff') throw new ApiError('FORBIDDEN', 'Only staff and reporting systems may do this.');
}
