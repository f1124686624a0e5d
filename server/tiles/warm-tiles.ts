import { acceptsGzip } from '../accepts-gzip.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { Role } from '../../layers/access.ts';
import { namesTag } from '../entity-tag.ts';

/** A layer of a tile, and the load it was made of. */
export interface TileSource {
  layer: string;
  load: number;
}

/** A tile as it was answered. */
export interface WarmTile {
  /** Of the live versions only. */
  sources: readonly TileSource[];
  status: 200 | 204;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface WarmTilesOptions {
  /** Bytes of all tiles that are kept. */
  maxBytes: number;
  /** Whether this load of a layer is known to be live at this moment, without asking the database. */
  isLive: (source: TileSource) => boolean;
  /** Who asks. May throw: then the request goes the long way, which says what is wrong. */
  roleOf: (request: IncomingMessage) => Role;
}

/** What a kept tile costs beside its body. */
const OVERHEAD = 1024;
const TILE_PATH = /^\/api\/(?:layers\/[^/]+\/)?tiles\//;

/**
 * Tiles that were answered lately, ready to be sent again without the router, a query or the encoder. A tile is only
 * sent while every load it was made of is live, and to callers with the rights of the one it was made for. The least
 * recently used go first.
 */
export class WarmTiles {
  private readonly options: WarmTilesOptions;
  private readonly tiles = new Map<string, WarmTile>();
  private bytes = 0;

  constructor(options: WarmTilesOptions) {
    this.options = options;
  }

  /** Bytes kept now. */
  get size(): number {
    return this.bytes;
  }

  get count(): number {
    return this.tiles.size;
  }

  /** @param url path and query as it was asked for */
  keep(role: Role, url: string, acceptsGzip: boolean, tile: WarmTile): void {
    const { maxBytes } = this.options;
    const cost = tile.body.length + OVERHEAD;
    // One giant must not push out all the others.
    if (cost > maxBytes / 8) return;
    const key = keyOf(role, url, acceptsGzip);
    this.drop(key);
    this.tiles.set(key, tile);
    this.bytes += cost;
    for (const oldest of this.tiles.keys()) {
      if (this.bytes <= maxBytes) break;
      this.drop(oldest);
    }
  }

  /** The tile for a request, if it is kept and still true. */
  find(role: Role, url: string, acceptsGzip: boolean): WarmTile | null {
    const key = keyOf(role, url, acceptsGzip);
    const tile = this.tiles.get(key);
    if (tile === undefined) return null;
    if (!tile.sources.every(this.options.isLive)) {
      this.drop(key);
      return null;
    }
    // To the end of the line of those that go.
    this.tiles.delete(key);
    this.tiles.set(key, tile);
    return tile;
  }

  /** Answers a request from what is kept. @returns false when it has to go the long way */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { url, method, headers } = request;
    if (method !== 'GET' || url === undefined || !TILE_PATH.test(url)) return false;
    let role: Role;
    try {
      role = this.options.roleOf(request);
    } catch {
      return false;
    }
    const tile = this.find(role, url, acceptsGzip(headers['accept-encoding']));
    if (tile === null) return false;
    if (namesTag(headers['if-none-match'], tile.headers['etag'] ?? '')) {
      const { 'content-type': _type, 'content-encoding': _encoding, ...rest } = tile.headers;
      response.writeHead(304, { ...rest, 'x-request-id': randomUUID() }).end();
      return true;
    }
    const length = tile.status === 200 ? { 'content-length': tile.body.length } : {};
    response.writeHead(tile.status, { ...tile.headers, ...length, 'x-request-id': randomUUID() });
    response.end(tile.status === 200 ? tile.body : undefined);
    return true;
  }

  private drop(key: string): void {
    const tile = this.tiles.get(key);
    if (tile === undefined) return;
    this.tiles.delete(key);
    this.bytes -= tile.body.length + OVERHEAD;
  }
}

function keyOf(role: Role, url: string, gzip: boolean): string {
  return `${role} ${gzip ? 'gzip' : 'plain'} ${url}`;
}
