import { createRoute, z } from '@hono/zod-openapi';
import { Status } from '../contract/status.ts';
import { ApiError, isDatabaseUnreachable } from '../errors.ts';
import { listFeeds } from '../queries/feeds.ts';
import { listFeedStates } from '../queries/intake-feeds.ts';
import { findRunningLoad } from '../queries/layer-state.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

/** Longer than any healthy answer; a prober must not wait for a dead database's timeouts. */
const HEALTH_TIMEOUT_MS = 3000;

const Health = z.object({ status: z.enum(['ok', 'database unavailable']) }).openapi('Health');

export const readHealth = endpoint(
  createRoute({
    method: 'get',
    path: '/healthz',
    tags: ['status'],
    summary: 'Whether the service can work: 200 only while the database answers',
    responses: { 200: json(Health, 'The database answers'), 503: json(Health, 'It does not') },
  }),
  async (c) => {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), HEALTH_TIMEOUT_MS);
    });
    const answer = c.var.services.db.sql`select 1`.then(
      () => true,
      (error: unknown) => {
        if (!isDatabaseUnreachable(error)) c.var.log.error({ err: error }, 'health check failed');
        return false;
      },
    );
    const isHealthy = await Promise.race([answer, timeout]);
    clearTimeout(timer);
    return isHealthy
      ? c.json({ status: 'ok' as const }, 200, { 'Cache-Control': 'no-store' })
      : c.json({ status: 'database unavailable' as const }, 503, { 'Cache-Control': 'no-store' });
  },
);

export const readStatus = endpoint(
  createRoute({
    method: 'get',
    path: '/api/status',
    tags: ['status'],
    summary: 'What runs, what is loaded, what comes in',
    responses: { 200: json(Status, 'The status'), 503: failure('DATABASE_UNAVAILABLE') },
  }),
  async (c) => {
    const { db, catalogue, search, version, isLoading, hubStats } = c.var.services;
    const [entries, runningLayer, feeds, polled] = await Promise.all([
      catalogue.list(c.var.caller.role),
      findRunningLoad(db.sql),
      listFeeds(db.sql, c.var.caller.role),
      listFeedStates(db.sql),
    ]);
    const tables = entries.filter(({ layer }) => layer.geometry !== 'raster');
    const loaded = tables.filter(({ state }) => state !== null);
    const visible =
      runningLayer === null || tables.some(({ layer }) => layer.id === runningLayer) ? runningLayer : null;
    const live = hubStats();
    const body = {
      version,
      engine: db.engine,
      database: `PostgreSQL ${db.version.postgres}, PostGIS ${db.version.postgis}`,
      loading:
        isLoading() || runningLayer !== null ? { done: loaded.length, total: tables.length, layer: visible } : null,
      search: { pending: search.pending(entries).length, rows: search.rowsOf(entries) },
      layers: {
        defined: entries.length,
        loaded: entries.filter(({ state }) => state !== null).length,
        features: loaded.reduce((sum, { state }) => sum + (state?.rows ?? 0), 0),
      },
      feeds: feeds.map((feed) => ({ ...feed, lastEventAt: feed.lastEventAt.toISOString() })),
      polled: polled
        .filter(({ isOn }) => isOn)
        .map(({ id, title, succeededAt, isSilent }) => ({ id, title, succeededAt, isSilent })),
      live: {
        clients: live?.clients ?? 0,
        cursor: live?.cursor ?? '',
        since: new Date(live?.since ?? Date.now()).toISOString(),
      },
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
);

const LiveStats = z
  .object({
    clients: z.number().int(),
    states: z.record(z.string(), z.number().int()),
    cursor: z.string(),
    /** The log has been followed without a gap since then. */
    since: z.string(),
    ring: z.number().int(),
    queuedBytes: z.number().int(),
    frames: z.number().int(),
    parked: z.number().int(),
    resets: z.number().int(),
    killed: z.number().int(),
    resumedFromRing: z.number().int(),
    resumedFromTable: z.number().int(),
    /** Why the log cannot be read at the moment. */
    error: z.string().nullable(),
  })
  .openapi('LiveStats');

export const readLiveStats = endpoint(
  createRoute({
    method: 'get',
    path: '/api/live/stats',
    tags: ['live'],
    summary: 'The event streams of this process',
    responses: { 200: json(LiveStats, 'The figures'), 503: failure('NOT_READY: the hub does not run yet') },
  }),
  async (c) => {
    const stats = c.var.services.hubStats();
    if (stats === null) throw new ApiError('NOT_READY', 'The live hub does not run yet.');
    // What went wrong inside is for those who run the service.
    const error = stats.error === null || c.var.caller.role === 'staff' ? stats.error : 'the log cannot be read';
    return c.json({ ...stats, error, since: new Date(stats.since).toISOString() }, 200, {
      'Cache-Control': 'no-store',
    });
  },
);
