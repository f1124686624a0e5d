import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { CoverageAnswer, HotspotAnswer, NearestAnswer, ReachAnswer } from '../../../server/analysis/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import type { ResultJob } from '../../../server/results/contract.ts';
import { testDatabase } from '../../support/database.ts';
import { gridRows, hydrant, hydrantRows, metresPerDegree, staff, staffRows } from '../analysis/analysis-data.ts';
import { query, STAFF, type TestApi } from '../api-fixture.ts';
import { resultsApi, type ResultsApi } from './results-api.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { resident, residents } from '../routes/layers-data.ts';

const roads = getLayer('road_centerline');
const grids = getLayer('governance_grid');
const hydrants: Layer = { ...hydrant, id: 'ka_hydrant' };
const people: Layer = { ...resident, id: 'ka_person' };
const onDuty: Layer = { ...staff, id: 'ka_staff' };
const roadRows: FixtureRow[] = [
  {
    road_code: 'L000001',
    road_class: 'alley',
    oneway: false,
    at: [113.06, 23.005],
    wkt: 'MULTILINESTRING((113.02 23.005,113.1 23.005))',
  },
];
const places: FixtureRow[] = staffRows.map((row, index) => {
  const at: [number, number] = [113.025 + index * 0.02, 23.005];
  return { ...row, at, wkt: `POINT(${at[0]} ${at[1]})` };
});

let db: Database;
let api: TestApi;
let results: ResultsApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, roads, roadRows, false);
  await publishFixture(db, grids, gridRows, false);
  await publishFixture(db, hydrants, hydrantRows);
  await publishFixture(db, people, residents);
  await publishFixture(db, onDuty, places);
  results = await resultsApi(db);
  ({ api } = results);
});
afterAll(async () => {
  await results.close();
  for (const layer of [roads, grids, hydrants, people, onDuty]) await removeFixture(db, layer);
});

async function post<T>(path: string, body: object): Promise<{ status: number; answer: T }> {
  const response = await api.send('POST', `/api/analysis/${path}`, JSON.stringify(body), STAFF);
  return { status: response.status, answer: (await response.json()) as T };
}

async function read<T>(path: string): Promise<T> {
  return (await (await api.get(path, STAFF)).json()) as T;
}

interface Kept {
  job: ResultJob;
  layer: { sensitivity: string; geometry: string; symbology: { kind: string; field?: string } };
  rows: { geometry: { type: string; coordinates: unknown } | null; properties: Record<string, unknown> }[];
  madeOf: { operation: string; inputs: object[]; parameters: Record<string, unknown> };
}

/** Keeps a result, waits for it, and reads back what is there. */
async function keep(of: object, purpose?: string): Promise<Kept> {
  const { status, answer } = await post<ResultJob>('save', { title: '结果', of, ...(purpose ? { purpose } : {}) });
  expect(status, JSON.stringify(answer)).toBe(201);
  const job = await results.finished(answer);
  expect(job.state, JSON.stringify(job.error)).toBe('ready');
  const path = `/api/layers/${job.layer}`;
  const { features, numberMatched } = await read<{ features: Kept['rows']; numberMatched: number }>(
    `${path}/features${query({ limit: 1000, sort: 'row_no' })}`,
  );
  expect(features).toHaveLength(numberMatched);
  const { evidence } = await read<{ evidence: { madeOf: Kept['madeOf'] } }>(`${path}/why`);
  return { job, layer: await read<Kept['layer']>(path), rows: features, madeOf: evidence.madeOf };
}

it('keeps a hotspot as it was told: every cell with its outline, figures and class', async () => {
  const question = { by: 'grid', value: { layer: 'ka_hydrant' } };
  const { answer } = await post<HotspotAnswer>('hotspot', question);
  const kept = await keep({ kind: 'hotspot', ...question });
  expect(answer.codes.length).toBe(gridRows.length);
  expect(kept.rows.map(({ properties }) => properties['code'])).toEqual(answer.codes);
  kept.rows.forEach(({ geometry, properties }, index) => {
    expect(geometry?.type).toBe('MultiPolygon');
    expect(properties).toMatchObject({ value: answer.values[index], cluster: answer.classes[index] });
    expect(properties['statistic']).toBeCloseTo(answer.statistics[index]!, 9);
    expect(properties['p']).toBeCloseTo(answer.p[index]!, 9);
  });
  expect(kept.layer).toMatchObject({ sensitivity: 'internal', symbology: { kind: 'ramp', field: 'statistic' } });
  expect(kept.madeOf).toMatchObject({
    operation: 'hotspot',
    inputs: [{ side: 'a', layer: 'ka_hydrant' }, { layer: 'governance_grid' }],
    parameters: { by: 'grid', method: 'gi', n: answer.n, leftOut: 0 },
  });
});

it('keeps no cell of people whose count is withheld, and no more open than what was counted', async () => {
  const filter = { field: 'sex', op: '=', value: 'M' };
  const question = { by: 'grid', value: { layer: 'ka_person', filter } };
  const { answer } = await post<HotspotAnswer>('hotspot', question);
  expect(answer.leftOut).toBeGreaterThan(0);
  const kept = await keep({ kind: 'hotspot', ...question });
  expect(kept.rows).toHaveLength(answer.codes.length);
  expect(kept.rows.every(({ properties }) => Number(properties['value']) >= 5 || properties['value'] === 0)).toBe(true);
  expect(kept.layer.sensitivity).toBe('restricted');
  expect(kept.madeOf.parameters['leftOut']).toBe(answer.leftOut);
  expect((await api.get(`/api/layers/${kept.job.layer}`)).status).toBe(404);
});

it('keeps what is reached, an area for each number of minutes', async () => {
  const question = { from: { point: [113.05, 23.005] }, mode: 'walk', minutes: [5, 10] };
  const { answer } = await post<ReachAnswer>('reach', question);
  const kept = await keep({ kind: 'reach', ...question });
  expect(kept.rows.map(({ properties }) => properties['minutes'])).toEqual([10, 5]);
  kept.rows.forEach(({ geometry, properties }, index) => {
    expect(geometry?.type).toBe('MultiPolygon');
    expect(Number(properties['area_m2']) / answer.areas[index]!.areaM2).toBeCloseTo(1, 9);
    expect(properties['road_m']).toBe(answer.areas[index]!.roadMetres);
  });
  expect(kept.rows[1]!.properties['road_m']).toBeCloseTo(800, -1);
  expect(kept.layer.sensitivity).toBe('internal');
  // Where nobody gets to there is nothing to keep.
  const { answer: nowhere } = await post<ResultJob>('save', {
    title: 'x',
    of: { kind: 'reach', from: { point: [113.4, 23.4] } },
  });
  const job = await results.finished(nowhere);
  expect(job).toMatchObject({ state: 'failed', error: { code: 'RESULT_EMPTY' } });
});

it('keeps coverage from where people stand with a purpose only, and as personal as they are', async () => {
  const question = { from: { layer: 'ka_staff' }, mode: 'walk', minutes: 10 };
  const { answer } = await post<CoverageAnswer>('coverage', question);
  const of = { kind: 'coverage', ...question };
  const refused = await post('save', { title: 'x', of });
  expect(refused).toMatchObject({ status: 400, answer: { error: { code: 'PARAMETER_INVALID', field: 'purpose' } } });
  const kept = await keep(of, '调整值班点位');
  expect(kept.rows.map(({ properties }) => properties['code'])).toEqual(answer.codes);
  kept.rows.forEach(({ properties }, index) => {
    expect(properties['share']).toBeCloseTo(100 * answer.shares[index]!, 2);
    expect(properties['road_m']).toBe(answer.metres[index]);
  });
  expect(answer.share).toBeGreaterThan(0.3);
  expect(kept.layer).toMatchObject({ sensitivity: 'personal', symbology: { kind: 'ramp', field: 'share' } });
  const [audit] = await db.sql`select action, purpose, detail from app.audit
    where layer_id = 'ka_staff' order by audit_id desc limit 1`;
  expect(audit).toMatchObject({
    action: 'result',
    purpose: '调整值班点位',
    detail: { operation: 'coverage', rows: places.length, result: kept.job.layer },
  });
});

it('keeps the ways to what is nearest as lines, without the names that are masked', async () => {
  const question = { from: { point: [113.05, 23.005] }, to: { layer: 'ka_person' }, count: 3 };
  const { answer } = await post<NearestAnswer>('nearest', question);
  const kept = await keep({ kind: 'nearest', ...question }, '核对住户与消火栓距离');
  const [found] = answer.rows;
  expect(kept.rows.map(({ properties }) => [properties['rank_no'], properties['to_feature']])).toEqual(
    found!.neighbours.map(({ fid }, index) => [index + 1, fid]),
  );
  const metres = metresPerDegree(23.005);
  kept.rows.forEach(({ geometry, properties }, index) => {
    expect(properties['distance_m']).toBe(found!.neighbours[index]!.metres);
    const [[[west, south], [east, north]]] = geometry!.coordinates as [[[number, number], [number, number]]];
    const length = Math.hypot((east - west) * metres.lon, (north - south) * metres.lat);
    expect(length / found!.neighbours[index]!.metres).toBeCloseTo(1, 2);
  });
  expect(kept.layer).toMatchObject({ sensitivity: 'personal', geometry: 'line' });
  expect(Object.keys(kept.rows[0]!.properties)).not.toContain('to_name');
  expect(JSON.stringify(kept.rows)).not.toMatch(/欧阳|张三|P\d{9}/);
  expect(kept.madeOf.inputs).toMatchObject([{ side: 'a' }, { side: 'b', layer: 'ka_person' }]);
});
