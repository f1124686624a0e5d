import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Layer } from '../../layers/define.ts';
import { namesTag } from '../entity-tag.ts';
import type { AppEnv } from './router.ts';

/** A weak entity tag of everything an answer depends on; weak because proxies may recompress. */
export function entityTag(...parts: readonly (string | number)[]): string {
  return `W/"${createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)}"`;
}

/** True when the caller has the answer with this tag already (`If-None-Match`, compared weakly). */
export function hasCurrent(c: Context<AppEnv>, tag: string): boolean {
  return namesTag(c.req.header('If-None-Match'), tag);
}

/**
 * Headers of an answer made from these layers. Public layers look the same to everybody, so shared caches may keep the
 * answer; others stay with the caller. `isImmutable`: the address names the load, so the answer never changes.
 */
export function cacheHeaders(
  layers: readonly Pick<Layer, 'sensitivity'>[],
  tag: string,
  isImmutable = false,
): Record<string, string> {
  const isPublic = layers.every((layer) => layer.sensitivity === 'public');
  return {
    ETag: tag,
    'Cache-Control': `${isPublic ? 'public' : 'private'}, ${isImmutable ? 'max-age=31536000, immutable' : 'no-cache'}`,
    Vary: isPublic ? 'Accept-Encoding' : 'Accept-Encoding, Authorization',
  };
}

/** "You have it": no body, the same headers. */
export function notModified(c: Context<AppEnv>, headers: Record<string, string>): Response {
  return c.body(null, 304, headers);
}
