import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { importContent, removeLayer } from '../../support/user-layer.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { tilePath } from './layers-data.ts';

const ID = 'user_tile_changes';
/** Two groups of points, some kilometres apart. */
const WEST = [113.02, 22.95] as const;
const EAST = [113.12, 23.04] as const;

let db: Database;
let api: TestApi;

function delivery(change: 'none' | 'rename' | 'remove' | 'move'): string {
  const lines = [WEST, EAST].flatMap(([lon, lat], group) =>
    Array.from({ length: 20 }, (_, i) => {
      const isThat = group === 1 && i === 3;
      if (isThat && change === 'remove') return null;
      const name = isThat && change === 'rename' ? '改名' : `点${i}`;
      const shift = isThat && change === 'move' ? 2e-5 : 0;
      return `G${group}N${i},${name},${(lon + i * 1e-5 + shift).toFixed(6)},${lat}`;
    }),
  );
  return `code,name,lon,lat\n${lines.filter((line) => line !== null).join('\n')}\n`;
}

async function tagOf(at: readonly [number, number], z: number): Promise<string | null> {
  const response = await api.get(`/api/layers/${ID}/tiles/${tilePath(at, z)}`, STAFF);
  expect(response.status).toBe(200);
  return response.headers.get('ETag');
}

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db);
  await removeLayer(db, ID);
});

afterAll(async () => {
  await removeLayer(db, ID);
  await api.close();
});

it('gives new tags to the tiles that an edit touches, and to no others', async () => {
  await importContent(db, ID, 'points.csv', delivery('none'));
  await vi.waitFor(async () => expect((await api.get(`/api/layers/${ID}`, STAFF)).status).toBe(200), 10_000);
  let [west, east] = [await tagOf(WEST, 14), await tagOf(EAST, 14)];
  for (const change of ['rename', 'none', 'remove', 'none', 'move'] as const) {
    const { load } = await importContent(db, ID, 'points.csv', delivery(change), { force: true });
    await vi.waitFor(
      async () => {
        const detail = (await (await api.get(`/api/layers/${ID}`, STAFF)).json()) as { load: { id: number } };
        expect(detail.load.id).toBe(load);
        expect(await tagOf(WEST, 14)).toBe(west);
      },
      { timeout: 20_000, interval: 100 },
    );
    const next = await tagOf(EAST, 14);
    expect(next, change).not.toBe(east);
    [west, east] = [await tagOf(WEST, 14), next];
    const again = await api.get(`/api/layers/${ID}/tiles/${tilePath(WEST, 14)}`, {
      ...STAFF,
      'If-None-Match': west ?? '',
    });
    expect(again.status).toBe(304);
  }
}, 120_000);
