import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import type { Role } from '../../layers/access.ts';
import { createApp } from '../../server/app.ts';
import type { Identity } from '../../server/auth/caller.ts';
import type { EtlProcess } from '../../server/etl-process.ts';
import type { ExportSettings } from '../../server/export/exports.ts';
import type { Database } from '../../server/db/connect.ts';
import { Intake } from '../../server/incidents/intake.ts';
import type { RateLimitOptions } from '../../server/intake/rate-limit.ts';
import type { NotifySettings } from '../../server/notify/settings.ts';
import type { HubStats } from '../../server/live/options.ts';
import type { RejectFile } from '../../server/reject-file.ts';
import type { QuickTile } from '../../server/routes/quick-tile.ts';

export const STAFF_TOKEN = 'staff-token-for-tests';
export const PUBLIC_TOKEN = 'public-token-for-tests';
export const STAFF = { Authorization: `Bearer ${STAFF_TOKEN}` };

export interface TestApi {
  /** One request; `role` public (no token) unless headers say otherwise. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  send(method: string, path: string, body?: BodyInit, headers?: Record<string, string>): Promise<Response>;
  /** Lines the service logged at level warn and above. */
  logged: string[];
  /** For a server of its own: what answers a request. */
  fetch: (request: Request) => Response | Promise<Response>;
  /** The same over HTTP on a port of its own, as the service answers: what can be is answered before the framework. */
  overHttp(): Promise<TestApi>;
  /** What stands in front of it, for a server of its own. */
  quickTile: QuickTile;
  close(): Promise<void>;
}

/** The whole API over a database, without a socket. */
export function testApi(
  db: Database,
  options: {
    defaultRole?: Role;
    dataDir?: string;
    intake?: Intake;
    rejectFile?: RejectFile;
    hubStats?: () => HubStats | null;
    exports?: ExportSettings;
    notify?: NotifySettings;
    /** Further tokens. */
    tokens?: Record<string, Identity>;
    reports?: RateLimitOptions;
    etl?: EtlProcess;
  } = {},
): TestApi {
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
  const { app, answerDirectly, quickTile, close } = createApp({
    db,
    log,
    access: {
      defaultRole: options.defaultRole ?? 'public',
      tokens: new Map<string, Identity>([
        [STAFF_TOKEN, { role: 'staff' }],
        [PUBLIC_TOKEN, { role: 'public' }],
        ...Object.entries(options.tokens ?? {}),
      ]),
    },
    dataDir: options.dataDir ?? '/nonexistent',
    version: '0.0.0-test',
    ...(options.hubStats ? { hubStats: options.hubStats } : {}),
    ...(options.rejectFile ? { rejectFile: options.rejectFile } : {}),
    ...(options.exports ? { exports: options.exports } : {}),
    ...(options.reports ? { reports: options.reports } : {}),
    ...(options.etl ? { etl: options.etl } : {}),
    ...(options.notify ? { notify: options.notify } : {}),
    intake: options.intake ?? new Intake(db.sql, { grids: () => undefined }),
  });
  const api: TestApi = {
    ...requests(async (path, init) => app.request(path, init)),
    logged,
    fetch: app.fetch,
    overHttp: async () => {
      const handle = getRequestListener(app.fetch);
      const longWay: RequestListener = (request, response) => void handle(request, response);
      const server = createServer((request, response) => {
        if (!answerDirectly(request, response, longWay)) longWay(request, response);
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      return {
        ...api,
        ...requests((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init)),
        close: async () => {
          await close();
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        },
      };
    },
    quickTile,
    close,
  };
  return api;
}

function requests(fetch: (path: string, init: RequestInit) => Promise<Response>): Pick<TestApi, 'get' | 'send'> {
  return {
    get: (path, headers = {}) => fetch(path, { headers }),
    send: (method, path, body, headers = {}) =>
      fetch(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        // A stream is sent as it comes, which fetch wants to be told.
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      }),
  };
}

/** A query string. */
export function query(parameters: Record<string, string | number | object | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return `?${search}`;
}
