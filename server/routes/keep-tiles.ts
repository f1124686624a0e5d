import type { MiddlewareHandler } from 'hono';
import { acceptsGzip } from '../accepts-gzip.ts';
import { namesTag } from '../entity-tag.ts';
import type { AppEnv } from './router.ts';

/** Keeps the tiles that are answered, with the headers they are answered with, for the next who asks. */
export const keepTiles: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const made = c.var.keepTile;
  const { status } = c.res;
  if (made === undefined || (status !== 200 && status !== 204)) return;
  const headers = Object.fromEntries([...c.res.headers].filter(([name]) => name !== 'x-request-id'));
  const { pathname, search } = new URL(c.req.url);
  c.var.services.warmTiles.keep(c.var.caller.role, pathname + search, acceptsGzip(c.req.header('Accept-Encoding')), {
    ...made,
    status,
    headers,
  });
};

/**
 * Answers a tile that is kept, once it is known again which loads are live: while that was being read nobody could say whether the
 * tile is still true. Without this, every publication would have the tiles of all layers made anew.
 */
export const answerKeptTile: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { catalogue, warmTiles } = c.var.services;
  const { role } = c.var.caller;
  if (c.req.method !== 'GET' || catalogue.isFresh()) return next();
  // While the database is away nobody knows: what needs none is answered all the same.
  const isKnown = await catalogue.list(role).then(
    () => true,
    () => false,
  );
  if (!isKnown) return next();
  const { pathname, search } = new URL(c.req.url);
  const tile = warmTiles.find(role, pathname + search, acceptsGzip(c.req.header('Accept-Encoding')));
  if (tile === null) return next();
  const { status, headers, body } = tile;
  if (namesTag(c.req.header('If-None-Match'), headers['etag'] ?? '')) {
    const { 'content-type': _type, 'content-encoding': _encoding, ...rest } = headers;
    return c.body(null, 304, rest);
  }
  return status === 204 ? c.body(null, 204, headers) : c.body(new Uint8Array(body), 200, headers);
};
