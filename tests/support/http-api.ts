import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import type { Role } from '../../layers/access.ts';
import { createApp } from '../../server/app.ts';
import type { Database } from '../../server/db/connect.ts';
import { Intake } from '../../server/incidents/intake.ts';

export interface HttpApi {
  /** `http://127.0.0.1:port`. */
  url: string;
  /** Addresses that were asked for since the last look, path and query. */
  requests: string[];
  close(): Promise<void>;
}

/** The whole API on a port of its own, for programs that speak HTTP. Callers are staff unless told otherwise. */
export async function startHttpApi(db: Database, defaultRole: Role = 'staff'): Promise<HttpApi> {
  const { app, close } = createApp({
    db,
    log: pino({ level: 'silent' }),
    access: { defaultRole, tokens: new Map() },
    dataDir: '/nonexistent',
    version: '0.0.0-test',
    intake: new Intake(db.sql, { grids: () => undefined }),
  });
  const requests: string[] = [];
  const answer = getRequestListener(app.fetch);
  const server = http.createServer((request, response) => {
    requests.push(request.url ?? '');
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      await close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
