import { afterAll, beforeAll, expect, it } from 'vitest';
import { kAnonymity } from '../../../layers/access.ts';
import { layers } from '../../../layers/index.ts';
import type { LayerSummary } from '../../../server/app.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
beforeAll(async () => {
  district = await loadedDistrict();
  api = testApi(district.db);
});
afterAll(() => api.close());

it('withholds how many rows of a layer have no place where they are too few', async () => {
  const states = await district.db.sql<{ id: string; unlocated: number }[]>`
    select layer_id as id, unlocated from app.layer_state`;
  const unlocatedOf = new Map(states.map(({ id, unlocated }) => [id, unlocated]));
  const response = await api.get('/api/layers', STAFF);
  const { layers: answered } = (await response.json()) as { layers: LayerSummary[] };
  expect(answered.some(({ unlocated }) => (unlocated ?? 0) > 0)).toBe(true);
  for (const { id, unlocated, load } of answered) {
    const layer = layers.find((each) => each.id === id);
    if (load === null || layer === undefined) continue;
    const rows = unlocatedOf.get(id)!;
    const isFew = rows > 0 && rows < kAnonymity('staff', layer);
    expect(unlocated, id).toBe(isFew ? null : rows);
  }
});
