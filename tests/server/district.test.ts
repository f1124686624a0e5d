import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPointLike } from '../../layers/ddl.ts';
import { getLayer } from '../../layers/index.ts';
import type { CellCounts, HexagonCounts } from '../../server/contract/counts.ts';
import type { LayerDetail } from '../../server/contract/layers.ts';
import { parseFilter } from '../../server/filter/parse.ts';
import { sqlCount } from '../../server/queries/counts.ts';
import { loadedDistrict, type LoadedDistrict } from '../support/district.ts';
import { query, STAFF, testApi, type TestApi } from './api-fixture.ts';
import { tilePath } from './routes/layers-data.ts';

let district: LoadedDistrict;
let api: TestApi;
beforeAll(async () => {
  district = await loadedDistrict();
  api = testApi(district.db);
}, 300_000);
afterAll(() => api.close());

async function read<T>(path: string): Promise<T> {
  const response = await api.get(path, STAFF);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

function total({ counts, suppressed, unlocated }: HexagonCounts | CellCounts): number {
  const shown = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
  return shown + (suppressed.count ?? 0) + (unlocated ?? 0);
}

const FILTERS: Record<string, object[]> = {
  person: [
    { field: 'sex', op: '=', value: 'F' },
    { field: 'birth_date', op: '<', value: '1966-11-22' },
    {
      and: [
        { field: 'residence_kind', op: 'in', value: ['floating', 'resident'] },
        { bbox: [113.05, 22.98, 113.12, 23.04] },
      ],
    },
  ],
  enterprise: [
    { field: 'status', op: '=', value: 'active' },
    { not: { field: 'reg_capital_10k', op: '>', value: 500 } },
    {
      within: {
        type: 'Polygon',
        coordinates: [
          [
            [113.02, 22.97],
            [113.12, 22.99],
            [113.1, 23.06],
            [113.04, 23.05],
            [113.02, 22.97],
          ],
        ],
      },
    },
  ],
};

describe('the district', () => {
  it('has 921 micro-grids in 147 communities of 4 towns', async () => {
    const count = async (id: string) => (await read<LayerDetail>(`/api/layers/${id}`)).count;
    expect([await count('governance_grid'), await count('community_boundary'), await count('town_boundary')]).toEqual([
      921, 147, 4,
    ]);
    const cells = await read<CellCounts>('/api/layers/governance_grid/cells?by=grid');
    expect(cells.codes).toHaveLength(921);
    expect(cells.counts.every((count) => count === 1)).toBe(true);
  });

  it.each(
    Object.entries(FILTERS).flatMap(([id, filters]) => [undefined, ...filters].map((filter) => [id, filter] as const)),
  )('has as many %s in its cells as in its hexagons of any size as in its table: %j', async (id, filter) => {
    const layer = getLayer(id);
    const predicate = parseFilter(filter === undefined ? undefined : JSON.stringify(filter), layer);
    const expected = await sqlCount(district.db.sql, layer, predicate);
    expect(expected).toBeGreaterThan(50);
    for (const res of [8, 9, 10]) {
      const hexagons = await read<HexagonCounts>(`/api/layers/${id}/h3${query({ res, filter })}`);
      expect([hexagons.total, total(hexagons)]).toEqual([expected, expected]);
    }
    for (const by of ['grid', 'community', 'town']) {
      const cells = await read<CellCounts>(`/api/layers/${id}/cells${query({ by, filter })}`);
      expect([cells.total, total(cells)]).toEqual([expected, expected]);
    }
  });

  it('draws every layer: each feature of a tile is one of the table, and at the last zoom none is missing', async () => {
    const { layers } = await read<{ layers: LayerDetail[] }>('/api/layers');
    let drawn = 0;
    for (const { id, user, geometry, count, unlocated, maxzoom } of layers) {
      if (user || geometry === 'raster' || count === null || count === unlocated) continue;
      const layer = getLayer(id);
      const [row] = await district.db.sql<[{ fid: number; lon: number; lat: number }]>`
        select fid, st_x(p) as lon, st_y(p) as lat
        from (select fid, st_pointonsurface(geom) as p from ${district.db.sql(`layers.${id}`)} where geom is not null order by fid limit 1) first`;
      const path = tilePath([row.lon, row.lat], maxzoom);
      const response = await api.get(`/api/layers/${id}/tiles/${path}`, STAFF);
      expect(response.status, id).toBe(200);
      const tile = new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer()))).layers[id];
      const ids = Array.from({ length: tile?.length ?? 0 }, (_, index) => tile?.feature(index).id ?? -1);
      expect(ids, id).toContain(row.fid);
      expect(new Set(ids).size).toBe(ids.length);
      if (isPointLike(layer)) {
        const [z, x, y] = path.split('/').map(Number) as [number, number, number];
        const size = 2 ** (30 - z);
        const [found] = await district.db.sql<[{ n: number }]>`
          select count(*)::int4 as n from ${district.db.sql(`layers.${id}`)}
          where mx >= ${x * size} and mx < ${(x + 1) * size} and my >= ${y * size} and my < ${(y + 1) * size}`;
        expect(ids.length, id).toBe(found.n);
      }
      drawn++;
    }
    expect(drawn).toBeGreaterThan(34);
  });

  it('reads every feature of a layer through its pages', async () => {
    const ids = new Set<number>();
    let cursor: string | undefined;
    do {
      const page = await read<{ next: string | null; features: { id: number }[] }>(
        `/api/layers/governance_grid/features${query({ limit: 400, cursor })}`,
      );
      for (const { id } of page.features) ids.add(id);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(ids.size).toBe(921);
  });
});
