/** The table of contents of the API: every address is here, each with contract and handler in `routes/`. */
import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { Logger } from 'pino';
import { createColumnStore } from './aggregate/column-store.ts';
import { createCounter } from './aggregate/counter.ts';
import { callerOf, type AccessSettings } from './auth/caller.ts';
import { createCatalogue } from './catalogue.ts';
import { answerWithin } from './db/answer-within.ts';
import type { Database } from './db/connect.ts';
import { ApiError, errorBody, toApiError } from './errors.ts';
import type { Intake } from './incidents/intake.ts';
import type { HubStats } from './live/options.ts';
import { findLiveLoad } from './queries/layer-state.ts';
import {
  makeBuffer,
  readCorrelation,
  readCoverage,
  readHotspots,
  readInside,
  readNearest,
  readReach,
  readRoute,
} from './routes/analysis.ts';
import { readCells, readHexagons } from './routes/counts.ts';
import { readDiff, readDiffFeatures, readDiffTile, readVersions } from './routes/diff.ts';
import { readFeature, readFeatures } from './routes/features.ts';
import { readIcon } from './routes/icons.ts';
import { incidentRoutes } from './routes/incidents.ts';
import type { RejectFile } from './reject-file.ts';
import { listLayers, readLayer } from './routes/layers.ts';
import { readLineage } from './routes/lineage.ts';
import { readLoad, readLoads } from './routes/loads.ts';
import { failure } from './routes/parameters.ts';
import { readQuality } from './routes/quality.ts';
import { readRejectFile, readRejectPlaces, readRejects } from './routes/rejects.ts';
import { createRouter } from './routes/router.ts';
import { readSchedule } from './routes/schedule.ts';
import { readHealth, readLiveStats, readStatus } from './routes/status.ts';
import { readTile, readTileJson, readTiles } from './routes/tiles.ts';
import type { Services } from './services.ts';

export type * from './analysis/contract.ts';
export type * from './contract.ts';

export interface AppOptions {
  db: Database;
  access: AccessSettings;
  log: Logger;
  /** Folder of deliveries (raster tiles). */
  dataDir: string;
  version: string;
  intake: Intake;
  hubStats?: () => HubStats | null;
  isLoading?: () => boolean;
  /** Makes the files of rows that were set aside; without it they cannot be had. */
  rejectFile?: RejectFile;
}

/** Bytes a request body may have: 5000 incidents of the longest kind. */
const LARGEST_BODY = 8 * 1024 * 1024;

const LONGEST_REQUEST_MS = 60_000;

/** Nothing is loaded from elsewhere; maplibre needs `blob:` pictures and inline styles, and no eval. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  fontSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'self'"],
  frameAncestors: ["'self'"],
};

/** The API over a database. `services` are what its handlers work with; close them with `close`. */
export function createApp(options: AppOptions) {
  const { db, access, log, dataDir, version, intake } = options;
  const catalogue = createCatalogue(db.sql, { log });
  const columnStore = createColumnStore(db.sql, (layerId) => findLiveLoad(db.sql, layerId));
  catalogue.onPublished((layerId) => columnStore.evict(layerId));
  const services: Services = {
    db,
    catalogue,
    columnStore,
    counter: createCounter(db.sql, columnStore),
    dataDir,
    version,
    isLoading: options.isLoading ?? (() => false),
    hubStats: options.hubStats ?? (() => null),
    rejectFile:
      options.rejectFile ??
      (() => {
        throw new ApiError('NOT_READY', 'This service makes no files.');
      }),
  };

  const app = createRouter();

  // Before every route.
  app.use(requestId({ generator: () => randomUUID() }));
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, xFrameOptions: 'SAMEORIGIN' }));
  app.use(compress({ contentTypeFilter: /json|javascript|css|svg|html|plain/ }));
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
  app.use('/api/*', async (c, next) => {
    await next();
    // What has no rule of its own is not for caches.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () => {
        throw new ApiError('BODY_TOO_LARGE', `The body is larger than ${LARGEST_BODY} bytes.`);
      },
    }),
  );
  app.use('/api/*', async (c, next) => {
    const type = c.req.header('Content-Type');
    const hasBody = c.req.method !== 'GET' && c.req.method !== 'HEAD' && type !== undefined;
    if (hasBody && !/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
      throw new ApiError('MEDIA_TYPE_UNSUPPORTED', `The body must be application/json, not ${type.slice(0, 100)}.`, {
        field: 'Content-Type',
        value: type,
      });
    }
    await next();
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
        return c.json(errorBody(error, c.get('requestId')), 405, { Allow: methods.join(', ') });
      },
    }),
  );

  const routes = app
    .openapiRoutes([
      // What is there
      readHealth, //     GET /healthz
      readStatus, //     GET /api/status
      readSchedule, //   GET /api/schedule
      listLayers, //     GET /api/layers
      readLayer, //      GET /api/layers/{id}

      // To draw
      readTileJson, //   GET /api/layers/{id}/tilejson
      readTile, //       GET /api/layers/{id}/tiles/{z}/{x}/{y}
      readTiles, //      GET /api/tiles/{ids}/{z}/{x}/{y}
      readIcon, //       GET /api/icons/{set}/{name}

      // To read
      readFeatures, //   GET /api/layers/{id}/features
      readFeature, //    GET /api/layers/{id}/features/{fid}

      // To count
      readHexagons, //   GET /api/layers/{id}/h3
      readCells, //      GET /api/layers/{id}/cells

      // To analyse
      readInside, //     POST /api/analysis/inside
      makeBuffer, //     POST /api/analysis/buffer
      readNearest, //    POST /api/analysis/nearest
      readHotspots, //   POST /api/analysis/hotspot
      readCorrelation, // POST /api/analysis/correlation
      readReach, //      POST /api/analysis/reach
      readRoute, //      POST /api/analysis/route
      readCoverage, //   POST /api/analysis/coverage

      // What was before
      readLineage, //    GET /api/layers/{id}/features/{fid}/lineage
      readVersions, //   GET /api/layers/{id}/versions
      readDiff, //       GET /api/layers/{id}/diff
      readDiffFeatures, // GET /api/layers/{id}/diff/features
      readDiffTile, //   GET /api/layers/{id}/diff/tiles/{z}/{x}/{y}

      // What came in, and how good it is
      readQuality, //      GET /api/quality
      readLoads, //        GET /api/loads
      readLoad, //         GET /api/loads/{id}
      readRejects, //      GET /api/loads/{id}/rejects
      readRejectFile, //   GET /api/loads/{id}/rejects/file
      readRejectPlaces, // GET /api/rejects/places

      // What happens now; GET /api/live itself, an endless stream, stands in front of this app (main.ts)
      readLiveStats, //  GET /api/live/stats
    ])
    // POST /api/incidents, POST /api/incidents/batch, GET /api/incidents, GET /api/incidents/stats,
    // GET /api/incidents/{id}, POST /api/incidents/{id}/close
    .route('/', incidentRoutes({ sql: db.sql, intake }));

  // The contract of all of the above
  routes.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  routes.openAPIRegistry.registerPath({
    method: 'get',
    path: '/api/live',
    tags: ['live'],
    summary: 'What happens from now on, as an endless event stream (Server-Sent Events)',
    description:
      'Messages are frames `{pushedAt, events: [{id, type, incident, committedAt}]}`; their id is the cursor. Named events: `hello`, `hb` (every 5 s), `reset` (read the snapshot again).',
    request: {
      query: z.object({
        since: z.string().optional().openapi({ description: 'Cursor to go on from; `Last-Event-ID` wins over it' }),
        town: z.string().optional().openapi({ description: '12-digit code: only the incidents of this town' }),
        plain: z.string().optional().openapi({ description: 'Not compressed, whatever the caller accepts' }),
      }),
    },
    responses: {
      200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
      401: failure('UNAUTHORIZED'),
    },
  });
  routes.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'One Map 一张图',
      version,
      description:
        'The map of a city district: layers, tiles, counts and live incidents. Every failure answers with the body `Error`.',
      license: { name: 'Apache-2.0' },
    },
    security: [{}, { token: [] }],
  });

  app.notFound((c) => {
    const error = new ApiError('ROUTE_NOT_FOUND', `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`);
    return c.json(errorBody(error, c.get('requestId')), 404);
  });
  app.onError((thrown, c) => {
    const id = c.get('requestId');
    const error = thrown instanceof HTTPException ? fromHttpException(thrown) : toApiError(thrown);
    const requestLog = c.get('log') ?? log;
    if (error.code === 'INTERNAL') requestLog.error({ err: thrown, method: c.req.method, path: c.req.path }, 'failed');
    else if (error.status >= 500) requestLog.warn({ err: thrown, path: c.req.path }, error.code);
    if (error.status === 503) c.header('Retry-After', '2');
    if (error.status === 401) c.header('WWW-Authenticate', 'Bearer');
    return c.json(errorBody(error, id), error.status, { 'Cache-Control': 'no-store' });
  });

  return { app: routes, services, close: () => catalogue.close() };
}

/** What Hono itself throws: malformed JSON, above all. */
function fromHttpException(thrown: HTTPException): ApiError {
  if (thrown.status === 400) {
    return new ApiError('BODY_MALFORMED', 'The body is not valid JSON.', { cause: thrown });
  }
  if (thrown.status === 413) return new ApiError('BODY_TOO_LARGE', 'The body is too large.', { cause: thrown });
  return toApiError(thrown);
}
