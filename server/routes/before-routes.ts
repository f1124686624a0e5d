import type { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Logger } from 'pino';
import { callerOf, type AccessSettings } from '../auth/caller.ts';
import { answerWithin } from '../db/answer-within.ts';
import { ApiError, errorBody } from '../errors.ts';
import { requestIdOf } from '../request-id.ts';
import { SECURE_HEADERS } from '../secure-headers.ts';
import { laneOf } from '../lanes/lane-of.ts';
import { keepRefused } from '../intake/receive.ts';
import { answerOpen311Failure, OPEN311_ROOT } from './open311.ts';
import { strictJson } from './strict-json.ts';
import { methodOverride } from './method-override.ts';
import { ATTACH_PATH } from './results.ts';
import { PROTOBUF_BODY } from './positions.ts';
import { NDJSON_BODY } from './readings.ts';
import { answerKeptTile, keepTiles } from './keep-tiles.ts';
import { LARGEST_BODY } from '../largest-body.ts';
import { LARGEST_MEDIA } from '../workflow/strip-media.ts';
import type { AppServices } from '../create-services.ts';
import { LONGEST_REQUEST_MS } from '../longest-request.ts';
import type { AppEnv } from './router.ts';

const JSON_BODY = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
/** What a body may be besides JSON, by path. */
const OTHER_BODIES: Readonly<Record<string, RegExp>> = {
  '/api/intake/cap': /^(application|text)\/([\w.+-]+\+)?xml\s*(;|$)/i,
  '/api/readings': NDJSON_BODY,
  '/api/positions': PROTOBUF_BODY,
};

/** What every request goes through before its handler: id, headers, caller, limits of its body, its lane. */
export function useBeforeRoutes(
  app: OpenAPIHono<AppEnv>,
  options: { log: Logger; access: AccessSettings; made: Pick<AppServices, 'services' | 'plannerServices' | 'lane'> },
): void {
  const { log, access } = options;
  const { services, plannerServices, lane } = options.made;
  // Before every route. Tiles are kept as they leave, with all headers.
  app.use('/api/layers/:id/tiles/*', keepTiles);
  app.use('/api/tiles/*', keepTiles);
  app.use(async (c, next) => {
    const id = requestIdOf(c.req.header('X-Request-Id'));
    c.set('requestId', id);
    c.header('X-Request-Id', id);
    await next();
  });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of SECURE_HEADERS) c.res.headers.set(name, value);
  });
  app.use(compress({ contentTypeFilter: /json|javascript|css|svg|html|plain|xml/ }));
  app.use(async (c, next) => {
    c.set('log', log.child({ requestId: c.var.requestId }));
    c.set('services', services);
    await next();
  });
  // Beyond the statement timeout: a caller is answered even when the driver has lost the query.
  app.use((_c, next) => answerWithin(LONGEST_REQUEST_MS, next()));
  app.use('/api/*', async (c, next) => {
    c.set('caller', callerOf(c.req.header('Authorization'), access));
    await next();
  });
  app.use('/api/layers/:id/tiles/*', answerKeptTile);
  app.use('/api/tiles/*', answerKeptTile);
  app.use(`${OPEN311_ROOT}/*`, async (c, next) => {
    c.set('caller', callerOf(c.req.header('Authorization'), access));
    await next();
  });
  app.use('/api/incidents', keepRefused('incidents'));
  app.use('/api/incidents/batch', keepRefused('incidents'));
  app.use('/api/reports', keepRefused('report'));
  app.use('/api/intake/cloudevents', keepRefused('cloudevents'));
  app.use('/api/intake/cap', keepRefused('cap'));
  app.use(`${OPEN311_ROOT}/*`, keepRefused('open311'));
  app.use('/api/*', async (c, next) => {
    await next();
    // What has no rule of its own is not for caches.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  const [limitJson, limitMedia] = [limitBody(LARGEST_BODY), limitBody(LARGEST_MEDIA)];
  app.use((c, next) => {
    // To look for a body makes a whole request object, a tenth of what a small tile costs.
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    return isUpload(c.req) ? limitMedia(c, next) : limitJson(c, next);
  });
  app.use('/api/*', async (c, next) => {
    const type = c.req.header('Content-Type');
    const hasBody = c.req.method !== 'GET' && c.req.method !== 'HEAD' && type !== undefined && !isUpload(c.req);
    // A file as it is.
    if (c.req.path === ATTACH_PATH) return next();
    const isAccepted = JSON_BODY.test(type ?? '') || OTHER_BODIES[c.req.path]?.test(type ?? '') === true;
    if (hasBody && !isAccepted) {
      throw new ApiError('MEDIA_TYPE_UNSUPPORTED', `The body must be application/json, not ${type.slice(0, 100)}.`, {
        field: 'Content-Type',
        value: type,
      });
    }
    await next();
  });
  app.use('/api/*', strictJson);
  // Before the lane: a request that is sent on would hold one place and wait for another.
  app.use(
    '/api/*',
    methodOverride((request, env) => app.fetch(request, env as object)),
  );
  app.use('/api/*', async (c, next) => {
    const { pathname, searchParams } = new URL(c.req.url);
    if (laneOf(pathname, searchParams) === 'wall') return next();
    const leave = await lane.enter(c.req.raw.signal);
    try {
      c.set('services', plannerServices);
      await next();
    } finally {
      leave();
    }
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const error = new ApiError(
          'METHOD_NOT_ALLOWED',
          `${c.req.method} is not possible here; ${methods.join(', ')} is.`,
          { field: 'method', value: c.req.method },
        );
        if (c.req.path.startsWith(`${OPEN311_ROOT}/`)) return answerOpen311Failure(c, error);
        return c.json(errorBody(error, c.get('requestId')), 405, { Allow: methods.join(', ') });
      },
    }),
  );
}

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new ApiError('BODY_TOO_LARGE', `The body is larger than ${maxSize} bytes.`);
    },
  });
}

/** Photos and videos come as they are, and may be larger than anything else. */
function isUpload({ method, path }: { method: string; path: string }): boolean {
  return method === 'POST' && /^\/api\/(incidents\/\d+|reports\/[^/]+)\/media$/.test(path);
}
