import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Role } from '../../layers/access.ts';
import { acceptsGzip } from '../accepts-gzip.ts';
import { answerWithin } from '../db/answer-within.ts';
import { namesTag } from '../entity-tag.ts';
import { EVERYTHING } from '../filter/predicate.ts';
import { SECURE_HEADERS } from '../secure-headers.ts';
import type { Services } from '../services.ts';
import { parseTile } from '../tiles/tile.ts';
import { describeTile, makeTile, packTile, sourcesOf, type TileWanted } from './make-tile.ts';

export interface QuickTileOptions {
  services: Pick<Services, 'catalogue' | 'db' | 'lineCopies' | 'tileVersions' | 'warmTiles'>;
  /** Who asks. May throw: then the request goes the long way, which says what is wrong. */
  roleOf: (request: IncomingMessage) => Role;
  /** How long a tile may take, ms. */
  limitMs: number;
  /** What is answered when it cannot be made. */
  failure: (thrown: unknown, path: string, requestId: string) => Failure;
}

interface Failure {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** As the map asks: one layer, at most with its version. */
const PATH =
  /^\/api\/layers\/([a-z][a-z0-9_]*)\/tiles\/(\d{1,10})\/(\d{1,10})\/(\d{1,10}(?:\.mvt|\.pbf)?)(?:\?v=(\d{1,16}))?$/;

/**
 * Makes the tiles that maps ask for in front of the router: of a small tile, way and back through it took half of the
 * time. The same tile with the same headers as by the route of `tiles.ts`, which answers whatever is not as usual.
 */
export class QuickTile {
  private readonly options: QuickTileOptions;

  constructor(options: QuickTileOptions) {
    this.options = options;
  }

  /** Answers a request. @returns false when it has to go the long way */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '', headers } = request;
    if (method !== 'GET' || headers['x-request-id'] !== undefined) return false;
    const [, id, z, x, y, version] = PATH.exec(url) ?? [];
    if (id === undefined || z === undefined || x === undefined || y === undefined) return false;
    let wanted: TileWanted;
    try {
      const role = this.options.roleOf(request);
      const entry = this.options.services.catalogue.known(id, role);
      if (entry === null || entry.state === null || entry.layer.geometry === 'raster') return false;
      wanted = { role, entries: [entry], tile: parseTile(z, x, y), predicates: [EVERYTHING], isNaming: false };
    } catch {
      return false;
    }
    void this.send(request, response, wanted, version);
    return true;
  }

  private async send(
    request: IncomingMessage,
    response: ServerResponse,
    wanted: TileWanted,
    version: string | undefined,
  ): Promise<void> {
    const { services, limitMs, failure } = this.options;
    const requestId = randomUUID();
    const { url = '', headers: asked } = request;
    const common = { ...COMMON, 'x-request-id': requestId };
    try {
      const { tag, headers } = describeTile(services, wanted, version);
      if (namesTag(asked['if-none-match'], tag)) {
        response.writeHead(304, { ...common, ...lowerCase(headers) }).end();
        return;
      }
      const takesGzip = acceptsGzip(asked['accept-encoding']);
      const made = await answerWithin(limitMs, makeTile(services, wanted));
      const { status, body, headers: packing } = await packTile(made.body, takesGzip);
      const own = lowerCase({ ...headers, ...made.headers, ...packing });
      const sources = sourcesOf(wanted.entries);
      if (sources !== null) {
        const kept = { ...COMMON, ...own };
        services.warmTiles.keep(wanted.role, url, takesGzip, { sources, status, headers: kept, body });
      }
      if (status === 204) response.writeHead(204, { ...common, ...own }).end();
      else response.writeHead(200, { ...common, ...own, 'content-length': body.length }).end(body);
    } catch (thrown) {
      const { status, headers, body } = failure(thrown, url.split('?', 1)[0] ?? url, requestId);
      response.writeHead(status, { ...common, ...lowerCase(headers) }).end(body);
    }
  }
}

const COMMON = lowerCase(Object.fromEntries(SECURE_HEADERS));

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
