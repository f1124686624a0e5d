import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Database } from '../../server/db/connect.ts';
import { createHub, type Hub } from '../../server/live/hub.ts';
import type { HubOptions } from '../../server/live/options.ts';

export interface LiveServer {
  hub: Hub;
  url: string;
  close(): Promise<void>;
}

/** A hub behind an HTTP server of its own, on a free port of 127.0.0.1. Callers are staff unless told otherwise. */
export async function startLiveServer(db: Database, options: Partial<HubOptions> = {}): Promise<LiveServer> {
  const hub = await createHub(db, { authorize: () => 'staff', ...options });
  const server = http.createServer((request, response) => hub.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    hub,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
