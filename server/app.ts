/** The table of contents of the API: every address is here, each with contract and handler in `routes/`. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Logger } from 'pino';
import { createColumnStore, liveLoadOf } from './aggregate/column-store.ts';
import { createCounter } from './aggregate/counter.ts';
import { createFillThread } from './aggregate/filler.ts';
import { warmColumns } from './aggregate/warm-columns.ts';
import { callerOf, type AccessSettings } from './auth/caller.ts';
import { createCatalogue } from './catalogue.ts';
import { answerWithin } from './db/answer-within.ts';
import type { Database, Sql } from './db/connect.ts';
import { ApiError, errorBody, toApiError } from './errors.ts';
import { refusedText } from './not-text.ts';
import { createAreas } from './filter/areas.ts';
import type { EtlProcess } from './etl-process.ts';
import { createExports, type ExportSettings } from './export/exports.ts';
import { DirectReports } from './incidents/direct-reports.ts';
import type { Intake } from './incidents/intake.ts';
import type { HubStats } from './live/options.ts';
import { OGC_ROOT } from './ogc/links.ts';
import { readAggregate, readGroupKeys } from './routes/aggregate.ts';
import { requestIdOf } from './request-id.ts';
import { createResults } from './results/results.ts';
import { SECURE_HEADERS } from './secure-headers.ts';
import { AnswerCache } from './routes/answer-cache.ts';
import { Lane, type LaneOptions } from './lanes/lane.ts';
import { laneOf } from './lanes/lane-of.ts';
import { createLinkChainReport } from './quality/link-chains.ts';
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
import { keepRefused } from './intake/receive.ts';
import { createAddressFinder } from './intake/find-address.ts';
import { Messages } from './intake/messages.ts';
import { RateLimit, type RateLimitOptions } from './intake/rate-limit.ts';
import type { RejectFile } from './reject-file.ts';
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
import { strictJson } from './routes/strict-json.ts';
import { methodOverride } from './routes/method-override.ts';
import { NOTHING_LEAVES, type NotifySettings } from './notify/settings.ts';
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
import { createRasterStore } from './raster/raster-store.ts';
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
import {
  ATTACH_PATH,
  cancelResultJob,
  readLeftOut,
  readResultJob,
  startAttach,
  startOverlay,
  startSave,
} from './routes/results.ts';
import { readSchedule } from './routes/schedule.ts';
import { makeSituation, readSituation } from './routes/situation.ts';
import { PROTOBUF_BODY, readPositions, sendPositions } from './routes/positions.ts';
import { NDJSON_BODY, readReadingRejects, sendReadings } from './routes/readings.ts';
import { readReadings, readSensors } from './routes/sensors.ts';
import { readHealth, readLiveStats, readStatus } from './routes/status.ts';
import { answerKeptTile, keepTiles } from './routes/keep-tiles.ts';
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
import { ReadingIntake } from './sensors/reading-intake.ts';
import { LARGEST_BODY } from './largest-body.ts';
import { createSensorList } from './sensors/sensor-list.ts';
import { createSearchIndex } from './search/search-index.ts';
import type { Services } from './services.ts';
import { noteChanges } from './tiles/note-changes.ts';
import { LineCopies } from './tiles/line-copies.ts';
import { TileVersions } from './tiles/tile-versions.ts';
import { warmCard } from './situation/warm-card.ts';
import { WarmTiles } from './tiles/warm-tiles.ts';
import { MOST_FILES_OF_REPORTER } from './workflow/media.ts';
import { createMediaStore } from './workflow/media-store.ts';
import { LARGEST_MEDIA } from './workflow/strip-media.ts';

export type * from './analysis/contract.ts';
export type * from './contract/alerts.ts';
export type * from './contract/basics.ts';
export type * from './contract/counts.ts';
export type * from './contract/exports.ts';
export type * from './contract/incidents.ts';
export type * from './contract/indicators.ts';
export type * from './contract/intake.ts';
export type * from './contract/layers.ts';
export type * from './contract/live.ts';
export type * from './contract/loads.ts';
export type * from './contract/quality.ts';
export type * from './contract/reports.ts';
export type * from './contract/search.ts';
export type * from './contract/sensors.ts';
export type * from './contract/status.ts';
export type * from './workflow/contract.ts';
export type * from './dispatch/contract.ts';
export type * from './situation/contract.ts';
export type * from './rules/contract.ts';
export type * from './duplicates/contract.ts';
export type * from './notify/contract.ts';
export type * from './results/contract.ts';
export type { AttachCounts } from './results/attach-counts.ts';
export type { Lineage } from './routes/lineage.ts';

/** The lane of requests that may ask for anything (`lanes/lane-of.ts`): what they work with, and how many at a time. */
export interface PlannerLane extends Partial<LaneOptions> {
  /** Connections of their own, so that nobody else waits for theirs; those of everybody when left out. */
  db?: Database;
  /** How long one of their queries may take, ms; undefined: no limit. */
  limitMs?: number | undefined;
}

export interface AppOptions {
  db: Database;
  /** How long a query may take, ms; undefined: no limit. Only told to callers: the database enforces it. */
  limitMs?: number | undefined;
  planner?: PlannerLane;
  access: AccessSettings;
  log: Logger;
  /** Folder of the data: published rasters are in `<dataDir>/raster`, photos of incidents in `<dataDir>/media`. */
  dataDir: string;
  version: string;
  intake: Intake;
  hubStats?: () => HubStats | null;
  isLoading?: () => boolean;
  /** Bytes of vector tiles kept ready to be sent again; default 64 MB. */
  tileCacheBytes?: number;
  /** What links in answers begin with; what the request came to when left out. */
  publicUrl?: string | undefined;
  /** Makes the files of rows that were set aside; without it they cannot be had. */
  rejectFile?: RejectFile;
  /** The columns that counts are made from. */
  columns?: {
    /** Memory for all of them, bytes; 1 GiB when left out. */
    bytes?: number;
    /** Folder of their snapshots; without it every start reads them anew. */
    folder?: string;
  };
  /** What one address may report without a token. */
  reports?: RateLimitOptions;
  /** What readings of sensors are stored through, and for how many days: connections of their own, so that no map holds them up. */
  readings?: { sql: Sql; keepDays: number };
  /** Runs commands of the loader; without it no layers can be made. */
  etl?: EtlProcess;
  /** Limits of exports, and what makes the formats of GDAL; without it there are few rows and none of those formats. */
  exports?: ExportSettings;
  /** How people are told; without it by the bell of the dashboard only. */
  notify?: NotifySettings;
}

const LONGEST_REQUEST_MS = 60_000;
/** Days that readings are kept when nobody says for how long. */
const KEEP_READINGS_DAYS = 400;

const TILE_CACHE_BYTES = 64_000_000;
/** A planner's map asks for some hundred tiles at once; most take milliseconds. */
const PLANNER_LANE: LaneOptions = { running: 4, waiting: 200, waitMs: 15_000 };

/** A household that reports a street after a storm, not a machine. */
const REPORTS: RateLimitOptions = { most: 30, windowMs: 600_000 };

const JSON_BODY = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
/** What a body may be besides JSON, by path. */
const OTHER_BODIES: Readonly<Record<string, RegExp>> = {
  '/api/intake/cap': /^(application|text)\/([\w.+-]+\+)?xml\s*(;|$)/i,
  '/api/readings': NDJSON_BODY,
  '/api/positions': PROTOBUF_BODY,
};

/** The API over a database. `services` are what its handlers work with; close them with `close`. */
export function createApp(options: AppOptions) {
  const { db, access, log, dataDir, version, intake } = options;
  const roleOf = (request: IncomingMessage) => callerOf(request.headers.authorization, access).role;
  const { bytes = 1024 ** 3, folder = null } = options.columns ?? {};
  const filler = createFillThread({ address: db.address, folder, folderBytes: bytes }, log);
  const columnStore = createColumnStore(filler, { limits: { bytes }, log, folder });
  const catalogue = createCatalogue(db.sql, {
    log,
    prepare: (layer, state) => columnStore.prepare(layer, liveLoadOf(state)),
  });
  catalogue.onPublished((layerId, _before, load) => columnStore.evict(layerId, load ?? undefined));
  const tileVersions = new TileVersions();
  noteChanges(db.sql, catalogue, tileVersions, (error) => log.warn({ err: error }, 'changed tiles are not known'));
  const warmTiles = new WarmTiles({
    maxBytes: options.tileCacheBytes ?? TILE_CACHE_BYTES,
    isLive: ({ layer, load }) => catalogue.isLive(layer, load),
    roleOf,
  });
  const directReports = new DirectReports({
    intake,
    roleOf,
  });
  const exports = createExports(db, log, dataDir, options.exports ?? { maxRows: 100_000, maxDiskMb: 256, gdal: null });
  const isLoading = options.isLoading ?? (() => false);
  const searchIndex = createSearchIndex(db, catalogue, log, isLoading);
  intake.locateBy(createAddressFinder(searchIndex, catalogue));
  const messages = new Messages(intake.sql, log);
  const { sql: readingSql, keepDays } = options.readings ?? { sql: db.sql, keepDays: KEEP_READINGS_DAYS };
  const sensors = createSensorList(readingSql, catalogue, (error) =>
    log.warn({ err: error }, 'cannot read the sensors'),
  );
  const readings = new ReadingIntake(readingSql, {
    sensors,
    keepDays,
    onError: (error) => log.error({ err: error }, 'readings: what no sender is told'),
  });
  const services: Services = {
    db,
    intake,
    messages,
    catalogue,
    columnStore,
    counter: createCounter(db.sql, columnStore),
    areas: createAreas(db.sql, catalogue),
    answers: new AnswerCache(),
    rasters: createRasterStore(join(dataDir, 'raster')),
    media: createMediaStore(join(dataDir, 'media')),
    version,
    warmTiles,
    tileVersions,
    lineCopies: new LineCopies(db.sql, log),
    publicUrl: options.publicUrl,
    isLoading,
    hubStats: options.hubStats ?? (() => null),
    linkChains: createLinkChainReport(db.sql),
    rejectFile:
      options.rejectFile ??
      (() => {
        throw new ApiError('NOT_READY', 'This service makes no files.');
      }),
    exports,
    results: createResults(db, log, exports, options.etl ?? null),
    search: searchIndex,
    readings,
    positionSql: readingSql,
    notify: options.notify ?? NOTHING_LEAVES,
  };

  const { planner = {} } = options;
  const plannerDb = planner.db ?? db;
  const lane = new Lane({ ...PLANNER_LANE, ...planner });
  const plannerServices: Services =
    plannerDb === db
      ? services
      : {
          ...services,
          db: plannerDb,
          counter: createCounter(plannerDb.sql, columnStore),
          areas: createAreas(plannerDb.sql, catalogue),
        };

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
    const limitMs = plannerDb !== db && c.get('services') === plannerServices ? planner.limitMs : options.limitMs;
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
    /** Reads the columns that were used before the last restart, and those of situation cards. */
    warm: async () => {
      await warmColumns({ catalogue, columnStore, folder, log });
      await warmCard({ db, catalogue, columnStore, log });
    },
    close: async () => {
      await Promise.allSettled([exports.close(), searchIndex.close(), readings.close(), sensors.close()]);
      await Promise.allSettled([catalogue.close(), columnStore.close()]);
    },
  };
}

/** What is answered when something went wrong, and a word in the log when that is our fault. */
function answerFailure(
  thrown: unknown,
  request: { method: string; path: string; id: string; log: Logger; limitMs?: number | undefined },
) {
  const error = thrown instanceof HTTPException ? fromHttpException(thrown) : toApiError(thrown, request.limitMs);
  const { method, path, id } = request;
  if (error.code === 'INTERNAL') request.log.error({ err: thrown, method, path }, 'failed');
  else if (error.status >= 500) request.log.warn({ err: thrown, path }, error.code);
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    ...(error.status === 503 ? { 'Retry-After': '2' } : {}),
    ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  };
  return { error, headers, body: errorBody(error, id) };
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

/** What Hono itself throws: malformed JSON, above all. */
function fromHttpException(thrown: HTTPException): ApiError {
  if (thrown.status === 400) {
    return new ApiError('BODY_MALFORMED', 'The body is not valid JSON.', { field: 'body', cause: thrown });
  }
  if (thrown.status === 413) return new ApiError('BODY_TOO_LARGE', 'The body is too large.', { cause: thrown });
  return toApiError(thrown);
}
