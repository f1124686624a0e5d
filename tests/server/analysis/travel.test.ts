import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { CoverageAnswer, ReachAnswer, RouteAnswer } from '../../../server/analysis/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { gridRows, metresPerDegree, staff, staffRows } from './analysis-data.ts';

const roads = getLayer('road_centerline');
const grids = getLayer('governance_grid');
const metres = metresPerDegree(23.01);
/** Through the middle of a row of micro-grids, and through that of a column. */
const roadRows: FixtureRow[] = [
  ['L000001', 'alley', 'MULTILINESTRING((113.02 23.005,113.065 23.005,113.1 23.005))'],
  ['L000002', 'expressway', 'MULTILINESTRING((113.065 23.005,113.065 23.05))'],
].map(([road_code, road_class, wkt]) => ({ road_code, road_class, oneway: false, at: [113.065, 23.005], wkt: wkt! }));
const onDuty: FixtureRow[] = staffRows.map((row, index) => ({
  ...row,
  on_duty: index === 0,
  at: [113.025, 23.005],
  wkt: 'POINT(113.025 23.005)',
}));

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, roads, roadRows, false);
  await publishFixture(db, grids, gridRows, false);
  await publishFixture(db, staff, onDuty);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [roads, grids, staff]) await removeFixture(db, layer);
});

async function ask<T>(path: string, body: object, headers: Record<string, string> = STAFF) {
  const response = await api.send('POST', `/api/analysis/${path}`, JSON.stringify(body), headers);
  return { status: response.status, answer: (await response.json()) as T };
}

describe('routes', () => {
  it('drive by the class of the road, and may be asked for by anybody', async () => {
    const points = [
      [113.03, 23.005],
      [113.065, 23.04],
    ];
    const { status, answer } = await ask<RouteAnswer>('route', { points, mode: 'drive' }, {});
    expect(status).toBe(200);
    const [alley, fast] = [0.035 * metres.lon, 0.035 * metres.lat];
    expect(answer.metres / (alley + fast)).toBeCloseTo(1, 3);
    expect(answer.seconds / (alley / (10 / 3.6) + fast / (60 / 3.6))).toBeCloseTo(1, 3);
  });

  it('say which point has no road, or no way to it', async () => {
    const far = await ask('route', {
      points: [
        [113.03, 23.005],
        [113.5, 23.5],
      ],
    });
    expect(far.status).toBe(400);
    expect(far.answer).toMatchObject({ error: { code: 'BODY_INVALID', field: 'points.1' } });
    // Nobody walks on the expressway.
    const walk = await ask('route', {
      points: [
        [113.03, 23.005],
        [113.065, 23.04],
      ],
      mode: 'walk',
    });
    expect(walk.answer).toMatchObject({ error: { field: 'points.1' } });
  });
});

it('reaches as far as the time goes, and draws a strip around it', async () => {
  const { status, answer } = await ask<ReachAnswer>('reach', { from: { point: [113.05, 23.005] }, minutes: [5, 10] });
  expect(status).toBe(200);
  expect(answer.areas.map(({ minutes }) => minutes)).toEqual([10, 5]);
  const [ten, five] = answer.areas;
  expect(five!.roadMetres / 800).toBeCloseTo(1, 2);
  expect(ten!.roadMetres / 1600).toBeCloseTo(1, 2);
  // Forty metres on either side, and round at the ends.
  expect(five!.areaM2 / (800 * 80 + Math.PI * 40 ** 2)).toBeCloseTo(1, 1);
  // The larger one is the smaller one and more, and the same as when it is asked for alone.
  const alone = await ask<ReachAnswer>('reach', { from: { point: [113.05, 23.005] }, minutes: [10] });
  expect(ten!.areaM2 / alone.answer.areas[0]!.areaM2).toBeCloseTo(1, 2);
  expect(ten!.areaM2).toBeGreaterThan(five!.areaM2 * 1.5);
  const outside = await ask<ReachAnswer>('reach', { from: { point: [113.4, 23.4] } });
  expect(outside.answer).toMatchObject({ offRoad: 1, areas: [{ geometry: null, roadMetres: 0 }] });
});

it('covers the micro-grids as far as those on duty get', async () => {
  const from = { layer: 'an_staff', filter: { field: 'on_duty', op: '=', value: true } };
  const { status, answer } = await ask<CoverageAnswer>('coverage', { from, minutes: 10 });
  expect(status).toBe(200);
  expect({ origins: answer.origins, offRoad: answer.offRoad }).toEqual({ origins: 1, offRoad: 0 });
  // One middle of a piece for each micro-grid would be too coarse for these two long pieces: the first belongs to one of them.
  const reached = (0.005 + 800 / metres.lon) / 0.08;
  expect(answer.share).toBeCloseTo(reached, 2);
  expect((await ask('coverage', { from }, {})).status).toBe(404);
});
