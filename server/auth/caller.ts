import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../layers/access.ts';
import { ApiError } from '../errors.ts';
import { STAFF_POSTS, type Post } from './posts.ts';

/** Who a token stands for. Without posts: all that staff can hold. Without a department: any of them. */
export interface Identity {
  role: Role;
  name?: string;
  posts?: readonly Post[];
  department?: string;
}

export interface Caller {
  role: Role;
  /** As it is written into the history of an incident; the role where the token has no name. */
  name: string;
  posts: readonly Post[];
  /** Id of `layers/departments.ts`; null: not bound to one. */
  department: string | null;
}

/** What decides who somebody is: the part of the environment that concerns access. */
export interface AccessSettings {
  /** Role of a caller without a token. */
  defaultRole: Role;
  /** Bearer token -> who it stands for. */
  tokens: ReadonlyMap<string, Identity>;
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
  if (authorization === null || authorization === undefined) return toCaller({ role: settings.defaultRole });
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw new ApiError('UNAUTHORIZED', 'The Authorization header must be "Bearer <token>".', {
      field: 'Authorization',
    });
  }
  const given = digest(token);
  let identity: Identity | undefined;
  // Every token is compared, each in constant time: the time taken tells nothing about the tokens.
  for (const [known, knownIdentity] of settings.tokens) {
    if (timingSafeEqual(given, digest(known))) identity = knownIdentity;
  }
  if (identity === undefined) {
    throw new ApiError('UNAUTHORIZED', 'The bearer token is not known here.', { field: 'Authorization' });
  }
  return toCaller(identity);
}

function toCaller({ role, name, posts, department }: Identity): Caller {
  return {
    role,
    name: name ?? role,
    posts: role === 'staff' ? (posts ?? STAFF_POSTS) : [],
    department: department ?? null,
  };
}

/** Tells one token from another in the audit without keeping it: the beginning of its SHA-256. Null without a token. */
export function tokenFingerprint(authorization: string | null | undefined): string | null {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return token === undefined ? null : digest(token).toString('hex').slice(0, 12);
}
