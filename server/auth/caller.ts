import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../layers/access.ts';
import { ApiError } from '../errors.ts';

export interface Caller {
  role: Role;
}

/** What decides who somebody is: the part of the environment that concerns access. */
export interface AccessSettings {
  /** Role of a caller without a token. */
  defaultRole: Role;
  /** Bearer token -> role. */
  tokens: ReadonlyMap<string, Role>;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Who is asking. `authorization` is the header of that name, or null when there is none. A missing header means the
 * default role; a header that names no known token is refused (`UNAUTHORIZED`) instead of falling back, so that an
 * expired token never looks like an empty map.
 */
export function callerOf(authorization: string | null | undefined, settings: AccessSettings): Caller {
  if (authorization === null || authorization === undefined) return { role: settings.defaultRole };
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw new ApiError('UNAUTHORIZED', 'The Authorization header must be "Bearer <token>".', {
      field: 'Authorization',
    });
  }
  const given = digest(token);
  let role: Role | undefined;
  // Every token is compared, each in constant time: the time taken tells nothing about the tokens.
  for (const [known, knownRole] of settings.tokens) {
    if (timingSafeEqual(given, digest(known))) role = knownRole;
  }
  if (role === undefined) {
    throw new ApiError('UNAUTHORIZED', 'The bearer token is not known here.', { field: 'Authorization' });
  }
  return { role };
}

/** Tells one token from another in the audit without keeping it: the beginning of its SHA-256. Null without a token. */
export function tokenFingerprint(authorization: string | null | undefined): string | null {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return token === undefined ? null : digest(token).toString('hex').slice(0, 12);
}
