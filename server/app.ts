/** The table of contents of the API: every address is here, each with contract and handler in `routes/`. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from '@hono/zod-openapi';
import { ApiError, errorBody } from './errors.ts';
import { refusedText } from './not-text.ts';
import { OGC_ROOT } from './ogc/links.ts';
import { readAggregate, readGroupKeys } from './routes/aggregate.ts';
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
import {
  acknowledgeDispatch,
  askCandidate,
  declineDispatch,
  readDispatches,
  readSuggestions,
} from './routes/dispatch.ts';
import { cancelExport, exportLayer, readExport, readExportFile, startExport } from './routes/exports.ts';
import { readFeature, readFeatures } from './routes/features.ts';
import { alertRoutes } from './routes/alerts.ts';
import { readFilter } from './routes/filter.ts';
import { readIcon } from './routes/icons.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { listIndicatorCases } from './routes/indicator-cases.ts';
import { readIndicatorTrend } from './routes/indicator-trend.ts';
import { listIndicators } from './routes/indicators.ts';
import { intakeRoutes } from './routes/intake.ts';
import { RateLimit, type RateLimitOptions } from './intake/rate-limit.ts';
import { readLinkChains } from './routes/link-chains.ts';
import { listLayers, readLayer } from './routes/layers.ts';
import { readLineage } from './routes/lineage.ts';
import { readLoad, readLoads } from './routes/loads.ts';
import {
  listOgcCollections,
  readOgcApi,
  readOgcCollection,
  readOgcConformance,
  readOgcLanding,
  readOgcQueryables,
  readOgcSchema,
  readOgcSortables,
} from './routes/ogc.ts';
import { readOgcItem, readOgcItems } from './routes/ogc-items.ts';
import {
  listCollectionTileSets,
  listTileMatrixSets,
  listTileSets,
  readCollectionTile,
  readCollectionTileSet,
  readOgcTiles,
  readTileMatrixSet,
  readTileSet,
} from './routes/ogc-tiles.ts';
import { openApi31 } from './routes/openapi31.ts';
import { answerOpen311Failure, OPEN311_ROOT, open311Routes } from './routes/open311.ts';
import { reportRoutes } from './routes/reports.ts';
import {
  changeSubscription,
  discardDeadLetter,
  listNotificationSubscriptions,
  makeSubscription,
  readDeadLetterList,
  readNotifications,
  retryDeadLetter,
  stopSubscription,
  testSubscription,
} from './routes/notifications.ts';
import { failure } from './routes/parameters.ts';
import { readQuality } from './routes/quality.ts';
import { QuickTile } from './routes/quick-tile.ts';
import { readValue } from './routes/raster-value.ts';
import { readRejectFile, readRejectPlaces, readRejects } from './routes/rejects.ts';
import { linkReport, readReports, readSimilarIncidents, unlinkReport } from './routes/linked-reports.ts';
import { createRouter } from './routes/router.ts';
import { search } from './routes/search.ts';
import {
  acknowledge,
  changeRule,
  clear,
  createRule,
  deleteRule,
  listAllAlarms,
  listAllRules,
  readRule,
  switchOff,
  switchOn,
  testRule,
} from './routes/rules.ts';
import { cancelResultJob, readLeftOut, readResultJob, startAttach, startOverlay, startSave } from './routes/results.ts';
import { readSchedule } from './routes/schedule.ts';
import { makeSituation, readSituation } from './routes/situation.ts';
import { readPositions, sendPositions } from './routes/positions.ts';
import { readReadingRejects, sendReadings } from './routes/readings.ts';
import { readReadings, readSensors } from './routes/sensors.ts';
import { readHealth, readLiveStats, readStatus } from './routes/status.ts';
import { readTile, readTileJson, readTileMetadata, readTiles, readTilesJson } from './routes/tiles.ts';
import { deleteLayer, listLayersOfUsers, renameLayer, restoreLayer } from './routes/user-layers.ts';
import { readWhy } from './routes/why.ts';
import {
  addComment,
  deleteMedia,
  giveTask,
  makeMove,
  rateIncident,
  reachMilestone,
  readHistory,
  readMedia,
  readWorkflow,
  stepOfTask,
  uploadMedia,
} from './routes/workflow.ts';
import { MOST_FILES_OF_REPORTER } from './workflow/media.ts';
import { answerFailure } from './answer-failure.ts';
import type { AppOptions } from './app-options.ts';
import { createServices } from './create-services.ts';
import { LONGEST_REQUEST_MS } from './longest-request.ts';
import { useBeforeRoutes } from './routes/before-routes.ts';

export type * from './api-types.ts';
export type { AppOptions, PlannerLane } from './app-options.ts';

/** A household that reports a street after a storm, not a machine. */
const REPORTS: RateLimitOptions = { most: 30, windowMs: 600_000 };

/** The API over a database. `services` are what its handlers work with; close them with `close`. */
export function createApp(options: AppOptions) {
  const { db, access, log, version, intake } = options;
  const made = createServices(options);
  const { services, directReports, roleOf } = made;
  const { warmTiles } = services;

  const quickTile = new QuickTile({
    services,
    roleOf,
    limitMs: LONGEST_REQUEST_MS,
    failure: (thrown, path, id) => {
      const requestLog = log.child({ requestId: id });
      const { error, headers, body } = answerFailure(thrown, {
        method: 'GET',
        path,
        id,
        log: requestLog,
        limitMs: options.limitMs,
      });
      return {
        status: error.status,
        headers: { ...headers, 'Content-Type': 'application/json', Vary: 'Accept-Encoding' },
        body: JSON.stringify(body),
      };
    },
  });

  const app = createRouter();
  useBeforeRoutes(app, { log, access, made });

  const reports = options.reports ?? REPORTS;
  const reportLimit = new RateLimit(reports);
  const mediaLimit = new RateLimit({ ...reports, most: reports.most * MOST_FILES_OF_REPORTER });
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
      readTileMetadata, // GET /api/layers/{id}/tiles/metadata.json, the same
      readTile, //       GET /api/layers/{id}/tiles/{z}/{x}/{y}
      readTiles, //      GET /api/tiles/{ids}/{z}/{x}/{y}
      readTilesJson, //  GET /api/tiles/{ids}/tilejson
      readIcon, //       GET /api/icons/{set}/{name}
      readValue, //      GET /api/layers/{id}/value

      // To read
      readFeatures, //   GET /api/layers/{id}/features
      readFeature, //    GET /api/layers/{id}/features/{fid}
      search, //         GET /api/search

      // What sensors say
      readSensors, //        GET /api/sensors
      readReadings, //       GET /api/sensors/{id}/readings
      sendReadings, //       POST /api/readings
      readReadingRejects, // GET /api/readings/rejects

      // Where vehicles are
      readPositions, // GET /api/positions
      sendPositions, // POST /api/positions

      // To take away
      exportLayer, //    GET /api/layers/{id}/export
      startExport, //    POST /api/exports
      readExport, //     GET /api/exports/{id}
      readExportFile, // GET /api/exports/{id}/file
      cancelExport, //   DELETE /api/exports/{id}

      // To count
      readHexagons, //   GET /api/layers/{id}/h3
      readCells, //      GET /api/layers/{id}/cells
      readAggregate, //  GET /api/layers/{id}/aggregate
      readGroupKeys, //  GET /api/layers/{id}/groups
      readFilter, //     GET /api/layers/{id}/filter

      // To analyse
      readInside, //     POST /api/analysis/inside
      makeBuffer, //     POST /api/analysis/buffer
      readNearest, //    POST /api/analysis/nearest
      readHotspots, //   POST /api/analysis/hotspot
      readCorrelation, // POST /api/analysis/correlation
      readReach, //      POST /api/analysis/reach
      readRoute, //      POST /api/analysis/route
      readCoverage, //   POST /api/analysis/coverage

      // What is around a matter
      readSituation, //  GET /api/incidents/{id}/situation
      makeSituation, //  POST /api/situation

      // Who deals with it
      readSuggestions, //     GET /api/incidents/{id}/suggestions
      readDispatches, //      GET /api/incidents/{id}/dispatches
      askCandidate, //        POST /api/incidents/{id}/dispatch
      acknowledgeDispatch, // POST /api/dispatches/{id}/acknowledge
      declineDispatch, //     POST /api/dispatches/{id}/decline
      // To keep what an analysis has made, as a layer; made in the background
      startOverlay, //   POST /api/analysis/overlay
      startSave, //      POST /api/analysis/save
      startAttach, //    POST /api/analysis/attach
      readResultJob, //  GET /api/analysis/jobs/{id}
      readLeftOut, //    GET /api/analysis/jobs/{id}/left-out
      cancelResultJob, // DELETE /api/analysis/jobs/{id}
      listLayersOfUsers, // GET /api/user-layers
      renameLayer, //    PATCH /api/user-layers/{id}
      deleteLayer, //    DELETE /api/user-layers/{id}
      restoreLayer, //   POST /api/user-layers/{id}/restore

      // What was before
      readLineage, //    GET /api/layers/{id}/features/{fid}/lineage
      readWhy, //        GET /api/layers/{id}/why
      readVersions, //   GET /api/layers/{id}/versions
      readDiff, //       GET /api/layers/{id}/diff
      readDiffFeatures, // GET /api/layers/{id}/diff/features
      readDiffTile, //   GET /api/layers/{id}/diff/tiles/{z}/{x}/{y}

      // What came in, and how good it is
      readQuality, //      GET /api/quality
      listIndicators, //     GET /api/indicators
      readIndicatorTrend, // GET /api/indicators/{indicator}/trend
      listIndicatorCases, // GET /api/indicators/{indicator}/cases
      readLinkChains, //   GET /api/quality/links
      readLoads, //        GET /api/loads
      readLoad, //         GET /api/loads/{id}
      readRejects, //      GET /api/loads/{id}/rejects
      readRejectFile, //   GET /api/loads/{id}/rejects/file
      readRejectPlaces, // GET /api/rejects/places

      // What is watched, and what was noticed
      listAllRules, // GET /api/rules
      createRule, //   POST /api/rules
      testRule, //     POST /api/rules/backtest
      readRule, //     GET /api/rules/{id}
      changeRule, //   PUT /api/rules/{id}
      deleteRule, //   DELETE /api/rules/{id}
      switchOn, //     POST /api/rules/{id}/enable
      switchOff, //    POST /api/rules/{id}/disable
      listAllAlarms, // GET /api/alarms
      acknowledge, //  POST /api/alarms/{id}/acknowledge
      clear, //        POST /api/alarms/{id}/clear

      // The same for other programs: OGC API Features and Tiles, below /api/ogc
      readOgcLanding, //         GET
      readOgcConformance, //     GET /conformance
      readOgcApi, //             GET /api, its OpenAPI 3.0 document
      listOgcCollections, //     GET /collections
      readOgcCollection, //      GET /collections/{collectionId}
      readOgcQueryables, //      GET /collections/{collectionId}/queryables
      readOgcSortables, //       GET /collections/{collectionId}/sortables
      readOgcSchema, //          GET /collections/{collectionId}/schema
      readOgcItems, //           GET /collections/{collectionId}/items
      readOgcItem, //            GET /collections/{collectionId}/items/{featureId}
      listCollectionTileSets, // GET /collections/{collectionId}/tiles
      readCollectionTileSet, //  GET /collections/{collectionId}/tiles/{tileMatrixSetId}
      readCollectionTile, //     GET /collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}
      listTileSets, //           GET /tiles
      readTileSet, //            GET /tiles/{tileMatrixSetId}
      readOgcTiles, //           GET /tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}
      listTileMatrixSets, //     GET /tileMatrixSets
      readTileMatrixSet, //      GET /tileMatrixSets/{tileMatrixSetId}

      // What becomes of incidents
      readWorkflow, //   GET /api/workflow
      readHistory, //    GET /api/incidents/{id}/history
      makeMove, //       POST /api/incidents/{id}/moves
      addComment, //     POST /api/incidents/{id}/comments
      giveTask, //       POST /api/incidents/{id}/tasks
      stepOfTask, //     POST /api/incidents/{id}/tasks/{task}/{step}
      reachMilestone, // POST /api/incidents/{id}/milestones
      uploadMedia, //    POST /api/incidents/{id}/media
      readMedia, //      GET /api/incidents/{id}/media/{media}
      deleteMedia, //    DELETE /api/incidents/{id}/media/{media}
      rateIncident, //   POST /api/incidents/{id}/satisfaction
      // Reports of the same thing
      readReports, //          GET /api/incidents/{id}/reports
      readSimilarIncidents, // GET /api/incidents/{id}/similar
      linkReport, //           POST /api/incidents/{id}/link
      unlinkReport, //         POST /api/incidents/{id}/unlink

      // Who is told of what
      readNotifications, //             GET /api/notifications
      listNotificationSubscriptions, // GET /api/notifications/subscriptions
      makeSubscription, //              POST /api/notifications/subscriptions
      changeSubscription, //            PATCH /api/notifications/subscriptions/{id}
      stopSubscription, //              DELETE /api/notifications/subscriptions/{id}
      testSubscription, //              POST /api/notifications/subscriptions/{id}/test
      readDeadLetterList, //            GET /api/notifications/dead
      retryDeadLetter, //               POST /api/notifications/dead/{letter}/retry
      discardDeadLetter, //             POST /api/notifications/dead/{letter}/discard

      // What happens now; GET /api/live itself, an endless stream, stands in front of this app (main.ts)
      readLiveStats, //  GET /api/live/stats
    ])
    // POST /api/incidents, POST /api/incidents/batch, GET /api/incidents, GET /api/incidents/stats,
    // GET /api/incidents/{id}, POST /api/incidents/{id}/close
    .route('/', incidentRoutes({ sql: db.sql, intake, directReports }))
    // GET /api/categories, POST /api/reports, GET /api/reports/{token}, POST /api/reports/{token}/rating,
    // POST /api/reports/{token}/media, GET /api/incidents/{id}/reporter
    .route('/', reportRoutes({ limit: reportLimit, mediaLimit }))
    // GET and POST /api/alerts, POST /api/alerts/preview, GET /api/alerts/cap.atom, GET /api/alerts/{id}, POST /api/alerts/{id}/cancel
    .route('/', alertRoutes())
    // POST /api/intake/cloudevents, POST /api/intake/cap, GET /api/intake/messages, GET /api/intake/messages/{id}/body,
    // GET /api/intake/feeds, PUT and DELETE /api/intake/feeds/{id}
    .route('/', intakeRoutes())
    // Open311 GeoReport v2 below /open311/v2, each as .json and .xml: discovery, services, services/{code}, requests
    // (GET and POST), requests/{id}, tokens/{token}
    .route('/', open311Routes({ access, limit: reportLimit }));

  // Programs write the address of the landing page with a slash at its end, too.
  routes.get(`${OGC_ROOT}/`, (c) => {
    const url = new URL(c.req.url);
    url.pathname = OGC_ROOT;
    return routes.fetch(new Request(url, c.req.raw));
  });

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
  routes.get('/api/openapi.json', (c) =>
    c.json(
      openApi31(routes, {
        openapi: '3.1.0',
        info: {
          title: 'One Map 一张图',
          version,
          description:
            'The map of a city district: layers, tiles, counts and live incidents. Every failure answers with the body `Error`. Any GET can be sent as POST with `X-HTTP-Method-Override: GET`, its parameters as a JSON object in the body.',
          license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
        },
        security: [{}, { token: [] }],
      }),
    ),
  );

  app.notFound((c) => {
    const error = new ApiError('ROUTE_NOT_FOUND', `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`);
    if (c.req.path.startsWith(`${OPEN311_ROOT}/`)) return answerOpen311Failure(c, error);
    return c.json(errorBody(error, c.get('requestId')), 404);
  });
  app.onError(async (raised, c) => {
    const thrown = await refusedText(c, raised);
    const id = c.get('requestId');
    const limitMs = made.limitOf(c.get('services'));
    const { method, path } = c.req;
    const { error, headers, body } = answerFailure(thrown, { method, path, id, log: c.get('log') ?? log, limitMs });
    for (const name of ['Retry-After', 'WWW-Authenticate'] as const) {
      if (headers[name] !== undefined) c.header(name, headers[name]);
    }
    if (path.startsWith(`${OPEN311_ROOT}/`)) return answerOpen311Failure(c, error);
    return c.json(body, error.status, headers);
  });

  return {
    app: routes,
    services,
    /** What is answered without the framework, which `longWay` is. @returns false when the request has to go that way */
    answerDirectly: (request: IncomingMessage, response: ServerResponse, longWay: RequestListener): boolean =>
      warmTiles.answer(request, response) ||
      quickTile.answer(request, response) ||
      directReports.answer(request, response, longWay),
    /** Of these, the tiles that maps ask for. */
    quickTile,
    warm: made.warm,
    close: made.close,
  };
}
