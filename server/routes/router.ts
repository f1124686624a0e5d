import { OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { Caller } from '../auth/caller.ts';
import { ApiError } from '../errors.ts';

/** What every handler finds in `c.var`. */
export interface AppEnv {
  Variables: {
    requestId: string;
    caller: Caller;
    log: Logger;
  };
}

/** A handler for the route it stands below: contract and handler on one screen. */
export function endpoint<const R extends RouteConfig>(route: R, handler: RouteHandler<R, AppEnv>) {
  return { route, handler };
}

/** A router whose validation failures are thrown as `ApiError` and answered by the one handler of `app.ts`. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const field = issue?.path.map(String).join('.') ?? '';
      const code = result.target === 'json' || result.target === 'form' ? 'BODY_INVALID' : 'PARAMETER_INVALID';
      throw new ApiError(code, field === '' ? (issue?.message ?? 'Invalid.') : `${field}: ${issue?.message}`, {
        field: field === '' ? result.target : field,
        value: issue?.input,
      });
    },
  });
}
