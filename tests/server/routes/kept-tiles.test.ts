import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { Catalogue } from '../../../server/catalogue.ts';
import { answerKeptTile, keepTiles } from '../../../server/routes/keep-tiles.ts';
import type { AppEnv } from '../../../server/routes/router.ts';
import type { Services } from '../../../server/services.ts';
import { WarmTiles } from '../../../server/tiles/warm-tiles.ts';

it('sends a kept tile again once it is known what is live, and does not make it anew for that', async () => {
  let [isFresh, live, read, made] = [true, 7, 0, 0];
  const catalogue: Pick<Catalogue, 'isFresh' | 'list'> = {
    isFresh: () => isFresh,
    async list() {
      read++;
      isFresh = true;
      return [];
    },
  };
  const warmTiles = new WarmTiles({
    maxBytes: 1e6,
    isLive: ({ load }) => isFresh && load === live,
    roleOf: () => 'staff',
  });
  const app = new Hono<AppEnv>();
  app.use('*', keepTiles);
  app.use('*', async (c, next) => {
    c.set('services', { catalogue, warmTiles } as unknown as Services);
    c.set('caller', { role: 'staff' } as AppEnv['Variables']['caller']);
    await next();
  });
  app.use('*', answerKeptTile);
  app.get('/api/layers/shop/tiles/1/2/3', (c) => {
    made++;
    c.set('keepTile', { sources: [{ layer: 'shop', load: live }], body: Buffer.from(`tile of ${live}`) });
    return c.body(`tile of ${live}`, 200, {
      ETag: `W/"${live}"`,
      'Content-Type': 'application/vnd.mapbox-vector-tile',
    });
  });
  const ask = (headers: Record<string, string> = {}) =>
    app.request('http://test/api/layers/shop/tiles/1/2/3', { headers });

  expect(await (await ask()).text()).toBe('tile of 7');
  // Another layer was published: for a moment nobody knows what is live.
  isFresh = false;
  const again = await ask();
  expect([again.status, await again.text()]).toEqual([200, 'tile of 7']);
  expect(again.headers.get('Content-Type')).toBe('application/vnd.mapbox-vector-tile');
  isFresh = false;
  const known = await ask({ 'If-None-Match': 'W/"7"' });
  expect([known.status, known.headers.get('ETag'), known.headers.get('Content-Type')]).toEqual([304, 'W/"7"', null]);
  expect([made, read]).toEqual([1, 2]);
  // This one was.
  [isFresh, live] = [false, 8];
  expect(await (await ask()).text()).toBe('tile of 8');
  expect(made).toBe(2);
});
