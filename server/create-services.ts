import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createColumnStore, liveLoadOf } from './aggregate/column-store.ts';
import { createCounter } from './aggregate/counter.ts';
import { createFillThread } from './aggregate/filler.ts';
import { warmColumns } from './aggregate/warm-columns.ts';
import { callerOf } from './auth/caller.ts';
import { createCatalogue } from './catalogue.ts';
import { ApiError } from './errors.ts';
import { createAreas } from './filter/areas.ts';
import { createExports } from './export/exports.ts';
import { DirectReports } from './incidents/direct-reports.ts';
import { createResults } from './results/results.ts';
import { AnswerCache } from './routes/answer-cache.ts';
import { Lane, type LaneOptions } from './lanes/lane.ts';
import { createLinkChainReport } from './quality/link-chains.ts';
import { createAddressFinder } from './intake/find-address.ts';
import { Messages } from './intake/messages.ts';
import { NOTHING_LEAVES } from './notify/settings.ts';
import { createRasterStore } from './raster/raster-store.ts';
import { ReadingIntake } from './sensors/reading-intake.ts';
import { createSensorList } from './sensors/sensor-list.ts';
import { createSearchIndex } from './search/search-index.ts';
import type { Services } from './services.ts';
import { noteChanges } from './tiles/note-changes.ts';
import { LineCopies } from './tiles/line-copies.ts';
import { TileVersions } from './tiles/tile-versions.ts';
import { warmCard } from './situation/warm-card.ts';
import { WarmTiles } from './tiles/warm-tiles.ts';
import { createMediaStore } from './workflow/media-store.ts';
import type { AppOptions } from './app-options.ts';

/** Days that readings are kept when nobody says for how long. */
const KEEP_READINGS_DAYS = 400;

const TILE_CACHE_BYTES = 64_000_000;
/** A planner's map asks for some hundred tiles at once; most take milliseconds. */
const PLANNER_LANE: LaneOptions = { running: 4, waiting: 200, waitMs: 15_000 };

export type AppServices = ReturnType<typeof createServices>;

/** What the handlers work with, for everybody and for planners, and what answers without them. Close with `close`. */
export function createServices(options: AppOptions) {
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
  const directReports = new DirectReports({ intake, roleOf });
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

  return {
    services,
    /** What requests of the planner's lane work with. */
    plannerServices,
    lane,
    directReports,
    roleOf,
    /** How long a query of these services may take, ms; undefined: no limit. */
    limitOf: (of: Services) => (plannerDb !== db && of === plannerServices ? planner.limitMs : options.limitMs),
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
