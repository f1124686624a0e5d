import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Role } from '../../../layers/access.ts';
import { WarmTiles, type WarmTile } from '../../../server/tiles/warm-tiles.ts';

const URL = '/api/layers/road/tiles/14/1/2?v=7';

function tile(bytes: number, load = 7, etag = 'W/"a"'): WarmTile {
  return {
    sources: [{ layer: 'road', load }],
    status: 200,
    headers: { etag, 'content-type': 'application/vnd.mapbox-vector-tile', 'content-encoding': 'gzip' },
    body: Buffer.alloc(bytes, 1),
  };
}

function warmTiles(maxBytes = 100_000, live = new Set([7])): WarmTiles {
  return new WarmTiles({
    maxBytes,
    isLive: ({ load }) => live.has(load),
    roleOf: (request) => {
      if (request.headers.authorization === 'wrong') throw new Error('unknown token');
      return (request.headers.authorization ?? 'public') as Role;
    },
  });
}

describe('WarmTiles', () => {
  it('keeps a tile for the rights and the encoding it was made for, and for no others', () => {
    const tiles = warmTiles();
    tiles.keep('staff', URL, true, tile(10));
    expect(tiles.find('staff', URL, true)?.body.length).toBe(10);
    expect(tiles.find('public', URL, true)).toBeNull();
    expect(tiles.find('staff', URL, false)).toBeNull();
    expect(tiles.find('staff', `${URL}&filter=x`, true)).toBeNull();
  });

  it('forgets a tile as soon as one of its loads is not live', () => {
    const live = new Set([7, 8]);
    const tiles = warmTiles(100_000, live);
    tiles.keep('public', URL, true, { ...tile(10), sources: [7, 8].map((load) => ({ layer: 'road', load })) });
    expect(tiles.find('public', URL, true)).not.toBeNull();
    live.delete(8);
    expect(tiles.find('public', URL, true)).toBeNull();
    expect([tiles.size, tiles.count]).toEqual([0, 0]);
    live.add(8);
    expect(tiles.find('public', URL, true)).toBeNull();
  });

  it('stays below its bytes: the least recently used go, and a giant is not kept', () => {
    const tiles = warmTiles(40_000);
    for (let i = 0; i < 8; i += 1) tiles.keep('public', `/${i}`, true, tile(3000));
    expect(tiles.count).toBe(8);
    tiles.find('public', '/0', true);
    for (let i = 8; i < 11; i += 1) tiles.keep('public', `/${i}`, true, tile(3000));
    expect(tiles.size).toBeLessThanOrEqual(40_000);
    expect(tiles.find('public', '/0', true)).not.toBeNull();
    expect(tiles.find('public', '/1', true)).toBeNull();
    tiles.keep('public', '/giant', true, tile(20_000));
    expect(tiles.find('public', '/giant', true)).toBeNull();
    // The same address again takes the place of the first.
    const before = tiles.size;
    tiles.keep('public', '/10', true, tile(3000));
    expect(tiles.size).toBe(before);
  });
});

describe('answering', () => {
  let server: Server | null = null;

  afterEach(() => server?.close());

  async function ask(
    tiles: WarmTiles,
    headers: Record<string, string> = {},
    path = URL,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; bytes: number }> {
    server?.close();
    server = createServer((request, response) => {
      if (!tiles.answer(request, response)) response.writeHead(299).end('the long way');
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      get({ port, path, headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes }));
      }).on('error', reject);
    });
  }

  it('sends bytes and headers as they were, and 304 to who has them', async () => {
    const tiles = warmTiles();
    tiles.keep('public', URL, true, tile(500));
    const answer = await ask(tiles, { 'Accept-Encoding': 'gzip, br' });
    expect(answer).toMatchObject({ status: 200, bytes: 500 });
    expect(answer.headers).toMatchObject({ etag: 'W/"a"', 'content-encoding': 'gzip', 'content-length': '500' });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    for (const tag of ['W/"a"', '"a"', '"b", "a"', '*']) {
      const again = await ask(tiles, { 'Accept-Encoding': 'gzip', 'If-None-Match': tag });
      expect(again, tag).toMatchObject({ status: 304, bytes: 0 });
      expect(again.headers).not.toHaveProperty('content-encoding');
      expect(again.headers.etag).toBe('W/"a"');
    }
    expect(await ask(tiles, { 'Accept-Encoding': 'gzip', 'If-None-Match': '"b"' })).toMatchObject({ status: 200 });
  });

  it('sends 204 for an empty tile', async () => {
    const tiles = warmTiles();
    tiles.keep('public', URL, false, { ...tile(0), status: 204 });
    expect(await ask(tiles)).toMatchObject({ status: 204, bytes: 0 });
  });

  it('leaves everything else to the long way', async () => {
    const tiles = warmTiles();
    tiles.keep('public', URL, false, tile(10));
    tiles.keep('public', '/api/layers', false, tile(10));
    expect((await ask(tiles, { Authorization: 'wrong' })).status).toBe(299);
    expect((await ask(tiles, { Authorization: 'staff' })).status).toBe(299);
    expect((await ask(tiles, {}, '/api/layers')).status).toBe(299);
    expect((await ask(tiles)).status).toBe(200);
  });
});
