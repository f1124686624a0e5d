import type { MiddlewareHandler } from 'hono';
import { acceptsGzip } from '../tiles/warm-tiles.ts';
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
