/** Starts the service: `tsx server/main.ts [--dev | --api]`. Settings: `env.ts`. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { pino, type Logger } from 'pino';
import { type AppOptions, createApp } from './app.ts';
import { callerOf, type AccessSettings } from './auth/caller.ts';
import {
  connectDatabase,
  connectTo,
  withoutPassword,
  type ConnectOptions,
  type Database,
  type Sql,
} from './db/connect.ts';
import { maintain } from './db/maintain.ts';
import { migrate } from './db/migrate.ts';
import { startDemo, type Demo } from './demo.ts';
import { Duties } from './duty/duties.ts';
import { startFollowers } from './duty/follower-thread.ts';
import { readEnvironment, type Environment } from './env.ts';
import { ApiError, errorBody, isDatabaseUnreachable } from './errors.ts';
import { endsWithin } from './ends-within.ts';
import { createEtlProcess } from './etl-process.ts';
import { followGrids } from './incidents/grid-source.ts';
import { Intake } from './incidents/intake.ts';
import { takeOnIntake } from './intake/take-on-intake.ts';
import { createHub, type Hub } from './live/hub.ts';
import { createRejectFile } from './reject-file.ts';
import { takeOnGtfsFeed } from './sensors/gtfs-feed.ts';
import { takeOnDays } from './sensors/keep-days.ts';
import { MqttIntake, type MqttSettings } from './sensors/mqtt-intake.ts';
import type { ReadingIntake } from './sensors/reading-intake.ts';
import { takeOnRegister } from './sensors/register.ts';
import { takeOnSilence } from './sensors/silence.ts';
import { buildPages, servePages, waitingPage } from './pages.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** The longest a query may take on a server, ms: of the wall and every map, and of a planner. The embedded engine has no such limit. */
const WALL_TIMEOUT_MS = 15_000;
const PLANNER_TIMEOUT_MS = 30_000;
const RETRY_MS = 2000;
/** Of the intake, with two transactions in flight, and of whoever writes beside it; of the log that screens follow. */
const LIVE_CONNECTIONS = 6;
const HUB_CONNECTIONS = 2;
/**
 * How long an idle connection is kept, ms: longer than proxies keep theirs (nginx: 60 s), or a request they send on it
 * could meet its end.
 */
const KEEP_ALIVE_MS = 75_000;
/** How often the embedded database is vacuumed, ms. */
const MAINTAIN_MS = 600_000;
const SHUTDOWN_MS = 10_000;
/** How long work under way is waited for when the service ends, ms: then its connection is cut, and the database undoes it. */
const PATIENCE_MS = 2500;
/** Spread of the reconnects when this process goes down, ms. */
const RECONNECT_SPREAD_MS = 1500;

function isApi(path: string): boolean {
  return path === '/healthz' || path === '/api' || path.startsWith('/api/') || path.startsWith('/open311/');
}

/** The port the server listens on; it may have been chosen by the system. */
function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Answers while the database is being opened. */
function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  if (isApi(request.url ?? '/')) {
    const error = new ApiError('NOT_READY', 'The service is starting. Try again in a few seconds.');
    response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '2' });
    response.end(JSON.stringify(errorBody(error, 'starting')));
    return;
  }
  response.writeHead(503, { 'Content-Type': 'text/html; charset=utf-8', 'Retry-After': '2' });
  response.end(waitingPage('正在启动数据库…', 'Opening the database…'));
}

/** Connects and migrates. A server that cannot be reached yet is waited for; everything else is an error. */
async function openDatabase(options: ConnectOptions, log: Logger): Promise<Database> {
  for (;;) {
    try {
      const db = await connectDatabase(options);
      try {
        await migrate(db);
      } catch (error) {
        await db.close();
        throw error;
      }
      return db;
    } catch (error) {
      if (options.url === undefined || !isDatabaseUnreachable(error)) throw error;
      log.warn({ err: error }, 'the database cannot be reached yet');
      await sleep(RETRY_MS);
    }
  }
}

/** How long a query may take: what the URL says wins, as both drivers pass it on when they connect. */
function timeoutOf(url: string, ms: number): number {
  const own = Number(new URL(url).searchParams.get('statement_timeout') ?? NaN);
  return Number.isFinite(own) ? own : ms;
}

/** `all`: API and built dashboard; `dev`: the dashboard by Vite; `api`: the dashboard is served by somebody else. */
type Mode = 'all' | 'dev' | 'api';

interface Service {
  listener: RequestListener;
  close(): Promise<void>;
}

/**
 * Queries work alone. PostGIS functions count as so dear that a tile of some thousand shapes would get helpers on other
 * cores, which cost more to start than they save.
 */
const ALONE = { max_parallel_workers_per_gather: '0' };

interface Reads {
  options: Pick<AppOptions, 'db' | 'limitMs' | 'planner'>;
  close(): Promise<void>;
}

/**
 * Reads have connections and a time limit of their own, so that no map request can hold up the intake; planners have
 * others again, so that none of theirs can hold up a map.
 * The embedded engine is one session, whatever the pools: there a planner's requests come one at a time.
 */
async function openReads(env: Environment, db: Database, log: Logger): Promise<Reads> {
  const url = env.databaseUrl;
  if (db.engine === 'embedded' || url === undefined) {
    return { options: { db, planner: { running: 1 } }, close: async () => undefined };
  }
  const limitMs = timeoutOf(url, WALL_TIMEOUT_MS);
  const plannerMs = timeoutOf(url, PLANNER_TIMEOUT_MS);
  const base = { dataDir: env.dataDir, url };
  const wall = await openDatabase(
    { ...base, applicationName: 'onemap-read', settings: { statement_timeout: String(limitMs), ...ALONE } },
    log,
  );
  const planner = await openDatabase(
    {
      ...base,
      applicationName: 'onemap-planner',
      max: env.plannerConnections,
      settings: { statement_timeout: String(plannerMs), ...ALONE },
    },
    log,
  );
  return {
    options: {
      db: wall,
      limitMs: limitMs > 0 ? limitMs : undefined,
      planner: { db: planner, limitMs: plannerMs > 0 ? plannerMs : undefined, running: env.plannerConnections },
    },
    close: async () => {
      await Promise.allSettled([wall.close(), planner.close()]);
    },
  };
}

/** Takes readings from a broker; one that is away is waited for. */
function startMqtt(settings: MqttSettings, sql: Sql, intake: ReadingIntake, log: Logger): MqttIntake {
  const mqtt = new MqttIntake({
    ...settings,
    sql,
    intake,
    onError: (error) => log.warn({ err: error }, 'MQTT'),
    onConnection: (state) => log.info({ state, clientId: settings.clientId }, 'MQTT broker'),
  });
  mqtt.start();
  return mqtt;
}

/** Everything behind the HTTP server, once the database is open. */
async function startService(env: Environment, log: Logger, server: Server, mode: Mode): Promise<Service> {
  const base = { dataDir: env.dataDir };
  const db = await openDatabase(
    { ...base, url: env.databaseUrl, applicationName: 'onemap-live', max: LIVE_CONNECTIONS },
    log,
  );
  const reads = await openReads(env, db, log);
  log.info({ engine: db.engine, ...db.version }, 'database open');
  if (db.engine === 'embedded') {
    log.warn('the embedded database is for demos, tests and small towns; set DATABASE_URL for production');
  }
  const maintenance = setInterval(() => {
    maintain(db).catch((error: unknown) => log.error({ err: error }, 'the database could not be vacuumed'));
  }, MAINTAIN_MS);

  const access: AccessSettings = { defaultRole: env.defaultRole, tokens: env.tokens };
  const grids = await followGrids(db.sql, (error) => log.error({ err: error }, 'cannot read the micro-grids'));
  const intake = new Intake(db.sql, {
    grids: () => grids.current(),
    onRefused: (incident, error) => log.error({ err: error, key: incident.key }, 'the database refused an incident'),
  });
  // Connections of its own: a frame waits for no report, and none of them for a screen that catches up.
  const hubSql = connectTo(db.address, { max: HUB_CONNECTIONS, applicationName: 'onemap-hub' });
  const hub: Hub = await createHub(
    { sql: hubSql },
    {
      authorize: (request) => callerOf(request.headers.authorization, access).role,
      ...(env.liveRing === undefined ? {} : { ringSize: env.liveRing }),
    },
  );
  /** What one process at a time does with what only this thread has; the other duties are the followers'. */
  const duties = new Duties({
    sql: db.sql,
    isPressed: () => intake.isPressed,
    isFlooded: () => intake.isFlooded,
    onError: (duty, error) => log.error({ err: error, duty }, 'a duty failed and is tried again'),
  });
  let demo: Demo | null = null;
  const { version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { version: string };
  /** How processes that this one starts reach the same database. */
  const environment = {
    DATA_DIR: env.dataDir,
    ...(env.databaseUrl === undefined ? {} : { DATABASE_URL: env.databaseUrl }),
  };
  const { app, answerDirectly, services, warm, close } = createApp({
    ...reads.options,
    access,
    log,
    dataDir: env.dataDir,
    tileCacheBytes: env.tileCacheMb * 1e6,
    version,
    publicUrl: env.publicUrl,
    intake,
    hubStats: () => hub.stats(),
    isLoading: () => demo?.isLoading() ?? false,
    rejectFile: createRejectFile({ root: ROOT, environment }),
    readings: { sql: db.sql, keepDays: env.readingDays },
    etl: createEtlProcess({ root: ROOT, environment }),
    notify: env.notify,
    columns: { bytes: env.columnMemory, folder: resolve(env.dataDir, 'columns') },
    exports: {
      maxRows: env.exportMaxRows,
      maxDiskMb: env.exportMaxDiskMb,
      gdal: resolve(ROOT, 'etl/formats/gdal-process.mjs'),
    },
  });
  const polls = await takeOnIntake(duties, { sql: db.sql, intake, messages: services.messages, log });
  await takeOnDays(duties, env.readingDays);
  await takeOnRegister(duties, services.catalogue);
  await takeOnSilence(duties, services.catalogue);
  if (env.gtfsUrl !== undefined) await takeOnGtfsFeed(duties, services.catalogue, env.gtfsUrl, log);
  const mqtt = env.mqtt === undefined ? null : startMqtt(env.mqtt, db.sql, services.readings, log);
  void warm();
  services.search.start();
  if (mode === 'all') app.use(servePages(ROOT));
  // Last: it has much to read before it begins, and nobody waits for it.
  const followers = startFollowers({
    address: db.address,
    isPressed: () => intake.isPressed,
    isFlooded: () => intake.isFlooded,
    demo: env.demo,
    notify: env.notify,
    publicUrl: env.publicUrl,
    log,
  });
  // Who has never followed begins with what happens then: nothing may happen before. All others know where they stopped.
  const [followed] = await db.sql`select from app.duty where log_id is not null limit 1`;
  if (!followed) await followers.ready;
  const handle = getRequestListener(app.fetch);
  const answer: RequestListener = (request, response) => void handle(request, response);
  const pages = mode === 'dev' ? await startVite(server) : null;

  if (env.demo) {
    demo = await startDemo(db.sql, {
      root: ROOT,
      scale: env.demoScale,
      log,
      environment,
      url: `http://${env.host === '0.0.0.0' ? '127.0.0.1' : env.host}:${portOf(server)}`,
      token: env.defaultRole === 'staff' ? undefined : [...env.tokens].find(([, { role }]) => role === 'staff')?.[0],
    });
  }

  const ends = async (what: string, ending: Promise<unknown>): Promise<void> => {
    if (!(await endsWithin(PATIENCE_MS, ending))) log.warn({ what }, 'cut off while at work');
  };
  const layDown = async (): Promise<void> => {
    await mqtt?.close();
    await Promise.all([duties.close(), followers.close()]);
    await polls.close();
  };

  return {
    listener(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      if (path === '/api/live' && request.method === 'GET') hub.handle(request, response);
      else if (answerDirectly(request, response, answer)) return;
      else if (pages !== null && !isApi(path)) pages.listener(request, response);
      else answer(request, response);
    },
    async close() {
      demo?.stop();
      clearInterval(maintenance);
      await Promise.all([
        ends('duties', layDown()),
        ends('live tail', hub.close(RECONNECT_SPREAD_MS)),
        sleep(RECONNECT_SPREAD_MS),
      ]);
      await pages?.close();
      await ends('requests', Promise.allSettled([close(), grids.close()]));
      await Promise.allSettled([reads.close(), hubSql.end({ timeout: 1 }), db.close()]);
    },
  };
}

/** Vite with hot reloading, for `--dev`. */
async function startVite(server: Server): Promise<Service> {
  const { createServer: createVite } = await import('vite');
  const vite = await createVite({
    root: resolve(ROOT, 'web'),
    configFile: resolve(ROOT, 'vite.config.ts'),
    appType: 'spa',
    server: { middlewareMode: true, hmr: { server } },
  });
  return { listener: vite.middlewares, close: () => vite.close() };
}

async function main(): Promise<void> {
  const mode: Mode = process.argv.includes('--dev') ? 'dev' : process.argv.includes('--api') ? 'api' : 'all';
  const env = readEnvironment();
  const log = pino({ level: 'info', base: undefined });
  let listener: RequestListener = answerStarting;
  let service: Service | null = null;
  const server = createServer((request, response) => listener(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  let isStopping = false;
  async function stop(signal: string): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    const closed = new Promise<void>((done) => server.close(() => done()));
    await service?.close();
    server.closeAllConnections();
    await closed;
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(env.port, env.host, () => done());
  });
  log.info(`http://${env.host === '127.0.0.1' ? 'localhost' : env.host}:${portOf(server)}`);
  if (env.databaseUrl !== undefined) log.info(`database ${withoutPassword(env.databaseUrl)}`);

  if (mode === 'all') {
    buildPages(ROOT, log).catch((error: unknown) => log.error({ err: error }, 'the dashboard could not be built'));
  }
  service = await startService(env, log, server, mode);
  if (isStopping) await service.close();
  else listener = service.listener;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
