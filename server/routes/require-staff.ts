import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import type { AppEnv } from './router.ts';

/** Throws `FORBIDDEN` for the public. @param why what the public is told */
export function requireStaff(c: Context<AppEnv>, why = 'Only staff and reporting systems may do this.'): void {
  if (c.var.caller.role !== 'staff') throw new ApiError('FORBIDDEN', why);
}
