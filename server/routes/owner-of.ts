import type { Context } from 'hono';
import { tokenFingerprint } from '../auth/caller.ts';
import type { ExportOwner } from '../queries/exports.ts';
import type { AppEnv } from './router.ts';

/** Whose the files and layers are that a caller asks for. */
export function ownerOf(c: Context<AppEnv>): ExportOwner {
  return { role: c.var.caller.role, token: tokenFingerprint(c.req.header('Authorization')) };
}
