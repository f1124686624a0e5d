import type { IncomingMessage } from 'node:http';
import { OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { Caller } from '../auth/caller.ts';
import { ApiError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { WarmTile } from '../tiles/warm-tiles.ts';

/** What every handler finds in `c.env` and `c.var`. */
export interface AppEnv {
  /** The request as Node has it, where there is one. */
  Bindings: { incoming?: IncomingMessage };
  Variables: {
    requestId: string;
    caller: Caller;
    log: Logger;
    services: Services;
    /** Set by handlers that keep the messages of their channel themselves. */
    isMessageKept?: boolean;
    /** Set by handlers of tiles that may be kept: what they are made of, and their bytes. */
    keepTile?: Pick<WarmTile, 'sources' | 'body'>;
  };
}

/** A handler for the route it stands below: contract and handler on one screen. */
export function endpoint<const R extends RouteConfig>(route: R, handler: RouteHandler<R, AppEnv>) {
  return { route, handler };
}

/** The value at `path` of what was received. */
function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) value = value === null || typeof value !== 'object' ? undefined : Reflect.get(value, key);
  return value;
}

/** A router whose validation failures are thrown as `ApiError` and answered by the one handler of `app.ts`. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const isBody = result.target === 'json' || result.target === 'form';
      // What is not known is named itself, not only what holds it.
      const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
      const field = path.map(String).join('.') || result.target;
      throw new ApiError(
        isBody ? 'BODY_INVALID' : 'PARAMETER_INVALID',
        `${field}: ${issue?.message ?? 'is not valid'}`,
        {
          field,
          value: 'data' in result ? valueAt(result.data, path) : undefined,
        },
      );
    },
  });
}
